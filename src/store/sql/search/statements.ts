import { sql } from "kysely";
import { keyedTable } from "./compile-filter.ts";
import { allOf } from "./condition.ts";
import {
  behind,
  type OrderColumn,
  type OrderValue,
  orderColumn,
  ordered,
  selected,
  valuesOf,
} from "./order-columns.ts";
import type { Path } from "./paths.ts";
import type { Search } from "./prepare.ts";
import { type Condition, column, type Value } from "./search-table.ts";

/** A part of the result that one statement yields in order; the parts follow each other. */
export interface Segment {
  readonly from: Value;
  readonly conditions: readonly Condition[];
  readonly columns: readonly OrderColumn[];
  /** Beside the conditions: one that takes a look-up for each row. */
  readonly test?: Condition;
  /** The first value of the order where it is the same for all rows: NaN or absent, not a column then. */
  readonly common?: number | null;
}

/** The segments that hold rows behind the search's token, or all without one. */
export function segmentsOf(search: Search, path: Path): readonly Segment[] {
  const { table, order, after } = search;
  const columns = order.map((term) => orderColumn(table, term));
  const rows = matchingRows(search, path);
  if (path.kind !== "by-metric") return [{ ...rows, columns }];
  const segments = metricSegments(search, path.key, rows, columns);
  return segments.slice(after === undefined ? 0 : segmentOf(after[0] ?? null));
}

/** What a search lets through, in no order. */
function matchingRows(
  { table, scope, filter }: Search,
  path: Path,
): Pick<Segment, "from" | "conditions"> {
  const row = sql`${sql.table(table.table)} as t`;
  const conditions = [...scope, ...(filter === undefined ? [] : [filter.holds])];
  if (path.kind !== "few") return { from: row, conditions };
  const isFound = sql<boolean>`${column(table.id)} = few.id`;
  return {
    // CROSS JOIN: SQLite reads the tables in this order.
    from: sql`(select distinct id from (${path.ids}) as found) as few cross join ${row}`,
    conditions: [isFound, ...conditions],
  };
}

function metricSegments(
  { table }: Search,
  key: string,
  { from: row, conditions }: Pick<Segment, "from" | "conditions">,
  columns: readonly OrderColumn[],
): readonly Segment[] {
  const [first, ...rest] = columns as [OrderColumn, ...OrderColumn[]];
  const { table: metrics, owner } = keyedTable(table, "metric");
  const entries = sql`${sql.table(metrics)} as m`;
  const isOwn = sql<boolean>`${sql.ref(`m.${owner}`)} = ${column(table.id)}`;
  const isLike = (isNan: 0 | 1) =>
    sql<boolean>`m.key = ${key} and m.is_nan = ${sql.lit(isNan)} and ${isOwn}`;
  const from = sql`${entries} cross join ${row}`;
  const { type, descending } = first;
  const value: OrderColumn = { type, value: sql.ref("m.value"), descending };
  const hasNone = sql<boolean>`not exists (select 1 from ${entries} where ${isOwn} and m.key = ${key})`;
  return [
    { from, conditions: [isLike(0), ...conditions], columns: [value, ...rest] },
    { from, conditions: [isLike(1), ...conditions], columns: rest, common: Number.NaN },
    { from: row, conditions, test: hasNone, columns: rest, common: null },
  ];
}

/** Which of the metric's segments a first value lies in. */
function segmentOf(value: OrderValue): number {
  if (value === null) return 2;
  return Number.isNaN(value) ? 1 : 0;
}

export type SegmentRow = { readonly id: number; readonly [column: string]: unknown };

/** @param after - Values of the row behind which the statement starts, one per term of the order. */
export function segmentStatement(
  search: Search,
  segment: Segment,
  after: readonly OrderValue[] | undefined,
  limit: number,
) {
  const { from, conditions, test, columns, common } = segment;
  const values = common === undefined ? after : after?.slice(1);
  const own = test === undefined ? conditions : [test, ...conditions];
  const all = values === undefined ? own : [...own, behind(columns, values)];
  return sql<SegmentRow>`
    select ${sql.join([sql`${column(search.table.id)} as id`, ...selected(columns)])}
    from ${from} where ${allOf(all)}
    order by ${sql.join(ordered(columns))} limit ${limit}`;
}

/** Rows that a scan comes to next, whatever the filter says of them. */
export interface Window {
  /** The place behind which it begins. */
  readonly after: readonly OrderValue[] | undefined;
  readonly size: number;
}

/**
 * The rows of a window that pass the filter, in order.
 *
 * @param segment - Without the filter.
 */
export function windowStatement(search: Search, segment: Segment, window: Window, limit: number) {
  return sql<SegmentRow>`select w.* ${passing(search, segment, window)}
    order by ${sql.join(ordered(segment.columns))} limit ${limit}`;
}

/** How many rows of a window pass the filter. */
export function windowCount(search: Search, segment: Segment, window: Window) {
  return sql<{ n: number }>`select count(*) as n ${passing(search, segment, window)}`;
}

function passing({ table, filter, ...search }: Search, segment: Segment, window: Window): Value {
  const { after, size } = window;
  const { test, ...scanned } = segment;
  const tests = [test, filter?.holds].filter((condition) => condition !== undefined);
  // CROSS JOIN: SQLite reads the tables in this order.
  return sql`from (${segmentStatement({ table, filter, ...search }, scanned, after, size)}) as w
    cross join ${sql.table(table.table)} as t
    where ${allOf([sql<boolean>`${column(table.id)} = w.id`, ...tests])}`;
}

/** The row at which a window ends; none when there are not so many any more. */
export function windowEnd(search: Search, { test: _, ...scanned }: Segment, window: Window) {
  const { after, size } = window;
  return sql<SegmentRow>`${segmentStatement(search, scanned, after, 1)} offset ${size - 1}`;
}

/** The values of a row's place in the order, one per term. */
export function placeOf({ columns, common }: Segment, row: SegmentRow): readonly OrderValue[] {
  const values = valuesOf(columns, row);
  return common === undefined ? values : [common, ...values];
}

export function countStatement(search: Search, path: Path) {
  const { from, conditions } = matchingRows(search, path);
  return sql<{ n: number }>`select count(*) as n from ${from} where ${allOf(conditions)}`;
}
