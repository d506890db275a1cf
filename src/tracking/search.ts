import type { Experiment, LoggedModel, Metric, Run } from "../core/index.ts";
import type { Page, SearchQuery } from "../store/ports/index.ts";
import { currentExperimentName, currentStore } from "./settings.ts";

export type ViewType = "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";

/** As MLflow's fluent search: this many are returned at most unless said. */
const MOST = 100_000;
/** Entities read at a time. */
const PAGE_SIZE = 1000;

export interface SearchOptions {
  /** E.g. `metrics.accuracy > 0.9 AND params.model = 'm'`. */
  readonly filterString?: string;
  /** E.g. `["metrics.accuracy DESC"]`; latest first when absent. */
  readonly orderBy?: readonly string[];
  /** Default 100 000. */
  readonly maxResults?: number;
}

export interface SearchRunsOptions extends SearchOptions {
  /** The current experiment when neither ids nor names are given. */
  readonly experimentIds?: readonly string[];
  readonly experimentNames?: readonly string[];
  readonly searchAllExperiments?: boolean;
  /** Default `ACTIVE_ONLY`. */
  readonly runViewType?: ViewType;
}

/** In the current experiment unless `experimentIds` are given. */
export interface SearchLoggedModelsOptions extends SearchOptions {
  readonly experimentIds?: readonly string[];
}

export interface SearchExperimentsOptions extends SearchOptions {
  /** Default `ACTIVE_ONLY`. */
  readonly viewType?: ViewType;
}

/** @throws {AssayError} `invalid-argument` for a filter or an order that cannot be read. */
export async function searchRuns(options: SearchRunsOptions = {}): Promise<Run[]> {
  const { runs } = await currentStore();
  const experimentIds = await experimentsOf(options);
  const query = { ...queryOf(options, options.runViewType), ...experimentIds };
  return allPages((page) => runs.searchRuns(page), query, options.maxResults);
}

/** @throws {AssayError} `invalid-argument` for a filter or an order that cannot be read. */
export async function searchExperiments(
  options: SearchExperimentsOptions = {},
): Promise<Experiment[]> {
  const { experiments } = await currentStore();
  const query = queryOf(options, options.viewType);
  return allPages((page) => experiments.searchExperiments(page), query, options.maxResults);
}

/** @throws {AssayError} `invalid-argument` for a filter or an order that cannot be read. */
export async function searchLoggedModels(
  options: SearchLoggedModelsOptions = {},
): Promise<LoggedModel[]> {
  const { loggedModels } = await currentStore();
  const query = { ...queryOf(options), ...(await experimentsOf(options)) };
  return allPages((page) => loggedModels.searchLoggedModels(page), query, options.maxResults);
}

/** Every point of a metric ever logged, by timestamp, step and value. */
export async function getMetricHistory(runId: string, key: string): Promise<Metric[]> {
  return (await currentStore()).runs.getMetricHistory(runId, key);
}

async function experimentsOf(options: SearchRunsOptions): Promise<SearchQuery> {
  const { experimentIds, experimentNames, searchAllExperiments = false } = options;
  if (searchAllExperiments) return {};
  const isNowhere = experimentIds === undefined && experimentNames === undefined;
  const names = isNowhere ? [currentExperimentName()] : (experimentNames ?? []);
  const { experiments } = await currentStore();
  const named = await Promise.all(names.map((name) => experiments.getExperimentByName(name)));
  const ids = named.flatMap((experiment) => experiment?.experimentId ?? []);
  return { experimentIds: [...(experimentIds ?? []), ...ids] };
}

const LIFECYCLES = { ACTIVE_ONLY: "active", DELETED_ONLY: "deleted", ALL: "all" } as const;

export function queryOf(
  { filterString, orderBy }: SearchOptions,
  view: ViewType = "ACTIVE_ONLY",
): SearchQuery {
  return {
    lifecycle: LIFECYCLES[view],
    ...(filterString !== undefined && { filter: filterString }),
    ...(orderBy !== undefined && { orderBy }),
  };
}

/** The first `most` of all pages of a search. */
export async function allPages<T>(
  search: (query: SearchQuery) => Promise<Page<T>>,
  query: SearchQuery,
  most = MOST,
): Promise<T[]> {
  const found: T[] = [];
  let pageToken: string | undefined;
  do {
    const maxResults = Math.min(PAGE_SIZE, most - found.length);
    const page = await search({ ...query, maxResults, ...(pageToken && { pageToken }) });
    found.push(...page.items);
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined && found.length < most);
  return found;
}
