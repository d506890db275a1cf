import { inPieces } from "./long-runs.ts";

export { MASK } from "./long-runs.ts";

/**
 * One way to find secrets. Two laws hold for every rule, and the tests try both:
 *
 * - The text may be JSON, or JSON within JSON, and must stay it: a match takes in no quote, and a
 *   backslash only as part of a whole escape.
 * - Texts are megabytes long: no part that repeats without bound may begin at many places of one run
 *   of characters. What is looked ahead for, and may be missing, is looked for within bounds.
 */
export interface Rule {
  /**
   * Regular expression of what follows (or, looked behind at, stands before) one of the family's signs;
   * absent where the hints of the family's other rules tell as well.
   */
  readonly hint?: string;
  readonly pattern: RegExp;
  /** Whether every match lies within one word, between spaces and quotes, and looks at nothing outside. */
  readonly isWithinWord?: true;
  readonly replacement: string | ((match: string, ...groups: string[]) => string);
}

/**
 * Rules whose every match contains one of a few signs. Nearly all texts hold no secret, and one regular
 * expression that begins with a set of characters says so for a whole family: V8 skips from one
 * of those characters to the next at gigabytes per second, which it does for no list of words.
 */
export interface Family {
  readonly hint: RegExp;
  /** Finds one after the other what tells of the rules for words. */
  readonly wordHint: RegExp;
  readonly rules: readonly Rule[];
}

export function family(signs: string, flags: string, rules: readonly Rule[]): Family {
  const hintOf = (some: readonly Rule[], more = "") =>
    new RegExp(`${signs}(?:${some.flatMap(({ hint }) => hint ?? []).join("|")})`, flags + more);
  const ofWords = rules.filter((rule) => rule.isWithinWord);
  return { hint: hintOf(rules), wordHint: hintOf(ofWords, "g"), rules };
}

/** `text` with what a rule finds masked. */
export function applyRule(family: Family, rule: Rule, text: string): string {
  try {
    return masked(family, rule, text);
  } catch (error) {
    // A match takes stack for each of its characters; of millions without a break there is not enough.
    if (!(error instanceof RangeError)) throw error;
    return inPieces(text, (piece) => masked(family, rule, piece));
  }
}

function masked({ wordHint }: Family, rule: Rule, text: string): string {
  // `replace` has an overload for each kind of replacement and none for both.
  const replaced = (part: string) => part.replace(rule.pattern, rule.replacement as string);
  if (!rule.isWithinWord) return replaced(text);
  // Patterns of keys have so many beginnings that one takes 50 ms for a megabyte: only words are searched
  // in which there is a hint.
  let shown = "";
  let done = 0;
  wordHint.lastIndex = 0;
  for (let hint = wordHint.exec(text); hint !== null; hint = wordHint.exec(text)) {
    const [start, end] = wordAround(text, hint.index);
    const word = text.slice(start, end);
    const maskedWord = replaced(word);
    if (maskedWord !== word) {
      shown += text.slice(done, start) + maskedWord;
      done = end;
    }
    wordHint.lastIndex = end;
  }
  return done === 0 ? text : shown + text.slice(done);
}

function wordAround(text: string, at: number): readonly [start: number, end: number] {
  let start = at;
  while (start > 0 && !isBetweenWords(text.charCodeAt(start - 1))) start--;
  let end = at + 1;
  while (end < text.length && !isBetweenWords(text.charCodeAt(end))) end++;
  return [start, end];
}

/** Spaces, and the quotes `"` and `'`. */
const isBetweenWords = (code: number) => code <= 32 || code === 34 || code === 39;

/**
 * Where a key may begin: in JSON text and in URLs the letter before it may end an escape, and in what was
 * printed for a terminal a colour code, be its escape character there or not.
 */
export const START = String.raw`(?:(?<![A-Za-z0-9_])|(?<=\\[bfnrt]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}|\[\d{0,3}(?:;\d{1,3}){0,5}m))`;

/** A quote at any depth of JSON within JSON. */
export const QUOTE = "(?:\\\\{0,31}[\"'`])";
