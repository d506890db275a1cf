import { AssayError, canonicalJson, RUN_STATUSES, UNSCORED_REASONS } from "../../../core/index.ts";
import { checkedPath } from "../../artifacts/index.ts";
import type { ExportedRow, ExportedValue } from "../../ports/index.ts";
import { type DatasetTable, isDatasetTable } from "./dataset-tables.ts";
import { OWNED_TABLES, type OwnedTable } from "./owned-tables.ts";

export type ExportedTable = OwnedTable | DatasetTable;

export interface RowColumns {
  readonly [column: string]: {
    readonly kind: "integer" | "real" | "text";
    readonly isNullable: boolean;
  };
}

type Rules<T> = { readonly [Table in ExportedTable]?: { readonly [column: string]: T } };

const STAGES = ["active", "deleted"];
const METRIC = { is_nan: [0, 1] };

/** Columns that hold one of few values. */
const CLOSED_SETS: Rules<readonly (string | number)[]> = {
  runs: { status: RUN_STATUSES, lifecycle_stage: STAGES },
  run_metrics: METRIC,
  run_latest_metrics: METRIC,
  logged_model_metrics: METRIC,
  evaluations: { status: ["running", "finished", "incomplete", "interrupted", "failed"] },
  scores: { kind: ["n", "b", "s", "u"], reason: UNSCORED_REASONS },
  traces: { state: ["OK", "ERROR", "IN_PROGRESS"] },
  spans: { status: ["UNSET", "OK", "ERROR"] },
  assessments: { kind: ["feedback", "expectation"], valid: [0, 1] },
  logged_models: { status: ["PENDING", "READY", "UPLOAD_FAILED"], lifecycle_stage: STAGES },
  run_models: { direction: ["input", "output"] },
};

const isAny = () => true;
const isObject = (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Of a registered dataset: what its digest is over has one way to be written. */
const isCanonical = (value: unknown, text: string) => canonicalJson(value) === text;
const isCanonicalObject = (value: unknown, text: string) =>
  isObject(value) && isCanonical(value, text);

/** Columns that hold JSON, and what it has to be. */
const JSON_COLUMNS: Rules<(value: unknown, text: string) => boolean> = {
  dataset_records: {
    inputs: isCanonicalObject,
    expectations: isCanonical,
    tags: isCanonical,
    metadata: isCanonical,
    source: isCanonical,
    outputs: isCanonical,
    context: isCanonical,
  },
  evaluations: { plan: isObject, outcome: isObject },
  run_rows: { data: isObject },
  run_chunks: { ordinals: Array.isArray },
  results: {
    inputs: isAny,
    expectations: isAny,
    outputs: isAny,
    metadata: isObject,
    tags: isObject,
    other_columns: isObject,
  },
  spans: { attributes: isObject, events: areEvents, inputs: isAny, outputs: isAny },
  assessments: { value: isAny, metadata: isObject },
};

/** Names by which things are asked for, also in paths. */
const NAMES: Rules<RegExp> = {
  datasets: { dataset_id: /^d-[0-9a-f]{32}$/, name: /^(?!.*@\d+$).*\S.*$/s },
  dataset_records: { record_id: /^dr-[0-9a-f]{32}$/ },
  runs: { run_id: /^[0-9a-f]{32}$/ },
  logged_models: { model_id: /^m-[0-9a-f]{32}$/ },
  traces: { trace_id: /^tr-[\w-]{1,250}$/ },
};

/** @throws {AssayError} `invalid-argument` for what the store itself would never have written. */
export function checkRow(table: ExportedTable, columns: RowColumns, exported: ExportedRow): void {
  const { row, source = `A row of ${table}` } = exported;
  const refuse = (column: string, problem: string) => {
    throw new AssayError("invalid-argument", `${source}: ${column} ${problem}`);
  };
  const ownerColumn = isDatasetTable(table) ? "dataset" : OWNED_TABLES[table].owner.column;
  for (const column of Object.keys(row)) {
    if (!Object.hasOwn(columns, column)) refuse(column, `is no column of ${table}`);
  }
  for (const [column, { kind, isNullable }] of Object.entries(columns)) {
    const value = row[column];
    // The import gives both.
    if (column === "id" || column === "experiment_id") continue;
    if (value === undefined) {
      if (!isNullable || column === ownerColumn) refuse(column, "is missing");
      continue;
    }
    const problem = problemOf(table, column, kind, value);
    if (problem !== undefined) refuse(column, problem);
  }
}

function problemOf(
  table: ExportedTable,
  column: string,
  kind: "integer" | "real" | "text",
  value: ExportedValue,
): string | undefined {
  const isExact = table === "spans" && column.endsWith("_ns");
  if (isExact ? !isInt64(value) : !hasKind(value, kind)) {
    return `holds ${typeof value === "object" ? "an object" : `a ${typeof value}`} that is no ${kind}`;
  }
  const choices = CLOSED_SETS[table]?.[column];
  if (choices !== undefined && !choices.includes(value as string | number)) {
    return `is not one of ${choices.join(", ")}`;
  }
  const accepts = JSON_COLUMNS[table]?.[column];
  if (accepts !== undefined && !holdsJson(String(value), accepts))
    return "is not the JSON expected";
  const name = NAMES[table]?.[column];
  if (name !== undefined && !name.test(String(value))) return `is not of the form ${name.source}`;
  return column === "artifact_uri" ? problemOfPath(String(value)) : undefined;
}

function hasKind(value: ExportedValue, kind: "integer" | "real" | "text"): boolean {
  if (kind === "text") return typeof value === "string";
  if (kind === "integer") return Number.isSafeInteger(value);
  if (typeof value === "number") return Number.isFinite(value);
  const isWritten = typeof value === "object" && value !== null;
  return isWritten && ["NaN", "Infinity", "-Infinity"].includes(value.double);
}

function isInt64(value: unknown): boolean {
  if (typeof value !== "string" || !/^-?\d{1,19}$/.test(value)) return false;
  return BigInt.asIntN(64, BigInt(value)) === BigInt(value);
}

function holdsJson(text: string, accepts: (value: unknown, text: string) => boolean): boolean {
  try {
    return accepts(JSON.parse(text), text);
  } catch {
    return false;
  }
}

/** Nanoseconds travel as text there too. */
function areEvents(value: unknown): boolean {
  return Array.isArray(value) && value.every((event) => isObject(event) && isInt64(event.timeNs));
}

/** It becomes a part of a URI. */
function problemOfPath(path: string): string | undefined {
  if (/[?#]/.test(path)) return "holds a ? or #";
  try {
    checkedPath(path);
    return undefined;
  } catch {
    return "does not stay inside the experiment's location";
  }
}
