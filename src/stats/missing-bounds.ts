import { expectThat } from "./expect-that.ts";

/**
 * Where the mean would lie whatever the missing scores are: [(S + k·low)/n, (S + k·high)/n].
 *
 * @param sum - Of the scores that are there.
 * @param scored - How many those are.
 * @param missing - How many are not; together at least 1.
 * @see Manski (2003), Partial Identification of Probability Distributions, §1.2.
 */
export function missingBounds(
  sum: number,
  scored: number,
  missing: number,
  [low, high]: readonly [low: number, high: number],
): { readonly lower: number; readonly upper: number } {
  const n = scored + missing;
  expectThat(n >= 1, "Expected at least one score, there or missing");
  return { lower: (sum + missing * low) / n, upper: (sum + missing * high) / n };
}
