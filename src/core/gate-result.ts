import type { Interval } from "./aggregation.ts";

/** What the evidence says. */
export type Verdict = "pass" | "fail" | "undecided";

/** What CI does. */
export type Decision = "pass" | "fail";

/** A gate as it was decided. */
export interface GateResult {
  /** The condition, as written. */
  readonly gate: string;
  readonly verdict: Verdict;
  readonly decision: Decision;
  /** Absent when nothing was measured, or when judging stopped early: part of the rows is no mean of all. */
  readonly estimate?: number;
  readonly interval?: Interval;
  /** What the estimate is held against; against a baseline, what that comes to. */
  readonly threshold: number;
  /** One line for people: the metric, its interval, what it rests on, what was demanded. */
  readonly message: string;
  /**
   * Why it is no condition on what was measured, e.g. a word for scores that are numbers: there is no verdict,
   * and a command ends as for a gate that cannot be read.
   */
  readonly problem?: string;
  /** One short line: `relevance 4.21 ± 0.12 ≥ 4 (n=200): pass`. */
  readonly title: string;
  /** What the gate rests on; absent for metrics that are not made of scores. */
  readonly counts?: GateCounts;
  /** Where the estimate would lie if all rows without a score had the worst or the best; absent without such rows, or a scale. */
  readonly worstCase?: { readonly lower: number; readonly upper: number };
  /** Of another run on the same rows; absent unless rows have several trials. */
  readonly rerunStandardError?: number;
  /** The chance, in [0, 1], that a re-run gets the other side of the threshold; absent likewise. */
  readonly flipChance?: number;
  readonly baseline?: BaselineComparison;
  /** Where judging stopped because the verdict was certain. */
  readonly stopped?: {
    readonly at: number;
    readonly of: number;
    readonly by: "logic" | "evidence";
  };
}

/** Scores that a gate rests on: results, that is rows × trials. */
export interface GateCounts {
  readonly scored: number;
  readonly failed: number;
  readonly missing: number;
  readonly notApplicable: number;
  /** Documents or conversations that the rows belong to; absent where rows stand alone. */
  readonly clusters?: number;
}

/** How a run compares with a baseline on the rows that both have. */
export interface BaselineComparison {
  /** What the baseline is, e.g. `run 1f2e…` or `main.baseline.json`. */
  readonly name: string;
  /** The metric of the baseline, over its own rows. */
  readonly estimate: number;
  /** Rows that both scored; absent where the metric is not paired. */
  readonly pairs?: number;
  /** Mean of candidate − factor · baseline over the pairs, and its 90 % interval: each end is a one-sided 95 % bound. */
  readonly difference?: { readonly estimate: number; readonly interval?: Interval };
  /** Probability of so bad a result if the gate's demand were met; adjusted by Holm where several gates compare. */
  readonly pWorse?: number;
  /** Rows that got worse, and better; of verdicts in the direction of the scorer. */
  readonly worse?: number;
  readonly better?: number;
  /** Rows that got worse, the most first; at most 10. */
  readonly worst?: readonly RowChange[];
  /** Row keys that only one side has or scored, at most 20 of each; the counts are of all. */
  readonly onlyHere: { readonly count: number; readonly rows: readonly string[] };
  readonly onlyInBaseline: { readonly count: number; readonly rows: readonly string[] };
  /** The smallest difference that so many rows show in four of five cases. */
  readonly detectable?: number;
}

/** What became of one row, as the mean of its trials. */
export interface RowChange {
  readonly rowKey: string;
  readonly before: number;
  readonly after: number;
}
