import { isPlainObject, type JsonValue } from "../core/index.ts";
import type { RawRow } from "./raw-row.ts";

/** What the rows that have been read tell of the data they are from. */
export interface SeenColumns {
  /** Of the first row, as `targets` or `mapping` would name them. */
  readonly columns: readonly string[];
  /** Whether there is a place for outputs, be it empty. */
  readonly hasOutputs: boolean;
  /** Which of `only` and `skip` stood in flat rows, where they select nothing. */
  readonly unheeded: readonly string[];
}

/** Columns whose members can be named too. */
const NESTED = ["inputs", "expectations"];

export function columnsOf({ record, columns }: RawRow): string[] {
  return (columns ?? Object.keys(record)).flatMap((column) => {
    const value = record[column];
    return NESTED.includes(column) && isPlainObject(value)
      ? Object.keys(value).map((member) => `${column}.${member}`)
      : column;
  });
}

/** `only` and `skip` as a row would have them to be chosen by; the cells of a CSV file are text. */
export function marksIn(inputs: { readonly [name: string]: JsonValue }): string[] {
  return ["only", "skip"].filter((name) => {
    const value = inputs[name];
    return typeof value === "boolean" || (typeof value === "string" && /^true$/i.test(value));
  });
}
