import { expect, test } from "vitest";
import { isAssayError } from "../../../src/core/index.ts";
import { parseFilter, parseOrderBy, type SearchTarget } from "../../../src/store/search/index.ts";

const TARGETS: readonly SearchTarget[] = [
  "runs",
  "experiments",
  "traces",
  "logged-models",
  "datasets",
];
const FIELDS = ["tags.a", "metrics.`b c`", "params.x", "status", "name", "span.type", "feedback.f"];
const OPERATORS = [
  "=",
  "!=",
  "<",
  "<=",
  ">",
  "LIKE",
  "ilike",
  "RLIKE",
  "IN",
  "NOT IN",
  "IS NULL",
  "==",
];
const VALUES = ["'v'", '"w"', "1", "-2.5e3", "true", "('a', 'b')", "('a',)", "()", "'%\\'", "'['"];
const GLUE = [
  "AND",
  "or",
  "NOT",
  "(",
  ")",
  ",",
  "",
  " ",
  "\n",
  ".",
  "`",
  "'",
  '"',
  "\\",
  ";",
  "--",
];
const ODD = [
  "é",
  "ς",
  "😀",
  "\ud800",
  "\u00a0",
  "\u2028",
  "__proto__",
  "1e999",
  ".5",
  "+",
  "\u0000",
];
const CLAUSES = [
  "tags.a = 'v'",
  "NOT tags.b IS NULL",
  "(tags.`c` IN ('a', \"b\"))",
  "tags.e LIKE '%'",
];
const SOUP = [...FIELDS, ...OPERATORS, ...VALUES, ...GLUE, ...ODD];

/** Mulberry32: the same numbers in [0, 1) in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const next = randomNumbers(20_240_817);
const pick = <Value>(values: readonly Value[]) =>
  values[Math.floor(next() * values.length)] as Value;

/** Valid clauses, most often with a token too many, or nothing but tokens. */
function soup(): string {
  const clauses = Array.from({ length: 1 + Math.floor(next() * 4) }, () => pick(CLAUSES));
  if (next() < 0.7) clauses.splice(Math.floor(next() * 4), 0, pick(SOUP));
  const tokens = Array.from({ length: 1 + Math.floor(next() * 8) }, () => pick(SOUP));
  return next() < 0.7 ? clauses.join(pick([" AND ", " OR ", " "])) : tokens.join(pick(["", " "]));
}

function outcomeOf(parse: () => unknown): "accepted" | "rejected" {
  try {
    parse();
    return "accepted";
  } catch (error) {
    if (isAssayError(error, "invalid-argument")) return "rejected";
    throw error;
  }
}

test("any text is parsed or rejected with invalid-argument", () => {
  const outcomes = { accepted: 0, rejected: 0 };
  for (let round = 0; round < 30_000; round += 1) {
    const target = pick(TARGETS);
    const text = soup();
    outcomes[outcomeOf(() => parseFilter(target, text))] += 1;
    outcomeOf(() => parseOrderBy(target, [text]));
  }
  // The soup is worth something only if it holds both kinds.
  expect(outcomes.accepted).toBeGreaterThan(1000);
  expect(outcomes.rejected).toBeGreaterThan(1000);
});
