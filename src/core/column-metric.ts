import type { JsonValue } from "./json.ts";

/**
 * A metric that sees all rows at once, as columns. It is computed when the metrics of a run are, over its
 * committed trials, whose columns are in memory for as long as that takes.
 */
export interface ColumnMetric {
  /** Names of the inputs that it reads beside predictions and targets. */
  readonly inputs: readonly string[];
  /** Names of aggregates that it may give, for gates. */
  readonly aggregates: readonly string[];
  readonly compute: (columns: MetricColumns) => ColumnResult | Promise<ColumnResult>;
}

/** Parallel columns: of each trial that the model answered, in order of row and trial. */
export interface MetricColumns {
  readonly predictions: readonly JsonValue[];
  /** Null where a row has no target. */
  readonly targets: readonly JsonValue[];
  /** The inputs asked for by name; null where a row has none. */
  readonly inputs: { readonly [name: string]: readonly JsonValue[] };
  /** The run's metrics so far, by key. */
  readonly metrics: { readonly [key: string]: number };
}

export interface ColumnResult {
  /** One per prediction, null for none; absent for a metric that gives aggregates alone. */
  readonly scores?: readonly (number | boolean | string | null)[];
  /** One per prediction. */
  readonly justifications?: readonly (string | null)[];
  /** By name; in the place of aggregations of the scores. */
  readonly aggregates?: { readonly [name: string]: number };
}
