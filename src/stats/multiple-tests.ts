import { expectFraction } from "./expect-that.ts";

/**
 * Holm's step-down adjusted p-values: those at most α are rejected, with a probability of at most α that any
 * of them is true. No assumption on how the tests depend on each other.
 *
 * @returns In the order given, in [0, 1].
 * @see Holm (1979), Scand. J. Statist. 6:65–70.
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const m = pValues.length;
  let running = 0;
  return inOrder(pValues, (p, rank) => {
    running = Math.max(running, Math.min(1, (m - rank) * p));
    return running;
  });
}

/**
 * Benjamini–Hochberg adjusted p-values: of those at most q, on average a share of q is true.
 *
 * @see Benjamini and Hochberg (1995), JRSS-B 57:289–300.
 */
export function benjaminiHochbergAdjusted(pValues: readonly number[]): number[] {
  return stepUp(pValues, 1);
}

/**
 * Benjamini–Yekutieli adjusted p-values: the same under any dependence, with a factor Σ_{i≤m} 1/i.
 *
 * @see Benjamini and Yekutieli (2001), Ann. Statist. 29:1165–1188.
 */
export function benjaminiYekutieliAdjusted(pValues: readonly number[]): number[] {
  return stepUp(
    pValues,
    pValues.reduce((sum, _, index) => sum + 1 / (index + 1), 0),
  );
}

/**
 * e-BH: rejects the k largest e-values where the k-th is at least m/(α·k); under any dependence.
 *
 * @returns For each whether it is rejected, in the order given.
 * @see Wang and Ramdas (2022), JRSS-B 84:822–852.
 */
export function eBenjaminiHochberg(eValues: readonly number[], alpha: number): boolean[] {
  expectFraction("alpha", alpha);
  const m = eValues.length;
  const falling = eValues.toSorted((a, b) => b - a);
  const rejected = falling.findLastIndex((e, index) => e >= m / (alpha * (index + 1))) + 1;
  const smallest = falling[rejected - 1];
  return eValues.map((e) => smallest !== undefined && e >= smallest);
}

function stepUp(pValues: readonly number[], factor: number): number[] {
  const m = pValues.length;
  const order = pValues.map((_, index) => index).sort(byValue(pValues));
  const adjusted = new Array<number>(m);
  let running = 1;
  for (let rank = m; rank >= 1; rank -= 1) {
    const index = order[rank - 1] as number;
    running = Math.min(running, (factor * m * (pValues[index] as number)) / rank);
    adjusted[index] = running;
  }
  return adjusted;
}

function inOrder(pValues: readonly number[], adjust: (p: number, rank: number) => number) {
  const adjusted = new Array<number>(pValues.length);
  const order = pValues.map((_, index) => index).sort(byValue(pValues));
  for (const [rank, index] of order.entries()) {
    adjusted[index] = adjust(pValues[index] as number, rank);
  }
  return adjusted;
}

const byValue = (values: readonly number[]) => (a: number, b: number) =>
  (values[a] as number) - (values[b] as number);
