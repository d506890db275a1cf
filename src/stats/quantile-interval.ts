import type { Interval } from "../core/aggregation.ts";
import { AssayError } from "../core/errors.ts";
import { incompleteBeta } from "./incomplete-beta.ts";
import { DEFAULT_LEVEL, upperProbability } from "./level.ts";

/**
 * Interval for a population quantile between two order statistics. It assumes nothing of the
 * distribution: the number of values below the quantile is binomial.
 *
 * @param sorted - Ascending.
 * @param q - In (0, 1): 0.9 for the 90th percentile.
 * @returns Undefined when there are too few values for any pair of them to reach the level:
 *   fewer than 6 for a median, fewer than 36 for the 90th percentile at 95 %.
 * @throws {AssayError} `invalid-argument` for a `q` outside (0, 1).
 * @see David and Nagaraja (2003), Order Statistics, §7.1.
 */
export function quantileInterval(
  sorted: ArrayLike<number>,
  q: number,
  level = DEFAULT_LEVEL,
): Interval | undefined {
  if (!(q > 0 && q < 1)) {
    throw new AssayError("invalid-argument", `Expected \`q\` to be in (0, 1), got ${q}`);
  }
  const above = upperProbability(level);
  const n = sorted.length;
  // 1 − above keeps each tail at no more than half of what the level leaves.
  const first = smallest(n, (count) => binomialDistribution(count, n, q) > 1 - above);
  const last = smallest(n, (count) => binomialDistribution(count, n, q) >= above);
  const lower = sorted[first - 1];
  const upper = sorted[last];
  if (lower === undefined || upper === undefined) return undefined;
  return { lower, upper, level, method: "order-statistics" };
}

/** P(at most `count` of `n` independent events of probability `q`). */
function binomialDistribution(count: number, n: number, q: number): number {
  return count >= n ? 1 : incompleteBeta(1 - q, n - count, count + 1);
}

/** The smallest integer in [0, end] where a monotone condition holds; it must hold at `end`. */
function smallest(end: number, holds: (value: number) => boolean): number {
  let low = 0;
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
