import type { Interval } from "../core/aggregation.ts";
import { expectThat } from "./expect-that.ts";
import { DEFAULT_LEVEL, upperProbability } from "./level.ts";
import { mean, populationVariance } from "./mean.ts";
import { normalDistribution } from "./normal-distribution.ts";
import { normalQuantile } from "./normal-quantile.ts";
import { quantileOfSorted } from "./quantile.ts";
import { seededRandom } from "./random.ts";

/** What resampling says of a statistic. */
export interface Bootstrap {
  /** On the sample itself. */
  readonly estimate: number;
  /** Population standard deviation of the resampled statistics. */
  readonly standardError: number;
  /** Type-7 quantiles of the resampled statistics. */
  readonly percentile: Interval;
  /** Bias-corrected and accelerated; equals `percentile` where all leave-one-out values are equal. */
  readonly bca: Interval;
  /** Bias correction: Φ⁻¹ of the share below the estimate, ties counted half. */
  readonly z0: number;
  readonly acceleration: number;
  /** Resamples for which the statistic was defined. */
  readonly resamples: number;
}

/** How a bootstrap is drawn. */
export interface BootstrapOptions {
  /** Default 0. */
  readonly seed?: number;
  /** Default 9 999. */
  readonly resamples?: number;
  readonly level?: number;
  /** Every possible resample instead of random ones; for up to 6 items. */
  readonly isExhaustive?: boolean;
}

/**
 * Seeded bootstrap of a statistic without a formula: correlations, κ, medians, ratios. Resamples whole items;
 * for clustered data let each item be a cluster. For means of judge scores use {@link plusTwoTInterval}: no
 * resampling invents the failures that were not seen.
 *
 * @param statistic - Undefined where a resample does not define it (κ of one category): such are left out.
 * @returns Undefined where the sample or half of the resamples do not define it.
 * @see Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 13–14; the resample's index is
 *   ⌊n·u⌋ for a uniform u of {@link seededRandom}.
 */
export function bootstrap<T>(
  items: readonly T[],
  statistic: (sample: readonly T[]) => number | undefined,
  { seed = 0, resamples = 9_999, level = DEFAULT_LEVEL, isExhaustive }: BootstrapOptions = {},
): Bootstrap | undefined {
  const above = upperProbability(level);
  const estimate = statistic(items);
  if (estimate === undefined || items.length < 2) return undefined;
  const draws = isExhaustive ? everyResample(items) : randomResamples(items, seed, resamples);
  const values: number[] = [];
  let drawn = 0;
  for (const draw of draws) {
    drawn += 1;
    const value = statistic(draw);
    if (value !== undefined) values.push(value);
  }
  if (values.length * 2 < drawn || values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const z0 = biasCorrection(sorted, estimate);
  const acceleration = accelerationOf(items, statistic);
  const between = (low: number, high: number, method: Interval["method"]): Interval => ({
    lower: quantileOfSorted(sorted, low) as number,
    upper: quantileOfSorted(sorted, high) as number,
    level,
    method,
  });
  const [low, high] = bcaProbabilities(z0, acceleration, 1 - above, above);
  return {
    estimate,
    standardError: Math.sqrt(populationVariance(sorted) as number),
    percentile: between(1 - above, above, "bootstrap-percentile"),
    bca: between(low, high, "bootstrap-bca"),
    z0,
    acceleration,
    resamples: values.length,
  };
}

/** The quantiles of the resampled statistics that bound the BCa interval. */
export function bcaProbabilities(
  z0: number,
  acceleration: number,
  low: number,
  high: number,
): [low: number, high: number] {
  const corrected = (probability: number) => {
    const shifted = z0 + normalQuantile(probability);
    return normalDistribution(z0 + shifted / (1 - acceleration * shifted));
  };
  return [corrected(low), corrected(high)];
}

function* randomResamples<T>(items: readonly T[], seed: number, resamples: number): Generator<T[]> {
  const random = seededRandom(seed);
  for (let resample = 0; resample < resamples; resample += 1) {
    yield Array.from(items, () => items[Math.floor(random() * items.length)] as T);
  }
}

function* everyResample<T>(items: readonly T[]): Generator<T[]> {
  const n = items.length;
  expectThat(n <= 6, `Every resample is tried for up to 6 items, got ${n}`);
  for (let code = 0; code < n ** n; code += 1) {
    yield Array.from(items, (_, place) => items[Math.floor(code / n ** place) % n] as T);
  }
}

function biasCorrection(sorted: Float64Array, estimate: number): number {
  let [below, equal] = [0, 0];
  for (const value of sorted) {
    if (value < estimate - 1e-12 * Math.abs(estimate)) below += 1;
    else if (value <= estimate + 1e-12 * Math.abs(estimate)) equal += 1;
    else break;
  }
  const share = (below + equal / 2) / sorted.length;
  // A statistic at the edge of what resampling reaches has no finite correction.
  const edge = 1 / (2 * sorted.length);
  return normalQuantile(Math.min(1 - edge, Math.max(edge, share)));
}

/** Σ(θ̄ − θ_i)³ / (6·(Σ(θ̄ − θ_i)²)^1.5) over the statistics with one item left out. */
function accelerationOf<T>(
  items: readonly T[],
  statistic: (sample: readonly T[]) => number | undefined,
): number {
  const left = items.flatMap((_, index) => statistic(items.toSpliced(index, 1)) ?? []);
  const centre = mean(left) ?? 0;
  const squares = left.reduce((sum, value) => sum + (centre - value) ** 2, 0);
  if (squares === 0) return 0;
  return left.reduce((sum, value) => sum + (centre - value) ** 3, 0) / (6 * squares ** 1.5);
}
