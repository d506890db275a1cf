import { describe, expect, test } from "vitest";
import { patternMatcher } from "../../../src/store/search/match-pattern.ts";
import { PatternError, parsePattern } from "../../../src/store/search/pattern.ts";

/** A linear congruential generator: the same cases in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const ATOMS =
  "a,b,é,😀,.,\\d,\\w,\\s,\\W,\\D,\\S,[ab],[^a],[a-c\\d],[^\\w-],^,$,\\b,\\B,\\.,\\n,-".split(",");
const REPEATS = ["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?", "??", "{0,2}?"];
const SIGNS = [
  "a",
  "b",
  "c",
  "é",
  "😀",
  "1",
  "_",
  " ",
  "\n",
  "\r",
  "\u2028",
  "\u00a0",
  ".",
  "-",
  "\ufeff",
];

function randomPattern(random: (below: number) => number, depth = 0): string {
  const parts = Array.from({ length: 1 + random(3) }, () => {
    const isGroup = depth < 3 && random(4) === 0;
    const inside = isGroup ? randomPattern(random, depth + 1) : "";
    const atom = isGroup
      ? `(${random(2) === 0 ? "?:" : ""}${inside})`
      : (ATOMS[random(ATOMS.length)] as string);
    const canRepeat = !["^", "$", "\\b", "\\B"].includes(atom);
    return canRepeat && random(3) === 0 ? atom + REPEATS[random(REPEATS.length)] : atom;
  });
  return depth < 2 && random(5) === 0 ? parts.join("|") : parts.join("");
}

test("patterns match what JavaScript's regular expressions match", () => {
  const random = numbers(1);
  let matched = 0;
  for (let round = 0; round < 5_000; round++) {
    const pattern = randomPattern(random);
    const ours = patternMatcher(pattern);
    const theirs = new RegExp(pattern, "u");
    for (let count = 0; count < 8; count++) {
      const text = Array.from({ length: random(7) }, () => SIGNS[random(SIGNS.length)]).join("");
      // V8 finds \B between the two halves of a surrogate pair too.
      if (pattern.includes("\\B") && text.includes("😀")) continue;
      const expected = theirs.test(text);
      matched += Number(expected);
      expect([pattern, text, ours(text)]).toEqual([pattern, text, expected]);
    }
  }
  expect(matched).toBeGreaterThan(5_000);
});

test.each(["^(a+)+$", "(a|a)*b", "(a*)*b", "a*a*a*a*a*b", "(a?){50}a{50}b"])(
  "%s takes time in proportion to the text",
  (pattern) => {
    const matches = patternMatcher(pattern);
    const begun = performance.now();
    expect(matches(`${"a".repeat(20_000)}!`)).toBe(false);
    expect(performance.now() - begun).toBeLessThan(5_000);
  },
);

describe("a pattern is refused", () => {
  test.each([
    ["a(", 1, /\) for this \(/],
    ["a)", 1, /\( before this \)/],
    ["[a", 0, /\] for this \[/],
    ["a[]", 1, /class with characters/],
    ["x[[:alpha:]]", 2, /no classes in them/],
    ["[z-a]", 1, /lower to a higher/],
    ["[a-\\d]", 1, /lower to a higher/],
    ["*a", 0, /write \\\*/],
    ["a**", 2, /a literal/],
    ["^*", 1, /can be repeated/],
    ["\\b+", 2, /can be repeated/],
    ["a{", 1, /write \\\{/],
    ["a{3,1}", 1, /\{m,n\}/],
    ["a{256}", 1, /at most 255/],
    ["a}", 1, /write \\\}/],
    ["a\\p{L}", 1, /a literal/],
    ["\\u{66}", 0, /a literal/],
    ["\\x41", 0, /a literal/],
    ["(a)\\1", 3, /a literal/],
    ["(?=a)", 0, /lookaround/],
    ["(?<!a)", 0, /lookaround/],
    ["(?<n>a)", 0, /a literal/],
    ["(?i)a", 0, /a literal/],
    ["[\\b]", 1, /a literal/],
    ["\\", 0, /a literal/],
    ["((a{100}){100}){100}", 0, /at most 1000 characters/],
    ["(".repeat(51), 50, /groups within each other/],
  ])("%s at %i", (pattern, index, expected) => {
    const refusal = (() => {
      try {
        return parsePattern(pattern);
      } catch (error) {
        return error as PatternError;
      }
    })();
    expect(refusal).toBeInstanceOf(PatternError);
    expect(refusal).toMatchObject({ index, expected: expect.stringMatching(expected) });
  });
});
