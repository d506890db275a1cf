import { AssayError } from "./errors.ts";
import { type ScorerOptions, scorerKey } from "./score.ts";

type Identified = Pick<ScorerOptions, "name" | "version" | "fingerprint" | "aspects">;

/**
 * How two scorers of one key differ, by the first aspect that does: `its model changed from a to
 * b`. `undefined` where they are the same, and where one of them has no fingerprint to compare.
 */
export function fingerprintDifference(was: Identified, is: Identified): string | undefined {
  if (was.fingerprint === undefined || is.fingerprint === undefined) return undefined;
  if (was.fingerprint === is.fingerprint) return undefined;
  const [before, after] = [was.aspects ?? {}, is.aspects ?? {}];
  for (const aspect of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (before[aspect] === after[aspect]) continue;
    return `its ${aspect} changed from ${shown(before[aspect])} to ${shown(after[aspect])}`;
  }
  return `its fingerprint changed from ${shown(was.fingerprint)} to ${shown(is.fingerprint)}`;
}

/**
 * Refuses to compare scores that two different judges gave: a change of the judge moves a mean by more than
 * most changes of what is judged.
 *
 * @param isAllowed - The caller knows and wants it.
 * @throws {AssayError} `conflict` naming the scorer and the difference.
 */
export function checkComparable(was: Identified, is: Identified, isAllowed = false): void {
  const difference = fingerprintDifference(was, is);
  if (difference === undefined || isAllowed) return;
  throw new AssayError(
    "conflict",
    `Scores of ${scorerKey(is)} cannot be compared: ${difference}. Judge both with the same judge, or allow the comparison explicitly.`,
  );
}

/** Digests by their beginning. */
function shown(value: string | undefined): string {
  if (value === undefined) return "not set";
  return /^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value;
}
