import {
  AssayError,
  isAssayError,
  isPlainObject,
  type JsonValue,
  toJsonValue,
} from "../core/index.ts";
import type { RunArtifacts } from "./copy-artifacts.ts";

/** The tag in which MLflow looks for the tables of a run: JSON, `[{ path, type: "table" }]`. */
export const LOGGED_ARTIFACTS_TAG = "mlflow.loggedArtifacts";

export type TableRow = { readonly [column: string]: unknown };

/** Rows, or columns of equal length. */
export type TableContent = readonly TableRow[] | { readonly [column: string]: readonly unknown[] };

/** @throws {AssayError} `invalid-argument` for anything else, or columns of different lengths. */
export function rowsOfTable(table: TableContent): readonly TableRow[] {
  if (Array.isArray(table)) return table;
  const columns = Object.entries(isPlainObject(table) ? table : { table });
  if (columns.some(([, values]) => !Array.isArray(values))) {
    throw new AssayError(
      "invalid-argument",
      "Expected a table as a list of rows, one object each, or an object with a list per column",
    );
  }
  const lengths = columns.map(([, values]) => (values as readonly unknown[]).length);
  const [length = 0] = lengths;
  if (lengths.some((other) => other !== length)) {
    const found = columns.map(([name], at) => `${name} ${lengths[at]}`).join(", ");
    throw new AssayError(
      "invalid-argument",
      `Expected the columns of a table to be of one length, found ${found}`,
    );
  }
  return Array.from({ length }, (_, at) =>
    Object.fromEntries(columns.map(([name, values]) => [name, (values as unknown[])[at]])),
  );
}

/** As MLflow stores tables (pandas' "split"): one array per row, in the order of the columns. */
export interface Table {
  readonly columns: readonly string[];
  readonly data: readonly (readonly JsonValue[])[];
}

/**
 * The table that is stored at `path`, if there is one, with more rows and their columns appended.
 *
 * @throws {AssayError} `conflict` when another kind of file is there; `invalid-argument` for a table
 * in Parquet, which MLflow knows and Assay does not.
 */
export async function tableWith(
  rows: readonly TableRow[],
  artifacts: RunArtifacts,
  path: string,
): Promise<Table> {
  if (/\.parquet$/i.test(path)) {
    throw new AssayError(
      "invalid-argument",
      `Expected a table's path to end in .json, got "${path}"`,
    );
  }
  const stored = await storedTable(artifacts, path);
  const columns = [...new Set([...stored.columns, ...rows.flatMap((row) => Object.keys(row))])];
  const missing = columns.slice(stored.columns.length).map(() => null);
  return {
    columns,
    data: [
      ...stored.data.map((row) => [...row, ...missing]),
      ...rows.map((row) => columns.map((column) => toJsonValue(row[column]))),
    ],
  };
}

/** The value of {@link LOGGED_ARTIFACTS_TAG} with one more table; `undefined` when it has it already. */
export function loggedArtifactsWith(current: string | undefined, path: string): string | undefined {
  const logged = loggedArtifacts(current ?? "[]");
  if (logged.some((artifact) => artifact.path === path)) return undefined;
  return JSON.stringify([...logged, { path, type: "table" }]);
}

function loggedArtifacts(tag: string): readonly { readonly path?: unknown }[] {
  try {
    const parsed: unknown = JSON.parse(tag);
    if (Array.isArray(parsed)) return parsed;
  } catch (cause) {
    throw notLogged(cause);
  }
  throw notLogged();
}

function notLogged(cause?: unknown): AssayError {
  return new AssayError(
    "conflict",
    `Expected the tag ${LOGGED_ARTIFACTS_TAG} to be a JSON list of the run's tables, found something else; delete it`,
    { cause },
  );
}

async function storedTable({ store, uri }: RunArtifacts, path: string): Promise<Table> {
  try {
    return parsedTable(await store.read(uri, path), path);
  } catch (error) {
    if (isAssayError(error, "not-found")) return { columns: [], data: [] };
    throw error;
  }
}

function parsedTable(bytes: Uint8Array, path: string): Table {
  try {
    const { columns, data } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Table>;
    if (Array.isArray(columns) && data?.every((row) => row.length === columns.length)) {
      return { columns, data };
    }
  } catch (cause) {
    throw notTable(path, cause);
  }
  throw notTable(path);
}

function notTable(path: string, cause?: unknown): AssayError {
  return new AssayError(
    "conflict",
    `Expected a table ({ columns, data }) at "${path}" to append rows to, found something else; log to another path`,
    { cause },
  );
}
