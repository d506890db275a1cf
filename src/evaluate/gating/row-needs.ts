import { AssayError } from "../../core/index.ts";
import { detectableDifference } from "../../gates/index.ts";
import {
  clusteredMean,
  momentsOf,
  plusTwoTInterval,
  rowsForPrecision,
  rowsToDetect,
  sampleVariance,
  type Values,
} from "../../stats/index.ts";

/** More rows than anybody has: where no number of them does. */
const MOST = 2 ** 40;

/** What rows to come are taken to be like. */
interface Rows {
  readonly mean: number;
  readonly variance: number;
  readonly scale: readonly [low: number, high: number] | undefined;
}

/** Rows for which the interval that gates use is as narrow as wanted. */
export function rowsForHalfWidth({ mean, variance, scale }: Rows, halfWidth: number): number {
  if (scale === undefined) return rowsForPrecision(Math.sqrt(variance), halfWidth);
  return fewest((n) => {
    const found = plusTwoTInterval({ n, mean, m2: variance * (n - 1) }, scale);
    return found !== undefined && (found.upper - found.lower) / 2 <= halfWidth;
  });
}

/** Rows that show a difference by the one-sided test that gates use, at 5 %. */
export function rowsForDifference(
  variance: number,
  ends: readonly [low: number, high: number] | undefined,
  difference: number,
  power: number,
): number {
  if (ends === undefined) {
    return rowsToDetect(Math.sqrt(variance), difference, { power, isTwoSided: false });
  }
  return fewest((n) => {
    const moments = { n, mean: 0, m2: variance * (n - 1) };
    const seen = detectableDifference(moments, { ends, isTwoSided: false, power });
    return seen === undefined || seen <= difference;
  });
}

/** The fewest rows, two or more, that are enough; more are enough as well. */
function fewest(areEnough: (n: number) => boolean): number {
  let [few, many] = [1, 2];
  while (!areEnough(many) && many < MOST) [few, many] = [many, 2 * many];
  while (many - few > 1) {
    const middle = Math.floor((few + many) / 2);
    if (areEnough(middle)) many = middle;
    else few = middle;
  }
  return many;
}

/**
 * How many rows that belong to groups tell as much as one that stands alone: the square of their clustered
 * standard error over that of independent rows; at least 1, as few groups may look better than they are.
 *
 * @throws {AssayError} `invalid-argument` for a single group.
 * @see Kish (1965), Survey Sampling, §8.2.
 */
export function designEffect(values: Values, groups: readonly string[], run: string): number {
  const clustered = clusteredMean(values, groups);
  if (clustered === undefined) {
    throw new AssayError(
      "invalid-argument",
      `${run}: all its rows belong to one group, which says nothing of how others differ; take a pilot of several`,
    );
  }
  const variance = sampleVariance(momentsOf(values));
  if (variance === undefined || variance === 0) return 1;
  return Math.max(1, clustered.standardError ** 2 / (variance / values.length));
}
