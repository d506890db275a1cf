import { CompiledQuery } from "kysely";
import type { BulkInsert, SqlValue } from "../engine.ts";

type Row = readonly SqlValue[];

// Binding costs more than inserting: a statement of many rows saves calls, and leaving out the columns
// that are null in all of them, or hold what they nearly always hold, saves values. Few sizes keep the
// number of prepared statements small.
const SIZES = [32, 8, 1] as const;

/** A kind of insert as its statements are made of it. */
interface Form {
  /** What a column nearly always holds, by its place. */
  readonly usual: readonly (SqlValue | undefined)[];
  /** By the columns they bind and write out, and their size. */
  readonly texts: Map<string, string>;
}

const forms = new WeakMap<BulkInsert, Form>();

/** INSERT statements of at most 32 rows that have the same columns in use. */
export function* sqliteInserts(insert: BulkInsert, rows: readonly Row[]): Generator<CompiledQuery> {
  const form = formOf(insert);
  for (let start = 0; start < rows.length; ) {
    const shape = shapeOf(rows[start] as Row, form);
    const left = countLike(rows, start, shape, form);
    const size = SIZES.find((candidate) => candidate <= left) ?? 1;
    const parameters: SqlValue[] = [];
    for (let at = start; at < start + size; at++) {
      const row = rows[at] as Row;
      for (let column = 0; column < shape.length; column++) {
        if (shape[column] === BOUND) parameters.push(row[column] as SqlValue);
      }
    }
    yield CompiledQuery.raw(textOf(insert, form, shape, size), parameters);
    start += size;
  }
}

const [LEFT_OUT, WRITTEN_OUT, BOUND] = [0, 1, 2];

/** How each column of a row stands in its statement. */
type Shape = readonly (number | undefined)[];

function shapeOf(row: Row, { usual }: Form): Shape {
  return row.map((value, column) => wayOf(value, usual[column]));
}

function wayOf(value: SqlValue | undefined, usual: SqlValue | undefined) {
  return value === null ? LEFT_OUT : value === usual ? WRITTEN_OUT : BOUND;
}

/** How many rows from `start` on have the same shape, up to the largest statement. */
function countLike(rows: readonly Row[], start: number, shape: Shape, form: Form): number {
  const end = Math.min(rows.length, start + SIZES[0]);
  let at = start + 1;
  while (at < end && hasShape(rows[at] as Row, shape, form)) at++;
  return at - start;
}

function hasShape(row: Row, shape: Shape, { usual }: Form): boolean {
  for (let column = 0; column < row.length; column++) {
    if (wayOf(row[column], usual[column]) !== shape[column]) return false;
  }
  return true;
}

function formOf(insert: BulkInsert): Form {
  const known = forms.get(insert);
  if (known !== undefined) return known;
  const usual = Object.keys(insert.columns).map((column) => insert.usual?.[column]);
  const form = { usual, texts: new Map<string, string>() };
  forms.set(insert, form);
  return form;
}

function textOf(insert: BulkInsert, { usual, texts }: Form, shape: Shape, size: number): string {
  const key = `${shape.join("")}x${size}`;
  let text = texts.get(key);
  if (text === undefined) {
    text = statement(insert, usual, shape, size);
    texts.set(key, text);
  }
  return text;
}

function statement(
  insert: BulkInsert,
  usual: readonly (SqlValue | undefined)[],
  shape: Shape,
  size: number,
): string {
  const names = Object.keys(insert.columns);
  const used = shape.flatMap((way, column) => (way === LEFT_OUT ? [] : [column]));
  const columns = used.map((column) => `"${names[column]}"`).join(", ");
  const cells = used.map((column) => (shape[column] === BOUND ? "?" : literal(usual[column])));
  const values = Array<string>(size)
    .fill(`(${cells.join(", ")})`)
    .join(", ");
  return `insert into "${insert.table}" (${columns}) values ${values} ${insert.ending ?? ""}`;
}

function literal(value: SqlValue | undefined): string {
  return typeof value === "string" ? `'${value.replaceAll("'", "''")}'` : String(value);
}
