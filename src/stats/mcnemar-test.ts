import { expectThat } from "./expect-that.ts";
import { logGamma } from "./incomplete-beta.ts";

/** What McNemar's test says of discordant pairs. */
export interface McNemarTest {
  /** Exact two-sided p. */
  readonly p: number;
  /** Two-sided, less conservative: the probability of the observed split counts half. */
  readonly midP: number;
  /** Exact one-sided p of `lost` being this large or larger if both are as likely: small after a regression. */
  readonly pWorse: number;
  /** χ² with continuity correction, (|b − c| − 1)²/(b + c); absent without discordant pairs. */
  readonly chiSquared?: number;
}

/**
 * McNemar's exact test of paired pass/fail verdicts: only rows that changed count.
 *
 * @param lost - Rows that passed in the baseline and fail now; integer of at least 0.
 * @param gained - Rows that failed and pass now.
 * @see McNemar (1947), Psychometrika 12:153–157; mid-p: Fagerland, Lydersen and Laake (2013), BMC Med.
 *   Res. Methodol. 13:91.
 */
export function mcnemarTest(lost: number, gained: number): McNemarTest {
  for (const count of [lost, gained]) {
    expectThat(
      Number.isInteger(count) && count >= 0,
      `Expected a count of rows, an integer of at least 0, got ${count}`,
    );
  }
  const n = lost + gained;
  const fewer = Math.min(lost, gained);
  const upTo = (end: number) => {
    let sum = 0;
    for (let i = 0; i <= end; i += 1) sum += halfBinomial(i, n);
    return sum;
  };
  const p = Math.min(1, 2 * upTo(fewer));
  return {
    p,
    midP: p - halfBinomial(fewer, n),
    // P(X ≥ lost) = P(X ≤ gained), by symmetry.
    pWorse: Math.min(1, upTo(gained)),
    ...(n > 0 && { chiSquared: (Math.abs(lost - gained) - 1) ** 2 / n }),
  };
}

/** C(n, i) / 2^n. */
function halfBinomial(i: number, n: number): number {
  const logChoose = logGamma(n + 1) - logGamma(i + 1) - logGamma(n - i + 1);
  return Math.exp(logChoose - n * Math.LN2);
}
