import { sql } from "kysely";
import type { SqlEngine } from "../engine.ts";
import { keyedTable } from "./compile-filter.ts";
import { allOf } from "./condition.ts";
import type { Search } from "./prepare.ts";
import { column, type Value } from "./search-table.ts";

/**
 * How a statement comes by its rows. Without statistics SQLite would choose blindly, and PostgreSQL's
 * know nothing of how keys and values go together, so the store looks: an index tells quickly whether
 * what it finds are few.
 */
export type Path =
  /** In the order of an index, each row tested: fast when many match. */
  | { readonly kind: "in-order" }
  /** Every row that a query names as `id`, tested and sorted: fast when these are few. */
  | { readonly kind: "few"; readonly ids: Value }
  /** Along the index over values of the metric that the order begins with. */
  | { readonly kind: "by-metric"; readonly key: string };

/** Up to here rows are few: read and sorted in some ten milliseconds. */
const FEW = 5000;

/** So few that a better finder saves nothing. */
const VERY_FEW = 200;

/** A filter may have hundreds of comparisons; the first ones tell enough. */
const MAX_PROBES = 8;

export async function choosePath(engine: SqlEngine, search: Search): Promise<Path> {
  return pathWhere(FEW, engine, search);
}

/** The path to take where up to so many rows are few. */
export async function pathWhere(few: number, engine: SqlEngine, search: Search): Promise<Path> {
  let best: { readonly ids: Value; readonly count: number } | undefined;
  for (const ids of search.filter?.finders.slice(0, MAX_PROBES) ?? []) {
    const count = await countUpTo(engine, ids, few);
    if (count <= few && count < (best?.count ?? Number.POSITIVE_INFINITY)) best = { ids, count };
    if (best !== undefined && best.count <= VERY_FEW) break;
  }
  if (best !== undefined) return { kind: "few", ids: best.ids };
  const key = leadingMetric(search);
  if (key === undefined || (await countUpTo(engine, scopeOf(search), few)) <= few) {
    return { kind: "in-order" };
  }
  return { kind: "by-metric", key };
}

/** How many rows a query yields, counted no further than one above `limit`. */
async function countUpTo(engine: SqlEngine, query: Value, limit: number): Promise<number> {
  const counting = sql<{ n: number }>`select count(*) as n
    from (select 1 from (${query}) as found limit ${limit + 1}) as counted`;
  const { rows } = await counting.execute(engine.reads);
  return rows[0]?.n ?? 0;
}

const scopeOf = ({ table, scope }: Search): Value =>
  sql`select ${column(table.id)} as id from ${sql.table(table.table)} as t where ${allOf(scope)}`;

/** The metric that comes first in the order, where an index holds its values. */
function leadingMetric({ table, order }: Search): string | undefined {
  const field = order[0]?.field;
  if (field?.entity !== "metric" || !keyedTable(table, "metric").isIndexed) return undefined;
  return field.key;
}
