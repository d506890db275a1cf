import { mean, type Values } from "./mean.ts";
import { seededRandom } from "./random.ts";

/** Up to this many differences all sign patterns are tried. */
const EXACT_UP_TO = 16;

/** What a sign-flip test says. */
export interface SignFlipTest {
  /** Of a mean this low or lower, if better and worse were equally likely: small after a regression. */
  readonly pWorse: number;
  /** Of a mean this far from 0 or farther. */
  readonly pTwoSided: number;
  /** Whether every pattern of signs was tried; else a seeded sample of them. */
  readonly isExact: boolean;
}

/**
 * Permutation test of paired differences: under the null each difference could as well have the other sign.
 * No assumption on their distribution. Exact up to 16 differences, else from `samples` seeded patterns with
 * the observed one counted in, so that p is never 0.
 *
 * @returns Undefined for no differences.
 * @see Fisher (1935), The Design of Experiments, §21; the counted-in sample: Phipson and Smyth (2010),
 *   Stat. Appl. Genet. Mol. Biol. 9:39.
 */
export function signFlipTest(
  differences: Values,
  { seed = 0, samples = 9_999 }: { readonly seed?: number; readonly samples?: number } = {},
): SignFlipTest | undefined {
  const observed = mean(differences);
  if (observed === undefined) return undefined;
  const n = differences.length;
  // Rounding must not tell apart patterns that give the same mean.
  const slack = 1e-12 * Array.from(differences).reduce((sum, value) => sum + Math.abs(value), 1);
  const sumObserved = observed * n;
  let [worse, farther, tried] = [0, 0, 0];
  const count = (sum: number) => {
    tried += 1;
    if (sum <= sumObserved + slack) worse += 1;
    if (Math.abs(sum) >= Math.abs(sumObserved) - slack) farther += 1;
  };
  const isExact = n <= EXACT_UP_TO;
  if (isExact) {
    for (let pattern = 0; pattern < 2 ** n; pattern += 1) {
      let sum = 0;
      for (let i = 0; i < n; i += 1) {
        sum += pattern & (1 << i) ? -(differences[i] as number) : (differences[i] as number);
      }
      count(sum);
    }
  } else {
    const random = seededRandom(seed);
    count(sumObserved);
    for (let sample = 0; sample < samples; sample += 1) {
      let sum = 0;
      for (let i = 0; i < n; i += 1) {
        sum += random() < 0.5 ? -(differences[i] as number) : (differences[i] as number);
      }
      count(sum);
    }
  }
  return { pWorse: worse / tried, pTwoSided: farther / tried, isExact };
}
