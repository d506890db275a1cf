import { type Selectable, sql } from "kysely";
import type { Page, SearchQuery, TraceSearchQuery } from "../../ports/index.ts";
import type { SearchTarget } from "../../search/index.ts";
import type { SqlContext } from "../context.ts";
import type { Schema } from "../schema.ts";
import { type IdPage, searchPage } from "./page.ts";

/** A page of rows that `read` fetches by id, in whatever order. */
export async function searchRows<Row>(
  { engine }: SqlContext,
  target: SearchTarget,
  query: TraceSearchQuery,
  read: (ids: readonly number[]) => Promise<readonly (readonly [id: number, row: Row])[]>,
): Promise<Page<Row>> {
  const { ids, nextPageToken }: IdPage = await searchPage(engine, target, query);
  const rows = new Map(ids.length === 0 ? [] : await read(ids));
  // What was deleted since the ids were read is left out.
  const items = ids.map((id) => rows.get(id)).filter((row) => row !== undefined);
  return { items, ...(nextPageToken !== undefined && { nextPageToken }) };
}

const TABLES = { "logged-models": "logged_models", datasets: "datasets" } as const;

/** A page of whole rows. */
export async function searchTable<Target extends keyof typeof TABLES>(
  context: SqlContext,
  target: Target,
  query: SearchQuery,
): Promise<Page<Selectable<Schema[(typeof TABLES)[Target]]>>> {
  const { reads, expressions } = context.engine;
  type Row = Selectable<Schema[(typeof TABLES)[Target]]> & { readonly id: number };
  return searchRows<Row>(context, target, query, async (ids) => {
    const { rows } = await sql<Row>`select * from ${sql.table(TABLES[target])}
      where ${expressions.isAmong(sql.ref("id"), ids)}`.execute(reads);
    return rows.map((row) => [row.id, row] as const);
  });
}
