import { setImmediate as nextTurn } from "node:timers/promises";
import type { SqlEngine } from "../engine.ts";
import type { OrderValue } from "./order-columns.ts";
import type { Path } from "./paths.ts";
import type { Search } from "./prepare.ts";
import {
  placeOf,
  type Segment,
  type SegmentRow,
  segmentStatement,
  segmentsOf,
  type Window,
  windowCount,
  windowEnd,
  windowStatement,
} from "./statements.ts";

/** A row of a search, and where it stands in the order. */
export interface Found {
  readonly id: number;
  readonly place: readonly OrderValue[];
}

const SMALLEST_WINDOW = 16;
const FIRST_WINDOW = 256;
const LARGEST_WINDOW = 10_000;

/** The rows of a search in order, those behind its token; `most` of them at least, where there are so many. */
export async function* foundRows(
  engine: SqlEngine,
  search: Search,
  path: Path,
  most: number,
): AsyncGenerator<readonly Found[]> {
  const isScan = isInWindows(engine, search, path);
  const scanned = isScan ? { ...search, filter: scanFilter(search) } : search;
  let { after } = search;
  let missing = most;
  for (const segment of segmentsOf(scanned, path)) {
    const found = isScan
      ? windows(engine, search, segment, after, missing)
      : whole(engine, search, segment, after, missing);
    for await (const rows of found) {
      missing -= rows.length;
      yield rows.map((row) => ({ id: row.id, place: placeOf(segment, row) }));
      if (missing <= 0) return;
    }
    after = undefined;
  }
}

/**
 * Whether the rows are taken a window at a time: where they come along an index, so that one window begins
 * where the other ended, and the filter has to look further than at them.
 */
export function isInWindows(engine: SqlEngine, { filter, isByTime }: Search, path: Path): boolean {
  if (engine.scanMs === undefined || filter === undefined || filter.scan?.isWhole) return false;
  return path.kind === "by-metric" || (path.kind === "in-order" && isByTime);
}

/** What a scan in windows goes by: of the filter, that which the row alone tells. */
export function scanFilter({ filter }: Search): Search["filter"] {
  return filter?.scan && { holds: filter.scan.condition, finders: [] };
}

async function* whole(
  { reads }: SqlEngine,
  search: Search,
  segment: Segment,
  after: readonly OrderValue[] | undefined,
  most: number,
): AsyncGenerator<readonly SegmentRow[]> {
  const { rows } = await segmentStatement(search, segment, after, most).execute(reads);
  yield rows;
}

async function* windows(
  { reads, scanMs = 0 }: SqlEngine,
  search: Search,
  segment: Segment,
  start: readonly OrderValue[] | undefined,
  most: number,
): AsyncGenerator<readonly SegmentRow[]> {
  let missing = most;
  // Most filters let many rows through: a page is full soon.
  for await (const window of windowsOf(reads, scanMs, search, segment, start, 2 * most)) {
    const { rows } = await windowStatement(search, segment, window, missing).execute(reads);
    missing -= rows.length;
    yield rows;
    if (missing <= 0) return;
  }
}

/** How many rows a search that is scanned in windows lets through. */
export async function countInWindows(
  { reads, scanMs = 0 }: SqlEngine,
  search: Search,
  path: Path,
): Promise<number> {
  let count = 0;
  for (const segment of segmentsOf({ ...search, filter: scanFilter(search) }, path)) {
    for await (const window of windowsOf(
      reads,
      scanMs,
      search,
      segment,
      undefined,
      LARGEST_WINDOW,
    )) {
      const { rows } = await windowCount(search, segment, window).execute(reads);
      count += rows[0]?.n ?? 0;
    }
  }
  return count;
}

/** Windows of as many rows as it lately took `scanMs` to go through, with turns for the event loop between. */
async function* windowsOf(
  reads: SqlEngine["reads"],
  scanMs: number,
  search: Search,
  segment: Segment,
  start: readonly OrderValue[] | undefined,
  first: number,
): AsyncGenerator<Window> {
  let after = start;
  let size = Math.max(SMALLEST_WINDOW, Math.min(first, FIRST_WINDOW));
  for (;;) {
    const started = performance.now();
    yield { after, size };
    const took = Math.max(performance.now() - started, 0.01);
    await nextTurn();
    const [end] = (await windowEnd(search, segment, { after, size }).execute(reads)).rows;
    if (end === undefined) return;
    after = placeOf(segment, end);
    const fitting = Math.min((size * scanMs) / took, 2 * size, LARGEST_WINDOW);
    size = Math.round(Math.max(fitting, SMALLEST_WINDOW));
  }
}
