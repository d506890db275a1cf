import { AssayError } from "../core/errors.ts";

/** The share of intervals that hold the true value, unless asked otherwise. */
export const DEFAULT_LEVEL = 0.95;

/**
 * The probability below the upper bound of a two-sided interval: 0.975 for level 0.95.
 *
 * @throws {AssayError} `invalid-argument` for a level outside (0, 1).
 */
export function upperProbability(level: number): number {
  if (!(level > 0 && level < 1)) {
    throw new AssayError("invalid-argument", `Expected \`level\` to be in (0, 1), got ${level}`);
  }
  return 1 - (1 - level) / 2;
}
