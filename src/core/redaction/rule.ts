export const MASK = "[redacted]";

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
  readonly replacement: string | ((match: string, ...groups: string[]) => string);
}

/**
 * Rules whose every match contains one of a few signs. Nearly all texts hold no secret, and one regular
 * expression that begins with a set of characters says so for a whole family: V8 skips from one
 * of those characters to the next at gigabytes per second, which it does for no list of words.
 */
export interface Family {
  readonly hint: RegExp;
  readonly rules: readonly Rule[];
}

export function family(signs: string, flags: string, rules: readonly Rule[]): Family {
  return {
    hint: new RegExp(`${signs}(?:${rules.flatMap(({ hint }) => hint ?? []).join("|")})`, flags),
    rules,
  };
}

/**
 * Where a key may begin: in JSON text and in URLs the letter before it may end an escape, and in what was
 * printed for a terminal a colour code, be its escape character there or not.
 */
export const START = String.raw`(?:(?<![A-Za-z0-9_])|(?<=\\[bfnrt]|\\u[0-9A-Fa-f]{4}|%[0-9A-Fa-f]{2}|\[\d{0,3}(?:;\d{1,3}){0,5}m))`;

/** A quote at any depth of JSON within JSON. */
export const QUOTE = "(?:\\\\{0,31}[\"'`])";
