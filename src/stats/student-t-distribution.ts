import { expectThat } from "./expect-that.ts";
import { incompleteBeta } from "./incomplete-beta.ts";

/**
 * Student's t distribution function, P(T ≤ t).
 *
 * @param degreesOfFreedom - At least 1; need not be an integer.
 * @throws {AssayError} `invalid-argument` for fewer.
 * @see Abramowitz and Stegun 26.7.1.
 */
export function studentTDistribution(t: number, degreesOfFreedom: number): number {
  expectThat(
    degreesOfFreedom >= 1,
    `Expected at least 1 degree of freedom, got ${degreesOfFreedom}`,
  );
  const x = degreesOfFreedom / (degreesOfFreedom + t * t);
  const tail = 0.5 * incompleteBeta(x, degreesOfFreedom / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}
