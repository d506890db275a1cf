import type { Command } from "commander";
import type { Page, SearchQuery } from "../../store/index.ts";
import { collect, wholeNumber } from "./command.ts";

export interface SearchFlags {
  readonly filter?: string;
  readonly orderBy?: readonly string[];
  readonly limit?: number;
}

/** Adds the options of a list that can be searched. */
export function searchable(command: Command, example: string): Command {
  return command
    .option("--filter <filter>", `only those that match, e.g. "${example}"`)
    .option("--order-by <field>", 'e.g. "start_time DESC"; repeatable', collect)
    .option("--limit <n>", "at most this many", wholeNumber, 20);
}

/** The first `limit` items of a search, read page by page. */
export async function firstOf<T>(
  search: (query: SearchQuery) => Promise<Page<T>>,
  query: SearchQuery,
  { filter, orderBy, limit = 20 }: SearchFlags,
  pageSize: number,
): Promise<T[]> {
  const items: T[] = [];
  let pageToken: string | undefined;
  do {
    const page = await search({
      ...query,
      ...(filter !== undefined && { filter }),
      ...(orderBy !== undefined && { orderBy }),
      ...(pageToken !== undefined && { pageToken }),
      maxResults: Math.min(pageSize, limit - items.length),
    });
    items.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined && items.length < limit);
  return items;
}
