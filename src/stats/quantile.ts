import { AssayError } from "../core/errors.ts";
import type { Values } from "./mean.ts";

/**
 * Quantile of type 7 (numpy's `percentile` with `method="linear"`); undefined for no values.
 *
 * @param q - In [0, 1]: 0.9 is the 90th percentile.
 * @throws {AssayError} `invalid-argument` for a `q` outside [0, 1].
 * @see Hyndman and Fan (1996), The American Statistician 50:361–365.
 */
export function quantile(values: Values, q: number): number | undefined {
  return quantileOfSorted(Float64Array.from(values).sort(), q);
}

/** {@link quantile} of values that are in ascending order already. */
export function quantileOfSorted(sorted: ArrayLike<number>, q: number): number | undefined {
  if (!(q >= 0 && q <= 1)) {
    throw new AssayError("invalid-argument", `Expected \`q\` to be in [0, 1], got ${q}`);
  }
  const position = q * (sorted.length - 1);
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return undefined;
  const fraction = position - Math.floor(position);
  // numpy interpolates from the nearer end, and so do we: the last digit then agrees.
  return fraction < 0.5
    ? below + (above - below) * fraction
    : above - (above - below) * (1 - fraction);
}

/** The middle value, or the mean of the middle two; undefined for no values. */
export function median(values: Values): number | undefined {
  return quantile(values, 0.5);
}
