/** numpy's definitions: population variance, linear percentiles. */
export const AGGREGATION_NAMES = ["mean", "variance", "p90", "min", "max", "median"] as const;

export type AggregationName = (typeof AGGREGATION_NAMES)[number];

/** A built-in aggregation, or a named function over the numeric scores in row order. */
export type Aggregation = AggregationName | ((values: number[]) => number);

/** How an interval was made; the functions of `assay/stats` say each formula and its source. */
export type IntervalMethod =
  | "plus-two-t"
  | "t"
  | "normal"
  | "wilson"
  | "clopper-pearson"
  | "jeffreys"
  | "newcombe"
  | "hoeffding"
  | "maurer-pontil"
  | "empirical-bernstein"
  | "betting"
  | "clustered-t"
  | "order-statistics"
  | "bootstrap-percentile"
  | "bootstrap-bca"
  | "prediction-powered"
  /** Everything was looked at: there is nothing to infer. */
  | "exact";

/** A range that holds the true value with probability `level`, made by `method`. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
  /** In (0, 1): 0.95 unless asked otherwise. */
  readonly level: number;
  readonly method: IntervalMethod;
}

/**
 * What one scorer says about a run, with what it could not say:
 * `n = scored + failed + notApplicable + missing`.
 */
export interface Summary {
  /** Over the scored rows; absent when none was scored with a number or boolean. */
  readonly mean?: number;
  /** Of the mean; absent where it cannot be computed. */
  readonly interval?: Interval;
  /** Planned scores: rows × trials. */
  readonly n: number;
  readonly scored: number;
  /** model-failed, scorer-failed, judge-unparseable and refused. */
  readonly failed: number;
  readonly notApplicable: number;
  /** Planned but not committed. */
  readonly missing: number;
}
