import {
  AssayError,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  nameList,
} from "../core/index.ts";
import { type RawRow, whereOf } from "./raw-row.ts";

/**
 * Where the data has what: our name, then the column. A column inside another is written with dots, and
 * so is a member of ours: `{ context: "passages", "expectations.relevant_ids": "gold.ids" }`.
 */
export interface ColumnMapping {
  readonly [name: string]: string;
}

type MutableRecord = { [column: string]: JsonValue };

/** Gives the columns of rows the names they have with us. One per pass over the data. */
export class ColumnMapper {
  readonly #columns: readonly (readonly [name: string, column: string])[];

  /** @throws {AssayError} `invalid-argument` for a mapping that is none. */
  constructor(mapping: ColumnMapping) {
    this.#columns = Object.entries(mapping);
    const wrong = this.#columns.find(([name, column]) => !isPath(name) || !isPath(column));
    if (wrong === undefined) return;
    throw new AssayError(
      "invalid-argument",
      `Expected mapping to name a column for each name, e.g. { context: "passages" }, got ${JSON.stringify(wrong[1])} for "${wrong[0]}"`,
    );
  }

  /**
   * @param isFirst - Whether to demand every column: later rows may well have gaps.
   * @throws {AssayError} `invalid-argument` for a column that the first row lacks, naming those it has.
   */
  apply(raw: RawRow, isFirst: boolean): RawRow {
    const { record, columns } = raw;
    const values = this.#columns.map(([name, column]) => {
      const value = lookUp(record, column);
      if (value === undefined && isFirst) requireColumn(raw, column, `mapping names for ${name}`);
      return value;
    });
    const mapped: MutableRecord = { ...record };
    for (const [, column] of this.#columns) delete mapped[column];
    for (const [index, [name]] of this.#columns.entries()) {
      const value = values[index];
      if (value !== undefined) put(mapped, name, value, raw);
    }
    if (columns === undefined) return { ...raw, record: mapped };
    const named = this.#columns.map(([name]) => name);
    const others = columns.filter((one) => !this.#columns.some(([, column]) => column === one));
    return { ...raw, record: mapped, columns: [...others, ...named] };
  }
}

/** @throws {AssayError} `invalid-argument` unless the source has the column, naming the columns it has. */
export function requireColumn(raw: RawRow, column: string, use: string): void {
  const columns = raw.columns ?? Object.keys(raw.record);
  if (columns.includes(column)) return;
  throw new AssayError(
    "invalid-argument",
    `${whereOf(raw)} has no column "${column}", which ${use}. Available columns: ${nameList(columns)}`,
  );
}

function isPath(path: unknown): boolean {
  return typeof path === "string" && path !== "";
}

/** A column of that very name, dots and all, or else a member of a column. */
function lookUp(record: RawRow["record"], path: string): JsonValue | undefined {
  if (Object.hasOwn(record, path)) return record[path];
  let value: JsonValue | undefined = record;
  for (const key of path.split(".")) {
    if (!isPlainObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = (value as JsonObject)[key];
  }
  return value;
}

function put(record: MutableRecord, path: string, value: JsonValue, raw: RawRow): void {
  const dot = path.indexOf(".");
  if (dot === -1) {
    record[path] = value;
    return;
  }
  const [column, rest] = [path.slice(0, dot), path.slice(dot + 1)];
  const outer = record[column] ?? {};
  if (!isPlainObject(outer)) {
    throw new AssayError(
      "invalid-argument",
      `${whereOf(raw)}: mapping puts ${path} into ${column}, which is no object`,
    );
  }
  const copy: MutableRecord = { ...(outer as JsonObject) };
  put(copy, rest, value, raw);
  record[column] = copy;
}
