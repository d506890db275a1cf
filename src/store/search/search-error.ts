import { AssayError, quotable } from "../../core/index.ts";

/** A text to be parsed, and what to call it in errors. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

const SHOWN_LENGTH = 40;

/** `text` in quotes, on one line, without secrets, shortened. */
export function quoted(text: string): string {
  const shown = quotable(quotable(text).replace(/[\s\p{C}]+/gu, " "), SHOWN_LENGTH);
  return shown.includes('"') ? `'${shown}'` : `"${shown}"`;
}

/**
 * @param position - Where, counted in UTF-16 code units from 1.
 * @param advice - What to do, as a sentence without its full stop.
 */
export function searchError(
  source: Source,
  position: number,
  problem: { readonly found: string; readonly expected: string; readonly advice?: string },
): AssayError {
  const { found, expected, advice } = problem;
  const sentences = [
    `found ${found}, expected ${expected}`,
    ...(advice === undefined ? [] : [advice]),
  ];
  return new AssayError(
    "invalid-argument",
    `Invalid ${source.name} at position ${position}: ${sentences.join(". ")}.`,
  );
}

/** The candidate, all of them lower case, that `written` is likely a misspelling of. */
export function closestOf(written: string, candidates: readonly string[]): string | undefined {
  if (written.length > SHOWN_LENGTH) return undefined;
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(written.toLowerCase(), candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, written.length / 3)
    ? best.candidate
    : undefined;
}

/** Levenshtein distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const substitution = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
