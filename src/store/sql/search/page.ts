import type { TraceSearchQuery } from "../../ports/index.ts";
import { encodePageToken, type SearchTarget } from "../../search/index.ts";
import type { SqlEngine } from "../engine.ts";
import { choosePath, type Path } from "./paths.ts";
import { prepareSearch, type Search } from "./prepare.ts";
import { countInWindows, type Found, foundRows, isInWindows } from "./scan.ts";
import { countStatement } from "./statements.ts";

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
  const found: Found[] = [];
  // One more than wanted tells whether there is another page.
  for await (const rows of foundRows(engine, search, path, limit + 1)) found.push(...rows);
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
  const path = await choosePath(engine, search);
  if (isInWindows(engine, search, path)) return countInWindows(engine, search, path);
  const { rows } = await countStatement(search, path).execute(engine.reads);
  return rows[0]?.n ?? 0;
}
