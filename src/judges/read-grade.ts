import type { VerdictShape } from "./verdict-shape.ts";

/** A grade read from text: a value on the menu, something that is none, or nothing that was meant as one. */
export type Grade =
  | { readonly kind: "value"; readonly value: number | string | boolean }
  | { readonly kind: "off-menu"; readonly problem: string }
  | { readonly kind: "none" };

export const NO_GRADE: Grade = { kind: "none" };

const NUMBER_WORDS = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
];
const NUMBER = `-?\\d+(?:\\.\\d+)?|${NUMBER_WORDS.join("|")}`;
/** A number, the end of its scale if given, and what follows as far as it changes the meaning. */
const GRADE = new RegExp(
  `^(${NUMBER})(?![\\p{L}\\d])(?:\\s*(?:/|out of)\\s*(${NUMBER})(?![\\p{L}\\d]))?(\\s*(?:%|[-–—]\\s*\\d|to\\s+\\d|,\\d|/|[.]\\d))?`,
  "iu",
);
const DECORATION = /^[\s"'`*_“”‘’([<]+/;

/** The grade that `text` begins with; emphasis, quotes and brackets before it are skipped. */
export function leadingGrade(text: string, shape: VerdictShape): Grade {
  const bare = text.replace(DECORATION, "");
  if (shape.kind === "number") return leadingNumber(bare, shape);
  if (shape.kind === "labels") return leadingLabel(bare, shape);
  if (shape.kind === "list") return NO_GRADE;
  const line = bare.split("\n", 1)[0]?.replace(/["'`*_\s]+$/, "") ?? "";
  return line === "" ? NO_GRADE : { kind: "value", value: line };
}

/** The grade that a member of a JSON reply holds. */
export function gradeOf(value: unknown, shape: VerdictShape): Grade {
  if (shape.kind === "list") return listOf(value);
  if (typeof value === "number" && shape.kind === "number") return onScale(value, shape);
  if (typeof value === "boolean" && shape.kind === "labels") return truthLabel(value, shape);
  if (typeof value === "number" && shape.kind === "labels") return numericLabel(value, shape);
  if (typeof value === "string") {
    const grade = onlyGrade(value, shape);
    if (grade.kind !== "none") return grade;
  }
  return { kind: "off-menu", problem: "its verdict is not one that was offered" };
}

/** The grade that `text` consists of, decoration and a full stop aside. */
export function onlyGrade(text: string, shape: VerdictShape): Grade {
  const bare = text.replace(DECORATION, "").replace(/[\s"'`*_“”‘’)\]>.!]+$/, "");
  if (bare === "") return NO_GRADE;
  if (shape.kind === "text") return { kind: "value", value: bare };
  if (shape.kind === "list") return NO_GRADE;
  if (shape.kind === "labels") {
    const same = (a: string, b: string) =>
      shape.isCaseSensitive ? a.trim() === b.trim() : fold(a) === fold(b);
    const label = [...shape.values].find(([name]) => same(name, bare) || same(name, text));
    return label === undefined ? NO_GRADE : { kind: "value", value: label[1] };
  }
  const match = GRADE.exec(bare);
  return match?.[0].length === bare.length ? leadingNumber(bare, shape) : NO_GRADE;
}

function leadingNumber(text: string, shape: VerdictShape & { kind: "number" }): Grade {
  const match = GRADE.exec(text);
  if (match === null) return NO_GRADE;
  const [, written = "", outOf, follows = ""] = match;
  // "1-5", "1 to 5" and "4,5" name a range or a list, not a grade.
  if (/\d/.test(follows) || follows.includes("/")) return NO_GRADE;
  if (follows.includes("%") && shape.high !== 100) {
    return { kind: "off-menu", problem: "it grades in percent" };
  }
  if (outOf !== undefined && toNumber(outOf) !== shape.high) {
    return { kind: "off-menu", problem: `it grades out of ${toNumber(outOf)}` };
  }
  return onScale(toNumber(written), shape);
}

function onScale(value: number, { low, high, isWhole }: VerdictShape & { kind: "number" }): Grade {
  if (isWhole && Number.isFinite(value) && !Number.isInteger(value)) {
    return { kind: "off-menu", problem: "its score is no whole number" };
  }
  if (Number.isFinite(value) && value >= low && value <= high) return { kind: "value", value };
  return { kind: "off-menu", problem: `its score is outside ${low} to ${high}` };
}

function toNumber(written: string): number {
  const word = NUMBER_WORDS.indexOf(written.toLowerCase());
  return word === -1 ? Number(written) : word;
}

function leadingLabel(text: string, shape: VerdictShape & { kind: "labels" }): Grade {
  const asIs = (given: string) => (shape.isCaseSensitive ? given.trim() : fold(given));
  const folded = asIs(text);
  // The longest label first: "partly correct" before "partly".
  const names = [...shape.values.keys()].sort((a, b) => b.length - a.length);
  const name = names.find((label) => {
    const start = asIs(label);
    return folded.startsWith(start) && !/^[\p{L}\p{N}_-]/u.test(folded.slice(start.length));
  });
  return name === undefined
    ? NO_GRADE
    : { kind: "value", value: shape.values.get(name) as number | string | boolean };
}

/** A list of texts is kept as JSON: a score is one value. */
function listOf(value: unknown): Grade {
  const isList = Array.isArray(value) && value.every((member) => typeof member === "string");
  return isList
    ? { kind: "value", value: JSON.stringify(value) }
    : { kind: "off-menu", problem: "its verdict is not a list of texts" };
}

/** Yes and no are truth values under another name. */
function truthLabel(value: boolean, shape: VerdictShape & { kind: "labels" }): Grade {
  const named = leadingLabel(String(value), shape);
  return named.kind === "none" ? leadingLabel(value ? "yes" : "no", shape) : named;
}

/** A reply that gives what the label is worth, 1 for "faithful", means that label. */
function numericLabel(value: number, shape: VerdictShape & { kind: "labels" }): Grade {
  const named = shape.values.get(String(value));
  if (named !== undefined) return { kind: "value", value: named };
  if (shape.type === "boolean" && (value === 0 || value === 1)) {
    return { kind: "value", value: value === 1 };
  }
  const worth = [...shape.values.values()].includes(value);
  return worth
    ? { kind: "value", value }
    : { kind: "off-menu", problem: "its verdict is not one that was offered" };
}

function fold(text: string): string {
  return text.trim().toLowerCase();
}
