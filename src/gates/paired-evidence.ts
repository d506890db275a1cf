import type { Interval } from "../core/index.ts";
import { withoutAbsent } from "../core/index.ts";
import {
  addToMoments,
  type ClusteredMean,
  clusteredMean,
  type Moments,
  mcnemarTest,
  minimumDetectableDifference,
  momentsOf,
  plusTwoTInterval,
  sampleVariance,
  studentTDistribution,
  studentTQuantile,
  tInterval,
} from "../stats/index.ts";
import type { Operator } from "./gate.ts";

/** Two-sided, so that each end is a one-sided bound at 95 %. */
const LEVEL = 0.9;

/** Scores of the same rows, in the same order. */
export interface Pairs {
  readonly candidate: readonly number[];
  readonly baseline: readonly number[];
  /** What rows belong to; absent where they stand alone. */
  readonly clusters?: readonly string[];
}

/** What a gate against a baseline demands: candidate `operator` factor · baseline + offset. */
export interface PairedDemand {
  readonly operator: Operator;
  readonly factor: number;
  readonly offset: number;
  readonly scale?: readonly [low: number, high: number];
}

/** What the pairs say of the demand. */
export interface PairedEvidence {
  /** Mean of candidate − factor · baseline. */
  readonly estimate: number;
  readonly interval?: Interval;
  /** Probability of a mean so far on the wrong side, if the demand were just met. */
  readonly pWorse?: number;
  readonly worse: number;
  readonly better: number;
  readonly detectable?: number;
}

/**
 * Holds paired scores against a demand: plus-two t on [low − f·high, high − f·low] where the scale is known
 * (else t), by cluster where rows have one; exact McNemar for verdicts of pass and fail without a margin.
 *
 * @returns Undefined for no pairs.
 * @see docs/design/gates.md for why plus-two: at 20 rows t covers 57 % in the worst of the recorded judges.
 */
export function pairedEvidence(pairs: Pairs, demand: PairedDemand): PairedEvidence | undefined {
  const { candidate, baseline, clusters } = pairs;
  const { factor, offset, operator, scale } = demand;
  const isLess = operator.startsWith("<");
  const differences = candidate.map((value, i) => value - factor * (baseline[i] as number));
  const moments = momentsOf(differences);
  if (moments.n === 0) return undefined;
  const ends = scale && ([scale[0] - factor * scale[1], scale[1] - factor * scale[0]] as const);
  const clustered = clusters && clusteredMean(differences, clusters, LEVEL, ends ?? []);
  const found =
    clusters !== undefined
      ? clustered?.interval
      : ends === undefined
        ? tInterval(moments, LEVEL)
        : plusTwoTInterval(moments, ends, LEVEL);
  // Without bounds, differences that are all the same would seem to be known for certain.
  const interval = found?.lower === found?.upper ? undefined : found;
  // What became of a row is told by its scores, whatever share of the baseline is demanded.
  const changes = candidate.map((value, i) => value - (baseline[i] as number));
  const worse = changes.filter((value) => (isLess ? value > 0 : value < 0)).length;
  const better = changes.filter((value) => (isLess ? value < 0 : value > 0)).length;
  const isBinary = [...candidate, ...baseline].every((value) => value === 0 || value === 1);
  const isPlain = factor === 1 && offset === 0 && clusters === undefined;
  return withoutAbsent<PairedEvidence>({
    estimate: withoutRounding(moments.mean, differences),
    interval,
    pWorse:
      isBinary && isPlain
        ? mcnemarTest(worse, better).pWorse
        : clusters === undefined
          ? (pOf(differences, ends, offset, isLess) ?? pOfSame(differences, offset, isLess))
          : clustered && pOfMean(clustered.basis, offset, isLess),
    worse,
    better,
    // One group alone tells nothing of how others differ.
    detectable:
      clusters !== undefined && clustered === undefined
        ? undefined
        : detectableDifference(
            moments,
            withoutAbsent({
              ends: isBinary && isPlain ? undefined : ends,
              clustered,
              isTwoSided: false,
            }),
          ),
  });
}

/**
 * The smallest difference that so many rows show with the wanted power, by the test that they are put to:
 * pseudo-differences at the ends widen it and draw what it finds towards 0, and vary in no sample.
 *
 * @param clustered - Of differences that belong to groups.
 * @returns Undefined where the differences do not vary and nothing bounds them.
 */
export function detectableDifference(
  moments: Moments,
  {
    ends,
    clustered,
    isTwoSided,
    power = 0.8,
  }: {
    readonly ends?: readonly [low: number, high: number];
    readonly clustered?: Pick<ClusteredMean, "standardError" | "basis">;
    readonly isTwoSided: boolean;
    /** Default 0.8. */
    readonly power?: number;
  },
): number | undefined {
  const all = ends === undefined ? moments : addToMoments(addToMoments(moments, ends[0]), ends[1]);
  const own = clustered?.standardError ?? standardErrorOf(moments);
  const tested = clustered?.basis.standardError ?? standardErrorOf(all);
  if (tested === undefined || tested === 0) return undefined;
  const degreesOfFreedom = clustered?.basis.degreesOfFreedom ?? all.n - 1;
  const certain = studentTQuantile(isTwoSided ? 0.975 : 0.95, degreesOfFreedom) * tested;
  const likely = minimumDetectableDifference(own ?? tested, 1, {
    isTwoSided: false,
    alpha: 0.5,
    power,
  });
  return (certain * (clustered?.basis.n ?? all.n)) / moments.n + likely;
}

function standardErrorOf(moments: Moments): number | undefined {
  const variance = sampleVariance(moments);
  return variance && Math.sqrt(variance / moments.n);
}

/** Differences that cancel out sum up to 1e-17 or so, on either side of a tie. */
function withoutRounding(mean: number, differences: readonly number[]): number {
  const largest = differences.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Math.abs(mean) <= largest * 1e-12 ? 0 : mean;
}

/** One-sided p that goes with the plus-two (or t) bound. */
function pOf(
  differences: readonly number[],
  ends: readonly [number, number] | undefined,
  offset: number,
  isLess: boolean,
): number | undefined {
  const own = momentsOf(differences);
  const moments = ends === undefined ? own : addToMoments(addToMoments(own, ends[0]), ends[1]);
  const variance = sampleVariance(moments);
  if (variance === undefined) return undefined;
  const { n, mean } = moments;
  const standardError = Math.sqrt(variance / n);
  return pOfMean({ mean, standardError, degreesOfFreedom: n - 1 }, offset, isLess);
}

/** Of differences that are all the same: that all signs are those by chance, as in the sign test. */
function pOfSame(
  differences: readonly number[],
  offset: number,
  isLess: boolean,
): number | undefined {
  const [first = offset] = differences;
  if (first === offset) return undefined;
  const chance = 0.5 ** differences.length;
  return first < offset === isLess ? 1 - chance : chance;
}

function pOfMean(
  { mean, standardError, degreesOfFreedom }: Omit<ClusteredMean["basis"], "n">,
  offset: number,
  isLess: boolean,
): number | undefined {
  if (standardError === 0) return undefined;
  const t = (mean - offset) / standardError;
  return studentTDistribution(isLess ? -t : t, degreesOfFreedom);
}
