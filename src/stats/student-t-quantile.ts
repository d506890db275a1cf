import { AssayError } from "../core/errors.ts";
import { incompleteBeta, logGamma } from "./incomplete-beta.ts";
import { normalQuantile } from "./normal-quantile.ts";

/** From here on the expansion around the normal is exact to double precision. */
const MANY_DEGREES = 1000;

/**
 * Student's t quantile function, to 1e-9 or better.
 *
 * @param probability - In (0, 1): 0.975 for a two-sided 95 % interval.
 * @param degreesOfFreedom - At least 1; need not be an integer.
 * @throws {AssayError} `invalid-argument` outside these ranges.
 */
export function studentTQuantile(probability: number, degreesOfFreedom: number): number {
  if (!(degreesOfFreedom >= 1)) {
    throw new AssayError(
      "invalid-argument",
      `Expected at least 1 degree of freedom, got ${degreesOfFreedom}`,
    );
  }
  const z = normalQuantile(probability);
  if (z === 0) return 0;
  const tail = Math.min(probability, 1 - probability);
  return Math.sign(z) * upperQuantile(tail, Math.abs(z), degreesOfFreedom);
}

/** The t > 0 that is exceeded with probability `tail`, given the normal's. */
function upperQuantile(tail: number, z: number, df: number): number {
  if (df === 1) return 1 / Math.tan(Math.PI * tail);
  if (df === 2) return (1 - 2 * tail) / Math.sqrt(2 * tail * (1 - tail));
  const start = expansionAroundNormal(z, df);
  return df >= MANY_DEGREES ? start : solveUpperTail(tail, df, start);
}

/** @see Abramowitz and Stegun 26.7.5, four terms. */
function expansionAroundNormal(z: number, df: number): number {
  const s = z * z;
  const first = (z * (s + 1)) / 4;
  const second = (z * ((5 * s + 16) * s + 3)) / 96;
  const third = (z * (((3 * s + 19) * s + 17) * s - 15)) / 384;
  const fourth = (z * ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945)) / 92_160;
  return z + (first + (second + (third + fourth / df) / df) / df) / df;
}

/** Newton's method, kept inside a bracket: the tail falls and is convex in t > 0. */
function solveUpperTail(tail: number, df: number, start: number): number {
  const logScale = logGamma((df + 1) / 2) - logGamma(df / 2) - 0.5 * Math.log(df * Math.PI);
  const density = (t: number) => Math.exp(logScale - ((df + 1) / 2) * Math.log1p((t * t) / df));
  const upperTail = (t: number) => 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5);
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let t = Math.max(start, Number.MIN_VALUE);
  for (let step = 0; step < 200; step += 1) {
    const excess = upperTail(t) - tail;
    if (excess > 0) low = t;
    else high = t;
    let next = t + excess / density(t);
    if (!(next >= low && next <= high)) next = high < Infinity ? (low + high) / 2 : 2 * t + 1;
    if (Math.abs(next - t) <= 1e-14 * next) return next;
    t = next;
  }
  return t;
}
