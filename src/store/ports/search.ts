/** What to search for; texts and limits are MLflow's, with OR, NOT and parentheses in filters. */
export interface SearchQuery {
  /** All experiments when absent. An id that is not a number is one of no experiment. */
  readonly experimentIds?: readonly string[];
  /** E.g. `metrics.accuracy > 0.9 AND params.model = 'm'`. */
  readonly filter?: string;
  /** E.g. `["metrics.accuracy DESC", "start_time"]`; latest first when absent. */
  readonly orderBy?: readonly string[];
  /** Of one page. */
  readonly maxResults?: number;
  /** Of the page before; it belongs to one filter, order and scope. */
  readonly pageToken?: string;
  /** Default `active`. Traces follow their experiment. */
  readonly lifecycle?: "active" | "deleted" | "all";
}

export interface TraceSearchQuery extends SearchQuery {
  /** Only traces of this run. */
  readonly runId?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}
