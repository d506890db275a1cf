/** Numbers as a list or as a column. */
export type Values = readonly number[] | Float64Array;

/**
 * Arithmetic mean; undefined for no values.
 *
 * The sum is compensated (Neumaier 1974), so that the order in which results were committed does
 * not show in the metric.
 */
export function mean(values: Values): number | undefined {
  return values.length === 0 ? undefined : compensatedSum(values) / values.length;
}

/** numpy's `var`: denominator n, not n − 1. Undefined for no values. */
export function populationVariance(values: Values): number | undefined {
  const center = mean(values);
  if (center === undefined) return undefined;
  return compensatedSum(values, (value) => (value - center) ** 2) / values.length;
}

function compensatedSum(values: Values, of = (value: number) => value): number {
  let sum = 0;
  let lost = 0;
  for (const given of values) {
    const value = of(given);
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  // An infinite sum leaves NaN in what was lost.
  return Number.isFinite(sum) ? sum + lost : sum;
}
