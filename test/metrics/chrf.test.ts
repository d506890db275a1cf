import { describe, expect, test } from "vitest";
import { chrf, corpusChrf, sentenceChrf } from "../../src/metrics/index.ts";
import { scoreText } from "./sample.ts";

describe("sacrebleu's own tests", () => {
  test.each([
    [["a"], ["a"], 16.6667, 100],
    [["aa"], ["ab"], 8.3333, 25],
    [["a", "b"], ["a", "c"], 8.3333, 50],
    [["a b c"], ["abc"], 50, 100],
    [[""], ["reference"], 0, 0],
  ])("are met for %j against %j, with and without eps smoothing", (texts, targets, eps, plain) => {
    const references = targets.map((target) => [target]);
    const withEps = corpusChrf(texts, references, { beta: 3, epsSmoothing: true });
    expect(withEps).toBeCloseTo(eps, 4);
    expect(corpusChrf(texts, references, { beta: 3 })).toBeCloseTo(plain, 4);
  });
});

describe("sacrebleu 2.6.0", () => {
  test.each([
    ["The cat is on the mat.", "The cat sat on the mat.", 64.581668, 67.493012],
    ["Hello world", "Hello, world!", 49.508259, 44.253434],
  ])("agrees on chrF2 and chrF++ of %j", (prediction, reference, chrF2, chrFPlusPlus) => {
    expect(sentenceChrf(prediction, [reference])).toBeCloseTo(chrF2, 5);
    expect(sentenceChrf(prediction, [reference], { wordOrder: 2 })).toBeCloseTo(chrFPlusPlus, 5);
  });
});

test("sacrebleu 2.6.0 agrees where its own tests give only four digits", () => {
  const beta3 = { beta: 3, epsSmoothing: true };
  const target = "Das Verhältnis zwischen Obama und Netanyahu ist nicht gerade freundschaftlich.";
  const spaced = " Die    Beziehung zwischen  Obama und Netanjahu ist nicht gerade  freundlich. ";
  const text = "Die Beziehung zwischen Obama und Netanjahu ist nicht gerade freundlich.";
  expect(corpusChrf([spaced], [[target]], beta3)).toBeCloseTo(64.13022155933443, 10);
  const withSpaces = corpusChrf([text], [[target]], { ...beta3, whitespace: true });
  expect(withSpaces).toBeCloseTo(67.34813046926733, 10);
});

test("the reference that fits best decides", () => {
  expect(sentenceChrf("abc", ["xyz", "abc"])).toBe(100);
});

test("the scorer is the same in [0, 1]", () => {
  expect(scoreText(chrf(), "Hello world", "Hello, world!")).toBeCloseTo(0.49508259, 7);
});

test("every prediction needs a reference", () => {
  expect(() => sentenceChrf("a", [])).toThrow("Expected at least one reference, got none");
  expect(() => corpusChrf(["a"], [])).toThrow("Expected references for each of 1 predictions");
});
