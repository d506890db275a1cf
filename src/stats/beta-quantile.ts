import { expectFraction } from "./expect-that.ts";
import { incompleteBeta } from "./incomplete-beta.ts";

/**
 * Quantile function of Beta(a, b), by bisection, to about 1e-14.
 *
 * @param probability - In (0, 1).
 * @param a - At least 0.5, as `b`.
 * @throws {AssayError} `invalid-argument` for a probability outside (0, 1).
 */
export function betaQuantile(probability: number, a: number, b: number): number {
  expectFraction("probability", probability);
  let low = 0;
  let high = 1;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, a, b) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
