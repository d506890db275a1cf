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
  /** Absent when nothing was measured. */
  readonly estimate?: number;
  readonly interval?: Interval;
  readonly threshold: number;
  /** One line for people: the metric, its interval, what it rests on, what was demanded. */
  readonly message: string;
}
