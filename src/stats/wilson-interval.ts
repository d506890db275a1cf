import type { Interval } from "../core/aggregation.ts";
import { AssayError } from "../core/errors.ts";
import { DEFAULT_LEVEL, upperProbability } from "./level.ts";
import { normalQuantile } from "./normal-quantile.ts";

/**
 * Wilson score interval for a pass rate.
 *
 * Used instead of `p ± z·√(p(1−p)/n)`, which collapses to zero width at 0/n and n/n.
 *
 * @param passes - Results that passed; integer in [0, n].
 * @param n - Results scored, unscored ones excluded; integer of at least 1.
 * @returns Bounds in [0, 1], as fractions, not percent.
 * @throws {AssayError} `invalid-argument` outside these ranges: no data has no interval.
 * @see Wilson (1927), JASA 22:209–212.
 */
export function wilsonInterval(passes: number, n: number, level = DEFAULT_LEVEL): Interval {
  if (!Number.isInteger(n) || n < 1) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`n\` to be an integer of at least 1, got ${n}`,
    );
  }
  if (!Number.isInteger(passes) || passes < 0 || passes > n) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`passes\` to be an integer from 0 to ${n}, got ${passes}`,
    );
  }
  const z = normalQuantile(upperProbability(level));
  const rate = passes / n;
  const weight = (z * z) / n;
  const centre = (rate + weight / 2) / (1 + weight);
  const half = Math.sqrt(rate * (1 - rate) * weight + (weight * weight) / 4) / (1 + weight);
  return {
    // At the ends the formula gives 0 and 1 exactly, which rounding would miss.
    lower: passes === 0 ? 0 : Math.max(0, centre - half),
    upper: passes === n ? 1 : Math.min(1, centre + half),
    level,
    method: "wilson",
  };
}
