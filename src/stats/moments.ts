import { mean, populationVariance, type Values } from "./mean.ts";

/**
 * The first two moments of a sample, accumulated in one pass and without cancellation.
 *
 * @see Welford (1962), Technometrics 4:419–420; merging: Chan, Golub and LeVeque (1979), STAN-CS-79-773.
 */
export interface Moments {
  readonly n: number;
  /** 0 when `n` is 0. */
  readonly mean: number;
  /** Sum of squared deviations from the mean. */
  readonly m2: number;
}

/** Of no values: where accumulation starts. */
export const NO_MOMENTS: Moments = { n: 0, mean: 0, m2: 0 };

/** The moments of the sample with one more value. */
export function addToMoments(moments: Moments, value: number): Moments {
  const n = moments.n + 1;
  const deviation = value - moments.mean;
  const mean = moments.mean + deviation / n;
  return { n, mean, m2: moments.m2 + deviation * (value - mean) };
}

/** The moments of two samples taken together. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const deviation = b.mean - a.mean;
  return {
    n,
    mean: a.mean + (deviation * b.n) / n,
    m2: a.m2 + b.m2 + (deviation * deviation * a.n * b.n) / n,
  };
}

export function momentsOf(values: Iterable<number>): Moments {
  let moments = NO_MOMENTS;
  for (const value of values) moments = addToMoments(moments, value);
  return moments;
}

/** {@link momentsOf} with compensated sums, so that the order of the values does not show in the last digit. */
export function orderFreeMoments(values: Values): Moments {
  const n = values.length;
  return { n, mean: mean(values) ?? 0, m2: (populationVariance(values) ?? 0) * n };
}

/** With denominator n − 1; undefined for fewer than two values. */
export function sampleVariance(moments: Moments): number | undefined {
  return moments.n < 2 ? undefined : moments.m2 / (moments.n - 1);
}
