import { CompiledQuery } from "kysely";
import type { BulkInsert, SqlValue } from "../engine.ts";

type Row = readonly SqlValue[];

// Binding costs more than inserting: a statement of many rows saves calls, and leaving out the columns
// that are null in all of them saves values. Few sizes keep the number of prepared statements small.
const SIZES = [32, 8, 1] as const;

const texts = new WeakMap<BulkInsert, Map<string, string>>();

/** INSERT statements of at most 32 rows that have the same columns in use. */
export function* sqliteInserts(insert: BulkInsert, rows: readonly Row[]): Generator<CompiledQuery> {
  const all = insert.isDense ? [...Object.keys(insert.columns).keys()] : undefined;
  for (let start = 0; start < rows.length; ) {
    const used = all ?? columnsInUse(rows[start] as Row);
    const left = all ? rows.length - start : countLike(rows, start, used);
    const size = SIZES.find((candidate) => candidate <= left) ?? 1;
    const parameters: SqlValue[] = [];
    for (let at = start; at < start + size; at++) {
      const row = rows[at] as Row;
      for (const column of used) parameters.push(row[column] as SqlValue);
    }
    yield CompiledQuery.raw(textOf(insert, used, size), parameters);
    start += size;
  }
}

function columnsInUse(row: Row): readonly number[] {
  const used: number[] = [];
  for (const [column, value] of row.entries()) if (value !== null) used.push(column);
  return used;
}

/** How many rows from `start` on use the same columns, up to the largest statement. */
function countLike(rows: readonly Row[], start: number, used: readonly number[]): number {
  const end = Math.min(rows.length, start + SIZES[0]);
  let at = start + 1;
  while (at < end && usesExactly(rows[at] as Row, used)) at++;
  return at - start;
}

function usesExactly(row: Row, used: readonly number[]): boolean {
  let next = 0;
  for (let column = 0; column < row.length; column++) {
    if (row[column] === null) continue;
    if (used[next] !== column) return false;
    next++;
  }
  return next === used.length;
}

function textOf(insert: BulkInsert, used: readonly number[], size: number): string {
  const key = `${used.join()}x${size}`;
  let known = texts.get(insert);
  if (known === undefined) {
    known = new Map();
    texts.set(insert, known);
  }
  const text = known.get(key) ?? statement(insert, used, size);
  known.set(key, text);
  return text;
}

function statement(insert: BulkInsert, used: readonly number[], size: number): string {
  const names = Object.keys(insert.columns);
  const columns = used.map((column) => `"${names[column]}"`).join(", ");
  const row = `(${used.map(() => "?").join(", ")})`;
  const values = Array<string>(size).fill(row).join(", ");
  return `insert into "${insert.table}" (${columns}) values ${values} ${insert.ending ?? ""}`;
}
