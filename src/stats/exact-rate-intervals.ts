import type { Interval } from "../core/aggregation.ts";
import { betaQuantile } from "./beta-quantile.ts";
import { expectThat } from "./expect-that.ts";
import { DEFAULT_LEVEL, upperProbability } from "./level.ts";

/**
 * Clopper–Pearson interval for a pass rate: never covers less than its level, at the price of width.
 *
 * @param passes - Integer in [0, n].
 * @param n - Integer of at least 1.
 * @returns Bounds in [0, 1], from quantiles of Beta(k, n − k + 1) and Beta(k + 1, n − k).
 * @see Clopper and Pearson (1934), Biometrika 26:404–413.
 */
export function clopperPearsonInterval(passes: number, n: number, level = DEFAULT_LEVEL): Interval {
  checkCounts(passes, n);
  const upper = upperProbability(level);
  return {
    lower: passes === 0 ? 0 : betaQuantile(1 - upper, passes, n - passes + 1),
    upper: passes === n ? 1 : betaQuantile(upper, passes + 1, n - passes),
    level,
    method: "clopper-pearson",
  };
}

/**
 * Jeffreys interval for a pass rate: quantiles of Beta(k + ½, n − k + ½), with 0 and 1 at the ends.
 *
 * @param passes - Integer in [0, n].
 * @param n - Integer of at least 1.
 * @see Brown, Cai and DasGupta (2001), Statistical Science 16:101–133, §3.1.2.
 */
export function jeffreysInterval(passes: number, n: number, level = DEFAULT_LEVEL): Interval {
  checkCounts(passes, n);
  const upper = upperProbability(level);
  const [a, b] = [passes + 0.5, n - passes + 0.5];
  return {
    lower: passes === 0 ? 0 : betaQuantile(1 - upper, a, b),
    upper: passes === n ? 1 : betaQuantile(upper, a, b),
    level,
    method: "jeffreys",
  };
}

function checkCounts(passes: number, n: number): void {
  expectThat(
    Number.isInteger(n) && n >= 1,
    `Expected \`n\` to be an integer of at least 1, got ${n}`,
  );
  expectThat(
    Number.isInteger(passes) && passes >= 0 && passes <= n,
    `Expected \`passes\` to be an integer from 0 to ${n}, got ${passes}`,
  );
}
