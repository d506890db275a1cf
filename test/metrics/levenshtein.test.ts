import { expect, test } from "vitest";
import { levenshtein, levenshteinDistance } from "../../src/metrics/index.ts";
import { scoreText } from "./sample.ts";

test.each([
  ["kitten", "sitting", 3],
  ["intention", "execution", 5],
  ["Saturday", "Sunday", 3],
  ["flaw", "lawn", 2],
  ["", "abc", 3],
  ["abc", "", 3],
  ["", "", 0],
  ["café", "cafe", 1],
])("the textbook distance of %j and %j is %d", (a, b, expected) => {
  expect(levenshteinDistance(a, b)).toBe(expected);
  expect(levenshteinDistance(b, a)).toBe(expected);
});

test("a character outside the basic plane counts once", () => {
  expect(levenshteinDistance("😀", "😃")).toBe(1);
  expect(scoreText(levenshtein(), "a😀", "a😃")).toBe(0.5);
});

test("similarity is 1 − distance / longer length, and 1 for two empty texts", () => {
  expect(scoreText(levenshtein(), "kitten", "sitting")).toBeCloseTo(4 / 7, 14);
  expect(scoreText(levenshtein(), "", "")).toBe(1);
});

test("texts longer than a machine word are compared as the textbook does", () => {
  const alphabet = "abcd";
  const text = (seed: number, length: number) =>
    Array.from({ length }, (_, i) => alphabet[(seed * (i + 3) ** 2 + (i >> 2)) % 4]).join("");
  for (const length of [31, 32, 33, 64, 65, 100]) {
    for (let seed = 1; seed <= 20; seed += 1) {
      const [a, b] = [text(seed, length), text(seed + 7, 90 - (length >> 1))];
      expect(levenshteinDistance(a, b), `${a} ${b}`).toBe(textbookDistance(a, b));
    }
  }
});

/** Wagner and Fischer (1974). */
function textbookDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
