import { type Selectable, sql } from "kysely";
import type { Page, SearchQuery } from "../../ports/index.ts";
import type { SearchTarget } from "../../search/index.ts";
import type { SqlContext } from "../context.ts";
import type { Schema } from "../schema.ts";
import { type IdPage, searchPage } from "./page.ts";

/** A page of rows that `read` fetches by id, in whatever order. */
export async function searchRows<Row>(
  { engine }: SqlContext,
  target: SearchTarget,
  query: SearchQuery,
  read: (ids: readonly number[]) => Promise<readonly (readonly [id: number, row: Row])[]>,
): Promise<Page<Row>> {
  const { ids, nextPageToken }: IdPage = await searchPage(engine, target, query);
  const rows = new Map(ids.length === 0 ? [] : await read(ids));
  // What was deleted since the ids were read is left out.
  const items = ids.map((id) => rows.get(id)).filter((row) => row !== undefined);
  return { items, ...(nextPageToken !== undefined && { nextPageToken }) };
}

export async function searchModelRows(
  context: SqlContext,
  query: SearchQuery,
): Promise<Page<Selectable<Schema["logged_models"]>>> {
  const { reads, expressions } = context.engine;
  return searchRows(context, "logged-models", query, async (ids) => {
    const rows = await reads
      .selectFrom("logged_models")
      .selectAll()
      .where(expressions.isAmong(sql.ref("id"), ids))
      .execute();
    return rows.map((row) => [row.id, row] as const);
  });
}

export async function searchDatasetRows(
  context: SqlContext,
  query: SearchQuery,
): Promise<Page<Selectable<Schema["datasets"]>>> {
  const { reads, expressions } = context.engine;
  return searchRows(context, "datasets", query, async (ids) => {
    const rows = await reads
      .selectFrom("datasets")
      .selectAll()
      .where(expressions.isAmong(sql.ref("id"), ids))
      .execute();
    return rows.map((row) => [row.id, row] as const);
  });
}
