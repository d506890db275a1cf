import { sql } from "kysely";
import { type Condition, column, type SearchTable, type Value } from "./search-table.ts";

/** A filter, or a part of one, in SQL. */
export interface Compiled {
  /** On a row of `t`. NULL counts as false. */
  readonly holds: Condition;
  /**
   * Queries that yield, as `id`, the ids of all rows for which it can hold and of some others, with
   * repetitions. Each reads a part of one index, nothing else: as many entries as it yields rows.
   */
  readonly finders: readonly Value[];
  /** What follows from it and is told by the row alone: a scan along an index may test, or begin and end by it. */
  readonly scan?: ScanCondition;
}

export interface ScanCondition {
  readonly condition: Condition;
  /** Whether it says as much as the whole. */
  readonly isWhole: boolean;
}

/** Entries of another table, one of which makes a condition on their owner true. */
export interface Lookup {
  /** What follows FROM. */
  readonly from: Value;
  readonly owner: Value;
  readonly conditions: readonly Condition[];
  /** Weaker conditions, by each of which an index finds the entries. */
  readonly ranges: readonly Condition[];
}

/** A text made anew, lest SQLite look it up in an index that holds far too many entries of it. */
export const unindexed = (text: Value): Value => sql`(${text} || '')`;

export const allOf = (conditions: readonly Condition[]): Condition =>
  conditions.length === 0 ? sql`1 = 1` : sql`${sql.join(conditions, sql` and `)}`;

export const anyOf = (conditions: readonly Condition[]): Condition =>
  sql`(${sql.join(conditions, sql` or `)})`;

export function hasEntry(table: SearchTable, lookup: Lookup): Compiled {
  const { from, owner, conditions, ranges } = lookup;
  const own = sql<boolean>`${owner} = ${column(table.id)}`;
  return {
    holds: sql`exists (select 1 from ${from} where ${allOf([own, ...conditions])})`,
    finders: ranges.map((range) => sql`select ${owner} as id from ${from} where ${range}`),
  };
}

/** Exactly where `compiled` does not hold. */
export function complement({ holds }: Compiled): Compiled {
  return { holds: sql`(${holds}) is not true`, finders: [] };
}
