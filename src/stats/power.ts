import { expectFraction, expectThat } from "./expect-that.ts";
import { normalQuantile } from "./normal-quantile.ts";

/** How sure a comparison is to be. */
export interface PowerOptions {
  /** Probability of a false alarm; default 0.05. */
  readonly alpha?: number;
  /** Probability of seeing a difference that is there; default 0.8. */
  readonly power?: number;
  /** Whether differences in both directions are looked for; default true. */
  readonly isTwoSided?: boolean;
}

/**
 * Rows that show a difference δ: n = ⌈(z_{1−α[/2]} + z_{1−β})²·σ²/δ²⌉.
 *
 * @param standardDeviation - Of the paired differences of rows; at least 0.
 * @param difference - Smallest that is to be seen, above 0, in the same unit.
 * @see Miller (2024), arXiv:2411.00640, §5.
 */
export function rowsToDetect(
  standardDeviation: number,
  difference: number,
  options: PowerOptions = {},
): number {
  expectThat(difference > 0, `Expected a difference above 0, got ${difference}`);
  checkSpread(standardDeviation);
  // Rounded before it is rounded up, so that 159.0000000001 is 159.
  const rows = ((quantiles(options) * standardDeviation) / difference) ** 2;
  return Math.max(2, Math.ceil(rows - 1e-9));
}

/**
 * The smallest difference that `n` rows show with the wanted power: (z_{1−α[/2]} + z_{1−β})·σ/√n.
 *
 * @param n - At least 1.
 */
export function minimumDetectableDifference(
  standardDeviation: number,
  n: number,
  options: PowerOptions = {},
): number {
  expectThat(n >= 1, `Expected \`n\` to be at least 1, got ${n}`);
  checkSpread(standardDeviation);
  return (quantiles(options) * standardDeviation) / Math.sqrt(n);
}

/**
 * Rows for which an interval `mean ± halfWidth` is as narrow as wanted: n = ⌈z²σ²/h²⌉.
 *
 * @param standardDeviation - Of the rows' values; at least 0.
 * @param halfWidth - Above 0, in the same unit.
 */
export function rowsForPrecision(
  standardDeviation: number,
  halfWidth: number,
  level = 0.95,
): number {
  expectFraction("level", level);
  expectThat(halfWidth > 0, `Expected a half width above 0, got ${halfWidth}`);
  checkSpread(standardDeviation);
  const rows = ((normalQuantile(0.5 + level / 2) * standardDeviation) / halfWidth) ** 2;
  return Math.max(2, Math.ceil(rows - 1e-9));
}

function checkSpread(standardDeviation: number): void {
  expectThat(
    standardDeviation >= 0 && standardDeviation < Infinity,
    `Expected a standard deviation of at least 0, got ${standardDeviation}`,
  );
}

function quantiles({ alpha = 0.05, power = 0.8, isTwoSided = true }: PowerOptions): number {
  expectFraction("alpha", alpha);
  expectFraction("power", power);
  return normalQuantile(1 - (isTwoSided ? alpha / 2 : alpha)) + normalQuantile(power);
}
