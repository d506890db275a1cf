import type { Interval } from "../core/aggregation.ts";
import { expectSameLength } from "./expect-that.ts";
import { DEFAULT_LEVEL } from "./level.ts";
import type { Values } from "./mean.ts";
import { plusTwoTInterval, tInterval } from "./mean-interval.ts";
import { momentsOf, sampleVariance } from "./moments.ts";
import { studentTDistribution } from "./student-t-distribution.ts";

/** The differences `candidate − baseline` of the same rows. */
export interface PairedDifference {
  readonly n: number;
  readonly mean: number;
  /** Of the differences, with denominator n − 1. */
  readonly standardDeviation: number;
  readonly standardError: number;
  /** What the standard error would be if the rows were not the same: √(s²_c/n + s²_b/n). */
  readonly unpairedStandardError: number;
  /** Pearson's, between the two; undefined where one of them is constant. */
  readonly correlation?: number;
  /** Student's t; undefined where all differences are equal. */
  readonly t?: number;
  readonly pTwoSided?: number;
  /** Of the candidate being as good or better: small where it got worse. */
  readonly pWorse?: number;
  /** Two-sided; plus-two on [−R, R] where the scale is known, else t. */
  readonly interval?: Interval;
}

/**
 * Compares two runs on the rows that both have. Pairing takes out what the rows have in common: on recorded
 * judges its standard error is a half to three quarters of the unpaired one.
 *
 * @param scale - Of the scores; their differences then get the plus-two interval on [−R, R], R = high − low.
 * @returns Undefined for fewer than two pairs.
 * @throws {AssayError} `invalid-argument` for lists of different lengths.
 * @see Miller (2024), arXiv:2411.00640, §4.2; `docs/design/numbers.md` for the coverage of plus-two here.
 */
export function pairedDifference(
  candidate: Values,
  baseline: Values,
  scale?: readonly [low: number, high: number],
  level = DEFAULT_LEVEL,
): PairedDifference | undefined {
  expectSameLength(candidate, baseline);
  const differences = Array.from(candidate, (value, i) => value - (baseline[i] as number));
  const moments = momentsOf(differences);
  const variance = sampleVariance(moments);
  if (variance === undefined) return undefined;
  const { n, mean } = moments;
  const [first, second] = [momentsOf(candidate), momentsOf(baseline)];
  const standardError = Math.sqrt(variance / n);
  // From Var(c − b) = Var c + Var b − 2·Cov.
  const spread = (first.m2 + second.m2 - moments.m2) / 2;
  const correlation = spread / Math.sqrt(first.m2 * second.m2);
  const interval =
    scale === undefined
      ? tInterval(moments, level)
      : plusTwoTInterval(moments, [scale[0] - scale[1], scale[1] - scale[0]], level);
  const t = mean / standardError;
  return {
    n,
    mean,
    standardDeviation: Math.sqrt(variance),
    standardError,
    unpairedStandardError: Math.sqrt((first.m2 + second.m2) / (n - 1) / n),
    ...(Number.isFinite(correlation) && { correlation }),
    ...(Number.isFinite(t) && {
      t,
      pTwoSided: 2 * studentTDistribution(-Math.abs(t), n - 1),
      pWorse: studentTDistribution(t, n - 1),
    }),
    ...(interval !== undefined && { interval }),
  };
}
