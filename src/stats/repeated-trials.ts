import { expectThat } from "./expect-that.ts";
import { mean } from "./mean.ts";
import { momentsOf, sampleVariance } from "./moments.ts";
import { normalDistribution } from "./normal-distribution.ts";

/** Variation of scores when rows are tried several times. */
export interface TrialVariance {
  /** σ_w²: of the trials of one row, pooled over rows. */
  readonly within: number;
  /** σ_b²: of the rows' true means; at least 0. */
  readonly between: number;
  /** σ_b²/(σ_b² + σ_w²), how much of one trial's variation is the row's; absent without any variation. */
  readonly icc?: number;
  /** √(Var(row means)/n): of another draw of rows. Judge noise is in it. */
  readonly generaliseStandardError: number;
  /** √(Σ s_i²/K_i)/n: of another run on the same rows. */
  readonly rerunStandardError: number;
}

/**
 * Splits the variation of repeated trials into what the rows differ by and what a re-run differs by:
 * σ_w² = Σ(K_i−1)s_i²/Σ(K_i−1), σ_b² = max(0, Var(x̄_i) − mean(s_i²/K_i)).
 *
 * A row that was tried once lends the pooled variance for its own.
 *
 * @param rows - The scores of each row's trials; rows without any are left out.
 * @returns Undefined for fewer than two rows, or no row with two trials.
 * @see Searle, Casella and McCulloch (1992), Variance Components, §3.6 (analysis of variance estimators).
 */
export function trialVariance(rows: Iterable<ArrayLike<number>>): TrialVariance | undefined {
  const means: number[] = [];
  const known: { readonly trials: number; readonly variance: number | undefined }[] = [];
  let [squares, degrees] = [0, 0];
  for (const row of rows) {
    if (row.length === 0) continue;
    const moments = momentsOf(Array.from(row));
    means.push(moments.mean);
    known.push({ trials: moments.n, variance: sampleVariance(moments) });
    squares += moments.m2;
    degrees += moments.n - 1;
  }
  const spread = sampleVariance(momentsOf(means));
  if (degrees === 0 || spread === undefined) return undefined;
  const n = means.length;
  const within = squares / degrees;
  const noises = known.map(({ trials, variance = within }) => variance / trials);
  const between = Math.max(0, spread - (mean(noises) as number));
  return {
    within,
    between,
    ...(between + within > 0 && { icc: between / (between + within) }),
    generaliseStandardError: Math.sqrt(spread / n),
    rerunStandardError: Math.sqrt(noises.reduce((sum, noise) => sum + noise, 0)) / n,
  };
}

/**
 * √((σ_b² + σ_w²/K)/n): the standard error of a mean over n rows with K trials each.
 *
 * @param n - Rows, at least 1; @param trials - Of each row, at least 1.
 */
export function standardErrorWithTrials(
  { between, within }: Pick<TrialVariance, "between" | "within">,
  n: number,
  trials: number,
): number {
  expectThat(n >= 1 && trials >= 1, `Expected rows and trials of at least 1, got ${n}, ${trials}`);
  return Math.sqrt((between + within / trials) / n);
}

/**
 * The number of trials that gives the smallest error for the same money: √(σ_w²/σ_b² · c_row/c_trial).
 * Infinite where rows do not differ.
 */
export function optimalTrials(
  { between, within }: Pick<TrialVariance, "between" | "within">,
  costOfRow: number,
  costOfTrial: number,
): number {
  return Math.sqrt((within / between) * (costOfRow / costOfTrial));
}

/** Reliability of the mean of K trials by Spearman and Brown (1910): K·ρ/(1 + (K − 1)·ρ). */
export function reliabilityOf(icc: number, trials: number): number {
  return (trials * icc) / (1 + (trials - 1) * icc);
}

/**
 * The chance that another run on the same rows gets the other side of the threshold:
 * Φ(−|m − τ| / (√2·SE_rerun)), as both runs vary.
 *
 * @returns In [0, ½]; 0 where runs do not vary.
 */
export function flipChance(
  estimate: number,
  threshold: number,
  rerunStandardError: number,
): number {
  const distance = Math.abs(estimate - threshold);
  if (rerunStandardError === 0) return 0;
  return normalDistribution(-distance / (Math.SQRT2 * rerunStandardError));
}
