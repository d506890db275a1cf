import { expectSameLength } from "./expect-that.ts";
import type { Values } from "./mean.ts";

/** Pairs of items by how two rankings order them. */
export interface PairCounts {
  readonly concordant: number;
  readonly discordant: number;
  /** Tied in x alone, in y alone, in both. */
  readonly tiedX: number;
  readonly tiedY: number;
  readonly tiedBoth: number;
}

/**
 * Counts pairs in O(n log n).
 *
 * @see Knight (1966), JASA 61:436–439.
 */
export function countPairs(x: Values, y: Values): PairCounts {
  expectSameLength(x, y);
  const n = x.length;
  const order = Uint32Array.from(x, (_, index) => index).sort(
    (a, b) => (x[a] as number) - (x[b] as number) || (y[a] as number) - (y[b] as number),
  );
  const byX = Float64Array.from(order, (index) => x[index] as number);
  const byY = Float64Array.from(order, (index) => y[index] as number);
  const pairs = (n * (n - 1)) / 2;
  const both = tiedPairs(n, (a, b) => byX[a] === byX[b] && byY[a] === byY[b]);
  const inX = tiedPairs(n, (a, b) => byX[a] === byX[b]);
  const sorted = Float64Array.from(y).sort();
  const inY = tiedPairs(n, (a, b) => sorted[a] === sorted[b]);
  const discordant = countInversions(byY);
  return {
    concordant: pairs - inX - inY + both - discordant,
    discordant,
    tiedX: inX - both,
    tiedY: inY - both,
    tiedBoth: both,
  };
}

/**
 * Kendall's τ-b = (C − D)/√((C + D + T_x)(C + D + T_y)).
 *
 * @returns In [−1, 1]; undefined where one side is constant.
 * @see Kendall (1945), Biometrika 33:239–251.
 */
export function kendallTauB(x: Values, y: Values): number | undefined {
  const { concordant, discordant, tiedX, tiedY } = countPairs(x, y);
  const ordered = concordant + discordant;
  const spread = (ordered + tiedX) * (ordered + tiedY);
  return spread > 0 ? (concordant - discordant) / Math.sqrt(spread) : undefined;
}

/** Stuart's τ-c = 2m(C − D)/(n²(m − 1)), m the smaller number of distinct values (Stuart 1953). */
export function kendallTauC(x: Values, y: Values): number | undefined {
  const { concordant, discordant } = countPairs(x, y);
  const m = Math.min(new Set(x).size, new Set(y).size);
  if (m < 2) return undefined;
  return (2 * m * (concordant - discordant)) / (x.length ** 2 * (m - 1));
}

/** Pairs within runs of neighbours that are tied. */
function tiedPairs(n: number, areTied: (a: number, b: number) => boolean): number {
  let [pairs, length] = [0, 0];
  for (let i = 1; i < n; i += 1) {
    length = areTied(i - 1, i) ? length + 1 : 0;
    pairs += length;
  }
  return pairs;
}

/** Pairs that stand in falling order, counted while the values are merge-sorted. */
function countInversions(values: Float64Array): number {
  let [from, to] = [Float64Array.from(values), new Float64Array(values.length)];
  let inversions = 0;
  for (let size = 1; size < values.length; size *= 2) {
    for (let start = 0; start < values.length; start += 2 * size) {
      const middle = Math.min(start + size, values.length);
      const end = Math.min(start + 2 * size, values.length);
      let [left, right] = [start, middle];
      for (let place = start; place < end; place += 1) {
        const takesLeft =
          left < middle && (right >= end || (from[left] as number) <= (from[right] as number));
        if (!takesLeft) inversions += middle - left;
        to[place] = from[takesLeft ? left++ : right++] as number;
      }
    }
    [from, to] = [to, from];
  }
  return inversions;
}
