/** First and last code point. */
export type Range = readonly [from: number, to: number];

/**
 * A regular expression, as every engine means it: case counts, `.` is anything but a line break, `^` and
 * `$` are the ends of the text, and `\d \w \s \b` know ASCII's digits and letters and Unicode's spaces.
 */
export type Pattern =
  /** One character out of ranges, sorted and apart from each other. */
  | { readonly kind: "character"; readonly ranges: readonly Range[] }
  | { readonly kind: "assertion"; readonly at: "start" | "end" | "boundary" | "no boundary" }
  | { readonly kind: "sequence" | "choice"; readonly parts: readonly Pattern[] }
  /** `max` may be infinite. Greedy or lazy makes no difference to whether there is a match. */
  | { readonly kind: "repeat"; readonly part: Pattern; readonly min: number; readonly max: number };

/** What is wrong with a pattern; `index` counts UTF-16 code units from 0. */
export class PatternError extends Error {
  readonly index: number;
  readonly expected: string;

  constructor(index: number, expected: string) {
    super(`Expected ${expected}`);
    this.index = index;
    this.expected = expected;
  }
}

/** PostgreSQL's limit. */
const MAX_REPEATS = 255;
/** Of groups within each other. */
const MAX_DEPTH = 50;
/** Characters and assertions with all repetitions written out: matching takes time by it. */
const MAX_SIZE = 1000;

const SUBSET =
  "a literal, ., a class, \\d \\w \\s \\b, ^, $, a group, | or a repetition; lookaround, backreferences, \\p, \\u and \\x are not supported";

/** @throws {PatternError} for anything that engines read differently, and a pattern that is too large. */
export function parsePattern(text: string): Pattern {
  const pattern = new PatternParser(text).parse();
  if (sizeOf(pattern) > MAX_SIZE) {
    throw new PatternError(0, `at most ${MAX_SIZE} characters with all repetitions written out`);
  }
  return pattern;
}

export function sizeOf(pattern: Pattern): number {
  switch (pattern.kind) {
    case "character":
    case "assertion":
      return 1;
    case "repeat":
      return sizeOf(pattern.part) * (Number.isFinite(pattern.max) ? pattern.max : pattern.min + 1);
    default:
      return pattern.parts.reduce((size, part) => size + sizeOf(part), 1);
  }
}

const LAST = 0x10ffff;
const DIGITS: readonly Range[] = [[0x30, 0x39]];
export const WORD: readonly Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const LINE_BREAKS: readonly Range[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const SPACES: readonly Range[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];

const CLASSES: { readonly [letter: string]: readonly Range[] } = {
  d: DIGITS,
  D: others(DIGITS),
  w: WORD,
  W: others(WORD),
  s: SPACES,
  S: others(SPACES),
};

const CONTROLS: { readonly [letter: string]: number } = { t: 9, n: 10, v: 11, f: 12, r: 13 };

const EMPTY: Pattern = { kind: "sequence", parts: [] };

class PatternParser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Pattern {
    const pattern = this.#choice();
    if (this.#at < this.#text.length) throw this.#expected("a ( before this )");
    return pattern;
  }

  #choice(): Pattern {
    const parts = [this.#sequence()];
    while (this.#takes("|")) parts.push(this.#sequence());
    return parts.length === 1 ? (parts[0] ?? EMPTY) : { kind: "choice", parts };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    while (this.#at < this.#text.length && !"|)".includes(this.#next)) parts.push(this.#term());
    return { kind: "sequence", parts };
  }

  #term(): Pattern {
    const part = this.#atom();
    const start = this.#at;
    const bounds = this.#bounds();
    if (bounds === undefined) return part;
    if (part.kind === "assertion") throw this.#expected("something that can be repeated", start);
    this.#takes("?");
    if (this.#next !== "" && "*+?{".includes(this.#next)) throw this.#expected(SUBSET);
    return { kind: "repeat", part, ...bounds };
  }

  #bounds(): { readonly min: number; readonly max: number } | undefined {
    if (this.#takes("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#takes("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#takes("?")) return { min: 0, max: 1 };
    if (this.#next !== "{") return undefined;
    const [all, least = "", comma, most] =
      /^\{(\d+)(,)?(\d+)?\}/.exec(this.#text.slice(this.#at, this.#at + 20)) ?? [];
    const min = Number(least);
    const max = most === undefined ? (comma ? Number.POSITIVE_INFINITY : min) : Number(most);
    const isValid = all !== undefined && (comma !== undefined || most === undefined);
    if (!isValid || max < min || [min, max].some((n) => n > MAX_REPEATS && Number.isFinite(n))) {
      throw this.#expected(`{m}, {m,} or {m,n} of at most ${MAX_REPEATS}; write \\{ for the sign`);
    }
    this.#at += all.length;
    return { min, max };
  }

  #atom(): Pattern {
    const start = this.#at;
    const character = this.#take();
    switch (character) {
      case "^":
        return { kind: "assertion", at: "start" };
      case "$":
        return { kind: "assertion", at: "end" };
      case ".":
        return { kind: "character", ranges: others(LINE_BREAKS) };
      case "(":
        return this.#group(start);
      case "[":
        return { kind: "character", ranges: this.#class(start) };
      case "\\":
        if (this.#takes("b")) return { kind: "assertion", at: "boundary" };
        if (this.#takes("B")) return { kind: "assertion", at: "no boundary" };
        return { kind: "character", ranges: this.#escape(start) };
      default:
        if ("*+?{}]".includes(character)) {
          throw this.#expected(`${SUBSET}; write \\${character} for the sign`, start);
        }
        return { kind: "character", ranges: only(character) };
    }
  }

  #group(start: number): Pattern {
    if (this.#takes("?") && !this.#takes(":")) throw this.#expected(SUBSET, start);
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw this.#expected(`at most ${MAX_DEPTH} groups within each other`, start);
    }
    const pattern = this.#choice();
    this.#depth -= 1;
    if (!this.#takes(")")) throw this.#expected("a ) for this (", start);
    // Of one part, lest a repetition of the group take an assertion for its own.
    return { kind: "sequence", parts: [pattern] };
  }

  #class(start: number): readonly Range[] {
    const isNegated = this.#takes("^");
    const ranges: Range[] = [];
    while (!this.#takes("]")) {
      const at = this.#at;
      const first = this.#classMember(start);
      const isRange = this.#next === "-" && !["]", ""].includes(this.#text[this.#at + 1] ?? "");
      if (!isRange) {
        ranges.push(...first);
        continue;
      }
      this.#at += 1;
      const last = this.#classMember(start);
      const [from, to] = [singleOf(first), singleOf(last)];
      if (from === undefined || to === undefined || from > to) {
        throw this.#expected("a range from a lower to a higher character", at);
      }
      ranges.push([from, to]);
    }
    if (ranges.length === 0) throw this.#expected("a class with characters in it", start);
    return isNegated ? others(ranges) : others(others(ranges));
  }

  #classMember(start: number): readonly Range[] {
    const at = this.#at;
    const character = this.#take();
    if (character === "") throw this.#expected("a ] for this [", start);
    if (character === "\\") return this.#takes("-") ? only("-") : this.#escape(at);
    if (character === "[") throw this.#expected("\\[; classes have no classes in them", at);
    return only(character);
  }

  #escape(start: number): readonly Range[] {
    const letter = this.#take();
    const known = Object.hasOwn(CLASSES, letter) ? CLASSES[letter] : undefined;
    if (known !== undefined) return known;
    const control = Object.hasOwn(CONTROLS, letter) ? CONTROLS[letter] : undefined;
    if (control !== undefined) return [[control, control]];
    if (letter !== "" && "^$\\.*+?()[]{}|/".includes(letter)) return only(letter);
    throw this.#expected(SUBSET, start);
  }

  get #next(): string {
    return this.#text[this.#at] ?? "";
  }

  #takes(sign: string): boolean {
    if (this.#next !== sign) return false;
    this.#at += 1;
    return true;
  }

  /** The next code point; "" at the end. */
  #take(): string {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return "";
    const character = String.fromCodePoint(code);
    this.#at += character.length;
    return character;
  }

  #expected(what: string, index = this.#at): PatternError {
    return new PatternError(index, what);
  }
}

function only(character: string): readonly Range[] {
  const code = character.codePointAt(0) ?? 0;
  return [[code, code]];
}

function singleOf(ranges: readonly Range[]): number | undefined {
  const [range] = ranges;
  return ranges.length === 1 && range !== undefined && range[0] === range[1] ? range[0] : undefined;
}

/** Every character that is in none of the ranges. */
function others(ranges: readonly Range[]): readonly Range[] {
  const found: Range[] = [];
  let free = 0;
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    if (from > free) found.push([free, from - 1]);
    free = Math.max(free, to + 1);
  }
  if (free <= LAST) found.push([free, LAST]);
  return found;
}
