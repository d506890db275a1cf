import type { Metric, Run, RunStatus } from "../../core/index.ts";
import type { Page, SearchQuery, TrackingStore } from "../../store/index.ts";

export interface GivenRun {
  readonly params?: { readonly [key: string]: string };
  readonly tags?: { readonly [key: string]: string };
  readonly metrics?: { readonly [key: string]: number };
  readonly status?: RunStatus;
  readonly endTime?: number;
}

/** Runs by name in one experiment, whose id it resolves to. */
export async function givenRuns(
  { experiments, runs }: TrackingStore,
  given: { readonly [name: string]: GivenRun },
  experiment = "searched",
): Promise<string> {
  const { experimentId } = await experiments.ensureExperiment(experiment);
  for (const [name, { params = {}, tags = {}, metrics = {}, ...change }] of Object.entries(given)) {
    const { runId } = await runs.createRun({ experimentId, name });
    const points: Metric[] = Object.entries(metrics).map(([key, value]) => ({
      key,
      value,
      timestamp: 1,
      step: 0,
    }));
    await runs.logBatch(runId, { params, tags, metrics: points });
    if (Object.keys(change).length > 0) await runs.updateRun(runId, change);
  }
  return experimentId;
}

/** The names of the runs that a filter lets through, sorted. */
export async function namesOf(
  { runs }: TrackingStore,
  filter: string,
  more: SearchQuery = {},
): Promise<string[]> {
  const { items } = await runs.searchRuns({ filter, ...more });
  return items.map(({ name }: Run) => name).sort();
}

/** All items of a search, read page by page. */
export async function allPages<Item>(
  search: (query: SearchQuery) => Promise<Page<Item>>,
  query: SearchQuery,
): Promise<Item[]> {
  const items: Item[] = [];
  let pageToken: string | undefined;
  do {
    const page: Page<Item> = await search({ ...query, ...(pageToken && { pageToken }) });
    items.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return items;
}

/** What `answer` gives for the left side of every line, beside what is expected of it. */
export async function answers<Given extends string>(
  table: readonly (readonly [given: Given, expected: unknown])[],
  answer: (given: Given) => Promise<unknown>,
): Promise<{ found: unknown[]; expected: unknown[] }> {
  const found: unknown[] = [];
  for (const [given] of table) found.push([given, await answer(given)]);
  return { found, expected: table.map(([given, expected]) => [given, expected]) };
}
