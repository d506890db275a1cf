import type { Interval } from "../core/aggregation.ts";
import { expectThat } from "./expect-that.ts";
import { DEFAULT_LEVEL, upperProbability } from "./level.ts";
import { type Moments, sampleVariance } from "./moments.ts";
import { normalQuantile } from "./normal-quantile.ts";

/**
 * `mean ± z·s/√n`. For comparison with other tools: at small n it covers too rarely, use
 * {@link plusTwoTInterval}.
 *
 * @returns Undefined for fewer than two values.
 */
export function normalInterval(moments: Moments, level = DEFAULT_LEVEL): Interval | undefined {
  const z = normalQuantile(upperProbability(level));
  const variance = sampleVariance(moments);
  if (variance === undefined) return undefined;
  const half = z * Math.sqrt(variance / moments.n);
  return { lower: moments.mean - half, upper: moments.mean + half, level, method: "normal" };
}

/**
 * Wilson's formula with the mean of values in [0, 1] in place of the rate: conservative, because no such
 * values vary more than yes/no verdicts of the same mean (Bhatia and Davis 2000).
 *
 * @returns Bounds in [0, 1].
 */
export function wilsonMeanInterval({ n, mean }: Moments, level = DEFAULT_LEVEL): Interval {
  checkUnit(n, mean);
  const z = normalQuantile(upperProbability(level));
  const weight = (z * z) / n;
  const centre = (mean + weight / 2) / (1 + weight);
  const half = Math.sqrt(mean * (1 - mean) * weight + (weight * weight) / 4) / (1 + weight);
  return {
    lower: Math.max(0, centre - half),
    upper: Math.min(1, centre + half),
    level,
    method: "wilson",
  };
}

/**
 * Hoeffding's interval for the mean of values in [0, 1]: mean ± √(ln(2/α) / 2n). Holds whatever the
 * distribution; not clipped to [0, 1].
 *
 * @see Hoeffding (1963), JASA 58:13–30, Theorem 2.
 */
export function hoeffdingInterval({ n, mean }: Moments, level = DEFAULT_LEVEL): Interval {
  checkUnit(n, mean);
  const alpha = 2 * (1 - upperProbability(level));
  const half = Math.sqrt(Math.log(2 / alpha) / (2 * n));
  return { lower: mean - half, upper: mean + half, level, method: "hoeffding" };
}

/**
 * The empirical Bernstein interval for the mean of values in [0, 1]:
 * mean ± (√(2V·ln(4/α)/n) + 7·ln(4/α)/(3(n−1))). Holds whatever the distribution and is wide below some
 * 200 values; not clipped to [0, 1].
 *
 * @returns Undefined for fewer than two values.
 * @see Maurer and Pontil (2009), COLT, Theorem 4, once for each side.
 */
export function maurerPontilInterval(
  moments: Moments,
  level = DEFAULT_LEVEL,
): Interval | undefined {
  const { n, mean } = moments;
  checkUnit(n, mean);
  const logarithm = Math.log(4 / (2 * (1 - upperProbability(level))));
  const variance = sampleVariance(moments);
  if (variance === undefined) return undefined;
  const half = Math.sqrt((2 * variance * logarithm) / n) + (7 * logarithm) / (3 * (n - 1));
  return { lower: mean - half, upper: mean + half, level, method: "maurer-pontil" };
}

function checkUnit(n: number, mean: number): void {
  expectThat(n >= 1, "Expected at least one value");
  expectThat(mean >= 0 && mean <= 1, `Expected values in [0, 1], got a mean of ${mean}`);
}
