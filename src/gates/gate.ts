export const OPERATORS = [">=", "<=", ">", "<", "=="] as const;
export type Operator = (typeof OPERATORS)[number];

/** A condition that CI checks. */
export type Gate = MetricGate | RowsGate;

/** One part of the rows: those with all of these values. */
export type Slice = readonly { readonly field: string; readonly value: string }[];

/** A condition on one metric, e.g. `relevance/v1/mean[category=billing] >= 3.5`. */
export interface MetricGate {
  readonly kind: "metric";
  /** As written, without spaces around. */
  readonly text: string;
  readonly metric: string;
  readonly slice?: Slice;
  readonly operator: Operator;
  readonly bound: Bound;
}

/** What a metric is held against. */
export type Bound =
  | {
      readonly kind: "value";
      /** In the metric's own unit: fractions for rates, seconds for latencies, US dollars for cost. */
      readonly value: number;
      /** Written with `%`: makes sense for values in [0, 1] alone. */
      readonly isPercent: boolean;
    }
  | {
      /** `factor · baseline + offset`. */
      readonly kind: "baseline";
      readonly factor: number;
      readonly offset: number;
      readonly isPercent: boolean;
    };

/** How many rows a condition has to hold for. */
export type Quantifier =
  | { readonly kind: "every" | "no" }
  | { readonly kind: "at most" | "at least"; readonly count: number }
  /** Of the rows; in [0, 1]. */
  | { readonly kind: "at most" | "at least"; readonly share: number };

/** A condition on single rows, e.g. `at most 2 rows: relevance < 3`. */
export interface RowsGate {
  readonly kind: "rows";
  readonly text: string;
  readonly quantifier: Quantifier;
  /** `2 of 3 trials`: the row's condition holds when it holds for so many of its trials; default for all. */
  readonly trials?: { readonly atLeast: number; readonly of: number };
  /** A scorer, by name or key. */
  readonly scorer: string;
  readonly slice?: Slice;
  readonly operator: Operator;
  /** A number, or the label of a verdict in words; true and yes are 1, false and no are 0. */
  readonly value: number | string;
  readonly isPercent: boolean;
  /** Written as true, false, yes or no: makes sense for verdicts that are yes or no alone. */
  readonly isTruth?: true;
}

/** Whether a value meets a condition; NaN meets none. */
export function holds(operator: Operator, value: number, threshold: number): boolean {
  switch (operator) {
    case ">=":
      return value >= threshold;
    case ">":
      return value > threshold;
    case "<=":
      return value <= threshold;
    case "<":
      return value < threshold;
    case "==":
      return value === threshold;
  }
}

/** A mean of decimals may miss the threshold that it is by a last place: 0.65 comes out as 0.6499999999999999. */
const LAST_PLACES = 1e-12;

/** The threshold, for a value that only its rounding keeps from it; else the value. */
export function clearOfRounding(value: number, threshold: number): number {
  const slack = LAST_PLACES * Math.max(Math.abs(value), Math.abs(threshold));
  return Math.abs(value - threshold) <= slack ? threshold : value;
}

const WORDS: { readonly [operator in Operator]: string } = {
  ">=": "at least",
  ">": "above",
  "<=": "at most",
  "<": "below",
  "==": "exactly",
};

/** The operator as people say it: `at least`. */
export function inWords(operator: Operator): string {
  return WORDS[operator];
}

/** `relevance/v1/mean[category=billing]`. */
export function metricName({ metric, slice }: Pick<MetricGate, "metric" | "slice">): string {
  return `${metric}${sliceText(slice)}`;
}

export function sliceText(slice: Slice | undefined): string {
  if (slice === undefined) return "";
  return `[${slice.map(({ field, value }) => `${field}=${value}`).join(", ")}]`;
}
