import type { Interval } from "../core/aggregation.ts";
import { DEFAULT_LEVEL } from "./level.ts";
import { wilsonInterval } from "./wilson-interval.ts";

/** Passes out of `n`. */
export interface Rate {
  readonly passes: number;
  readonly n: number;
}

/**
 * Interval for the difference `a − b` of the pass rates of two independent samples: Newcombe's hybrid
 * score ("square and add") of the two Wilson intervals. Rows that both have in common are paired instead.
 *
 * @returns Bounds in [−1, 1].
 * @see Newcombe (1998), Statistics in Medicine 17:873–890, method 10.
 */
export function newcombeInterval(a: Rate, b: Rate, level = DEFAULT_LEVEL): Interval {
  const [first, second] = [
    wilsonInterval(a.passes, a.n, level),
    wilsonInterval(b.passes, b.n, level),
  ];
  const [p, q] = [a.passes / a.n, b.passes / b.n];
  return {
    lower: p - q - Math.hypot(p - first.lower, second.upper - q),
    upper: p - q + Math.hypot(first.upper - p, q - second.lower),
    level,
    method: "newcombe",
  };
}
