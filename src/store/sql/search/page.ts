import type { TraceSearchQuery } from "../../ports/index.ts";
import { encodePageToken, type SearchTarget } from "../../search/index.ts";
import type { SqlEngine } from "../engine.ts";
import type { OrderValue } from "./order-columns.ts";
import { choosePath, type Path } from "./paths.ts";
import { prepareSearch, type Search } from "./prepare.ts";
import { countStatement, placeOf, segmentStatement, segmentsOf } from "./statements.ts";

/** The rows of one page by the integers that the database has for them, in order. */
export interface IdPage {
  readonly ids: readonly number[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/**
 * One page of what a query asks for. The next one starts behind the last row's place in the order, so
 * that rows written or deleted in between neither repeat nor hide others.
 *
 * @throws {AssayError} `invalid-argument`, see {@link prepareSearch}.
 */
export async function searchPage(
  engine: SqlEngine,
  target: SearchTarget,
  query: TraceSearchQuery,
): Promise<IdPage> {
  const search = prepareSearch(engine.expressions, target, query);
  return pageAlong(engine, search, await choosePath(engine, search));
}

export async function pageAlong(engine: SqlEngine, search: Search, path: Path): Promise<IdPage> {
  const { target, limit, fingerprint } = search;
  const found: { readonly id: number; readonly place: readonly OrderValue[] }[] = [];
  let { after } = search;
  for (const segment of segmentsOf(search, path)) {
    // One more than wanted tells whether there is another page.
    const missing = limit + 1 - found.length;
    if (missing === 0) break;
    const statement = segmentStatement(search, segment, after, missing);
    const { rows } = await statement.execute(engine.reads);
    for (const row of rows) found.push({ id: row.id, place: placeOf(segment, row) });
    after = undefined;
  }
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const ids = page.map(({ id }) => id);
  if (found.length <= limit || last === undefined) return { ids };
  return { ids, nextPageToken: encodePageToken({ target, fingerprint, after: last.place }) };
}

/** How many rows all pages of a query have; its order, page size and token do not matter. */
export async function countMatches(
  engine: SqlEngine,
  target: SearchTarget,
  query: TraceSearchQuery,
): Promise<number> {
  const { orderBy: _order, maxResults: _size, pageToken: _token, ...unordered } = query;
  const search = prepareSearch(engine.expressions, target, unordered);
  const statement = countStatement(search, await choosePath(engine, search));
  const { rows } = await statement.execute(engine.reads);
  return rows[0]?.n ?? 0;
}
