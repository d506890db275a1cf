import { sql } from "kysely";
import type { OrderTerm } from "../../search/index.ts";
import { attributeOf, keyedTable } from "./compile-filter.ts";
import {
  type Condition,
  column,
  type KeyedTable,
  type SearchTable,
  type Value,
} from "./search-table.ts";
import { numberParameter } from "./tests.ts";

/** What stands in a page token for the value of a row: absent is `null`. */
export type OrderValue = string | number | null;

/** Of rows: numbers and texts come first, then NaN, then what is absent. */
const RANK = { value: 0, nan: 1, absent: 2 };

/** One term of an order, as columns of a query. */
export interface OrderColumn {
  readonly type: "number" | "text";
  /** NULL or meaningless where the rank is not 0. */
  readonly value: Value;
  /** Missing where every row has a value. */
  readonly rank?: Value;
  readonly descending: boolean;
}

export function orderColumn(table: SearchTable, { field, descending }: OrderTerm): OrderColumn {
  if (field.entity !== "attribute") {
    return keyedColumn(table, keyedTable(table, field.entity), field, descending);
  }
  const attribute = attributeOf(table, field.key);
  if ("tag" in attribute) {
    const tag = { entity: "tag", key: attribute.tag };
    return keyedColumn(table, keyedTable(table, "tag"), tag, descending);
  }
  const { value, isNullable } = attribute;
  const type = attribute.type === "text" ? "text" : "number";
  return { type, value, descending, ...(isNullable && { rank: rankOf(value) }) };
}

function keyedColumn(
  table: SearchTable,
  keyed: KeyedTable,
  { entity, key }: { readonly entity: string; readonly key: string },
  descending: boolean,
): OrderColumn {
  const isMetric = entity === "metric";
  const latest = (keyed.latest ?? []).map((name) => sql`${sql.ref(`e.${name}`)} desc`);
  const last = latest.length === 0 ? sql`` : sql`order by ${sql.join(latest)} limit 1`;
  const entry = (what: Value) => sql`(select ${what} from ${sql.table(keyed.table)} as e
    where ${sql.ref(`e.${keyed.owner}`)} = ${column(table.id)} and e.key = ${key} ${last})`;
  const value = entry(sql.ref("e.value"));
  return {
    type: isMetric ? "number" : "text",
    value,
    rank: isMetric
      ? sql`coalesce(${entry(sql.ref("e.is_nan"))}, ${sql.lit(RANK.absent)})`
      : rankOf(value),
    descending,
  };
}

const rankOf = (value: Value): Value =>
  sql`case when ${value} is null then ${sql.lit(RANK.absent)} else ${sql.lit(RANK.value)} end`;

/** What a query selects to sort by: `o0`, `o1`, … for values and `r0`, `r1`, … for ranks. */
export function selected(columns: readonly OrderColumn[]): Value[] {
  return columns.flatMap(({ value, rank }, at) => [
    sql`${value} as ${sql.ref(`o${at}`)}`,
    ...(rank === undefined ? [] : [sql`${rank} as ${sql.ref(`r${at}`)}`]),
  ]);
}

export function ordered(columns: readonly OrderColumn[]): Value[] {
  return columns.flatMap(({ rank, descending }, at) => [
    ...(rank === undefined ? [] : [sql.ref(`r${at}`)]),
    descending ? sql`${sql.ref(`o${at}`)} desc` : sql.ref(`o${at}`),
  ]);
}

/** The values of a row that was selected with {@link selected}. */
export function valuesOf(
  columns: readonly OrderColumn[],
  row: { readonly [name: string]: unknown },
): OrderValue[] {
  return columns.map((_, at) => {
    const rank = row[`r${at}`] ?? RANK.value;
    if (rank === RANK.nan) return Number.NaN;
    return rank === RANK.absent ? null : (row[`o${at}`] as OrderValue);
  });
}

/** Whether a token's value can be one of this column. */
export function fits({ type, rank }: OrderColumn, value: OrderValue): boolean {
  if (value === null) return rank !== undefined;
  return typeof value === (type === "text" ? "string" : "number");
}

/** True for the rows that come behind the row with these values, one per column. */
export function behind(
  columns: readonly OrderColumn[],
  [value = null, ...others]: readonly OrderValue[],
): Condition {
  const [first, ...rest] = columns;
  if (first === undefined) return sql`1 = 0`;
  const further = behind(rest, others);
  const own = value === null ? RANK.absent : Number.isNaN(value) ? RANK.nan : RANK.value;
  const within = own === RANK.value ? beyond(first, value, further) : further;
  const { rank } = first;
  if (rank === undefined) return within;
  return sql`(${rank} > ${sql.lit(own)} or ${rank} = ${sql.lit(own)} and ${within})`;
}

/** Of rows that have a value: those beyond `value`, and those level with it that are `further`. */
function beyond(
  { value: column, descending }: OrderColumn,
  value: OrderValue,
  further: Condition,
): Condition {
  const parameter = typeof value === "number" ? numberParameter(value) : sql`${value}`;
  const [past, upTo] = descending ? [sql`<`, sql`<=`] : [sql`>`, sql`>=`];
  // The first condition is implied by the others: an index starts where it says.
  return sql`${column} ${upTo} ${parameter}
    and (${column} ${past} ${parameter} or ${column} = ${parameter} and ${further})`;
}
