import { expectSameLength } from "./expect-that.ts";
import { mean, type Values } from "./mean.ts";

/** Pearson's r; undefined where one side is constant or there are fewer than two pairs. */
export function pearson(x: Values, y: Values): number | undefined {
  const { cross, xx, yy } = crossMoments(x, y);
  return xx > 0 && yy > 0 ? cross / Math.sqrt(xx * yy) : undefined;
}

/** Spearman's ρ: Pearson's r of mid-ranks. */
export function spearman(x: Values, y: Values): number | undefined {
  return pearson(midRanks(x), midRanks(y));
}

/**
 * Lin's concordance 2·cov/(v_x + v_y + (µ_x − µ_y)²), with denominator n: unlike r it falls with leniency.
 *
 * @see Lin (1989), Biometrics 45:255–268.
 */
export function concordance(x: Values, y: Values): number | undefined {
  const { cross, xx, yy, shift } = crossMoments(x, y);
  const spread = xx + yy + x.length * shift ** 2;
  return spread > 0 ? (2 * cross) / spread : undefined;
}

/** Mean of |x − y|; undefined for no pairs. */
export function meanAbsoluteError(x: Values, y: Values): number | undefined {
  expectSameLength(x, y);
  return mean(Array.from(x, (value, i) => Math.abs(value - (y[i] as number))));
}

/** Ranks from 1, ties sharing the mean of theirs. */
export function midRanks(values: Values): Float64Array {
  const order = Uint32Array.from(values, (_, index) => index).sort(
    (a, b) => (values[a] as number) - (values[b] as number),
  );
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    const value = values[order[start] as number];
    while (end < order.length && values[order[end] as number] === value) end += 1;
    for (let i = start; i < end; i += 1) ranks[order[i] as number] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

function crossMoments(x: Values, y: Values) {
  expectSameLength(x, y);
  const [meanX, meanY] = [mean(x) ?? 0, mean(y) ?? 0];
  let [cross, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i += 1) {
    const [dx, dy] = [(x[i] as number) - meanX, (y[i] as number) - meanY];
    cross += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return { cross, xx, yy, shift: meanX - meanY };
}
