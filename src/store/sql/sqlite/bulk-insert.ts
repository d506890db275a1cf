import { CompiledQuery } from "kysely";
import type { BulkInsert, SqlValue } from "../engine.ts";

type Row = readonly SqlValue[];

// Binding costs more than inserting: a statement of many rows saves calls, and not binding the columns
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

/** INSERT statements of at most 32 rows. */
export function* sqliteInserts(insert: BulkInsert, rows: readonly Row[]): Generator<CompiledQuery> {
  const form = formOf(insert);
  for (let start = 0; start < rows.length; ) {
    const size = SIZES.find((candidate) => candidate <= rows.length - start) ?? 1;
    const end = start + size;
    const shape = shapeOf(rows, start, end, form);
    const parameters: SqlValue[] = [];
    for (let at = start; at < end; at++) {
      const row = rows[at] as Row;
      for (let column = 0; column < shape.length; column++) {
        if (shape[column] === BOUND) parameters.push(row[column] as SqlValue);
      }
    }
    yield CompiledQuery.raw(textOf(insert, form, shape, size), parameters);
    start = end;
  }
}

const [LEFT_OUT, WRITTEN_OUT, BOUND] = [0, 1, 2];

/** How each column stands in a statement. */
type Shape = readonly (number | undefined)[];

/** A column is bound unless all rows from `start` to `end` hold null there, or what is usual. */
function shapeOf(rows: readonly Row[], start: number, end: number, { usual }: Form): Shape {
  const shape = usual.map((value, column) => wayOf((rows[start] as Row)[column], value));
  for (let at = start + 1; at < end; at++) {
    const row = rows[at] as Row;
    for (let column = 0; column < shape.length; column++) {
      const way = shape[column];
      if (way !== BOUND && wayOf(row[column], usual[column]) !== way) shape[column] = BOUND;
    }
  }
  return shape;
}

function wayOf(value: SqlValue | undefined, usual: SqlValue | undefined) {
  return value === null ? LEFT_OUT : value === usual ? WRITTEN_OUT : BOUND;
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
