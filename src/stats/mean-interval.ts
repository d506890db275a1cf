import type { Interval } from "../core/aggregation.ts";
import { AssayError } from "../core/errors.ts";
import { DEFAULT_LEVEL, upperProbability } from "./level.ts";
import { addToMoments, type Moments, sampleVariance } from "./moments.ts";
import { studentTQuantile } from "./student-t-quantile.ts";

/**
 * Student's t interval for the mean of an unbounded quantity.
 *
 * @returns Undefined for fewer than two values: one value says nothing of its spread.
 */
export function tInterval(moments: Moments, level = DEFAULT_LEVEL): Interval | undefined {
  const probability = upperProbability(level);
  const variance = sampleVariance(moments);
  if (variance === undefined) return undefined;
  const { n, mean } = moments;
  const half = studentTQuantile(probability, n - 1) * Math.sqrt(variance / n);
  return { lower: mean - half, upper: mean + half, level, method: "t" };
}

/**
 * Interval for the mean of a bounded score: one pseudo-score at each end of the scale, then
 * Student's t, clipped to the scale.
 *
 * Used instead of plain t because judge scores pile up at an end of their scale: ten times 5 of
 * [1, 5] gives [3.93, 5] here, and [5, 5] there. It is Agresti and Coull's idea for proportions
 * (1998, The American Statistician 52:119–126) carried over to means.
 *
 * @param scale - Lowest and highest possible value; for paired differences of scores on a scale of
 *   width R, [−R, R].
 * @returns Undefined for no values.
 * @throws {AssayError} `invalid-argument` for an empty scale or a mean outside it.
 */
export function plusTwoTInterval(
  moments: Moments,
  scale: readonly [low: number, high: number],
  level = DEFAULT_LEVEL,
): Interval | undefined {
  const [low, high] = scale;
  if (!(low < high)) {
    throw new AssayError("invalid-argument", `Expected a scale [low, high], got [${low}, ${high}]`);
  }
  upperProbability(level);
  if (moments.n === 0) return undefined;
  const slack = 1e-9 * (high - low);
  if (!(moments.mean >= low - slack && moments.mean <= high + slack)) {
    throw new AssayError(
      "invalid-argument",
      `Expected scores in [${low}, ${high}], got a mean of ${moments.mean}. Correct the scorer's \`scale\`.`,
    );
  }
  const interval = tInterval(addToMoments(addToMoments(moments, low), high), level);
  return (
    interval && {
      lower: Math.max(low, interval.lower),
      upper: Math.min(high, interval.upper),
      level,
      method: "plus-two-t",
    }
  );
}
