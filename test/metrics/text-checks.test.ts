import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/core/json.ts";
import type { Scorer } from "../../src/core/score.ts";
import {
  contains,
  containsAll,
  containsAny,
  endsWith,
  exactMatch,
  numericCloseness,
  numericMatch,
  regexMatch,
  startsWith,
  tokenF1,
} from "../../src/metrics/index.ts";
import { notApplicable, scoreText } from "./sample.ts";

describe("text checks", () => {
  const answer = "Paris is the capital of France.";

  test.each<[string, Scorer, boolean]>([
    ["contains", contains("capital"), true],
    ["contains, another case", contains("CAPITAL"), false],
    ["contains, case ignored", contains("CAPITAL", { ignoreCase: true }), true],
    ["not_contains", contains("Berlin", { negate: true }), true],
    ["contains_any", containsAny(["Berlin", "Paris"]), true],
    ["contains_any, none", containsAny(["Berlin", "Rome"]), false],
    ["contains_all", containsAll(["Paris", "France"]), true],
    ["contains_all, one missing", containsAll(["Paris", "Rome"]), false],
    ["not_contains_all", containsAll(["Paris", "Rome"], { negate: true }), true],
    ["starts_with", startsWith("Paris"), true],
    ["starts_with, in the middle", startsWith("capital"), false],
    ["ends_with", endsWith("France."), true],
    ["regex_match", regexMatch({ pattern: /capital of \w+/ }), true],
    ["regex_match of the whole", regexMatch({ pattern: "capital of \\w+", full: true }), false],
    ["regex_match with flags", regexMatch({ pattern: "PARIS", flags: "i" }), true],
    ["not_regex_match", regexMatch({ pattern: "Berlin|Rome", negate: true }), true],
  ])("%s", (name, scorer, expected) => {
    expect(scoreText(scorer, answer)).toBe(expected);
    expect(scorer.scorer.name).toBe(name.replace(/,? .*/, ""));
  });

  test("take each row's expected texts where none are given", () => {
    expect(scoreText(contains(), answer, "Paris")).toBe(true);
    expect(scoreText(contains(), answer, ["Rome", "Paris"])).toBe(true);
    expect(scoreText(containsAll(), answer, ["Rome", "Paris"])).toBe(false);
    expect(scoreText(contains(), answer)).toEqual(notApplicable(expect.any(String)));
    expect(contains().scorer.requires).toEqual(["expected_response"]);
    expect(contains("x").scorer.requires).toBeUndefined();
  });

  test("take a name, so that one can be used twice", () => {
    expect(contains("x", { name: "names_x" }).scorer.name).toBe("names_x");
  });

  test("refuse an empty list", () => {
    expect(() => containsAny([])).toThrow(/at least one text/);
  });

  test("a global expression gives the same on every row", () => {
    const scorer = regexMatch({ pattern: /a/g });
    expect([1, 2, 3].map(() => scoreText(scorer, "a"))).toEqual([true, true, true]);
  });

  test("a pattern that is none is refused when the scorer is made", () => {
    expect(() => regexMatch({ pattern: "(" })).toThrow(/Expected a regular expression/);
  });
});

describe("exact match", () => {
  test.each<[string, Parameters<typeof exactMatch>[0], string, JsonValue, boolean]>([
    ["counts every character", {}, "Paris", "paris", false],
    ["ignores case", { normalize: { ignoreCase: true } }, "PARIS", "paris", true],
    ["ignores punctuation", { normalize: { ignorePunctuation: true } }, "a, b。", "a b", true],
    ["collapses white space", { normalize: { whitespace: "collapse" } }, " a \n b ", "a b", true],
    ["removes white space", { normalize: { whitespace: "remove" } }, "東 京", "東京", true],
    ["tells Unicode forms apart", {}, "cafe\u0301", "café", false],
    ["compares in NFC", { normalize: { unicode: "NFC" } }, "cafe\u0301", "café", true],
    ["compares in NFKC", { normalize: { unicode: "NFKC" } }, "Ａ１", "A1", true],
    ["uses a function", { normalize: (text) => text.slice(0, 1) }, "abc", "axe", true],
    ["takes any of several references", {}, "b", ["a", "b"], true],
    ["reads SQuAD's answers", {}, "b", { text: ["a", "b"], answer_start: [0, 4] }, true],
    ["takes SQuAD's empty list for no answer", {}, "", { text: [], answer_start: [] }, true],
  ])("%s", (_, options, outputs, expected, match) => {
    expect(scoreText(exactMatch(options), outputs, expected)).toBe(match);
  });

  test("has a fingerprint for each normalisation", () => {
    const prints = [
      exactMatch(),
      exactMatch({ normalize: "squad" }),
      exactMatch({ normalize: { ignoreCase: true } }),
      exactMatch({ normalize: { ignoreCase: true, unicode: "NFKC" } }),
      exactMatch({ normalize: (text) => text.trim() }),
      exactMatch({ normalize: (text) => text.trimEnd() }),
    ].map(({ scorer }) => scorer.fingerprint);
    expect(new Set(prints).size).toBe(6);
  });

  test("refuses a form that does not exist", () => {
    expect(() => exactMatch({ normalize: { unicode: "NFX" as never } })).toThrow(/NFC, NFD/);
  });
});

describe("token F1 of scripts without spaces", () => {
  test("takes each character for a word", () => {
    // 東京, 首都 against 東京, 都市: 東 京 都 are shared, of 4 and 4.
    const scorer = tokenF1({ tokenizer: "unicode" });
    expect(scoreText(scorer, "東京首都", "東京都市")).toBe(0.75);
    expect(scoreText(tokenF1(), "東京首都", "東京都市")).toBe(0);
    expect(scoreText(scorer, "Это Москва!", "москва")).toBeCloseTo(2 / 3, 14);
  });

  test("or the words that the dictionaries know", () => {
    const scorer = tokenF1({ tokenizer: "segmenter", locale: "ja" });
    expect(scoreText(scorer, "東京は首都", "東京")).toBeGreaterThan(0);
    expect(scorer.scorer.fingerprint).toBe("token_f1/v1:segmenter=ja");
  });

  test("takes the best of SQuAD's answers", () => {
    expect(
      scoreText(tokenF1(), "the blue whale", { text: ["a shark", "whale"], answer_start: [0, 1] }),
    ).toBeCloseTo(2 / 3, 14);
  });
});

describe("numbers", () => {
  // The table of Python 3.11's math.isclose(a, b, rel_tol=…, abs_tol=…).
  test.each<[JsonValue, JsonValue, Parameters<typeof numericMatch>[0], boolean]>([
    [1, 1.0000000001, {}, true],
    [1, 1.00001, {}, false],
    [0, 1e-12, {}, false],
    [0, 1e-12, { absoluteTolerance: 1e-9 }, true],
    [100, 104, { relativeTolerance: 0.05 }, true],
    [100, 106, { relativeTolerance: 0.05 }, false],
    ["42", 42, {}, true],
    ["1,234.50", "1234.5", {}, true],
    ["-3e2", -300, {}, true],
  ])("%j matches %j with %j: %s", (outputs, expected, options, match) => {
    expect(scoreText(numericMatch(options), outputs, expected)).toBe(match);
  });

  test.each<[string, number]>([
    ["so the answer is 42.", 42],
    ["$1,234.56 in all", 1234.56],
    ["from 2020-21", 21],
    ["x = -7", -7],
    ["1 + 1 = 2", 2],
    ["about 1.5e3 of them", 1500],
    ["v2 has 3,4", 4],
  ])("the last number of %j is %d", (text, expected) => {
    expect(scoreText(numericMatch({ extract: true }), text, expected)).toBe(true);
  });

  test("half a million digits, with and without a number's end, take no time", () => {
    const digits = "7".repeat(500_000);
    const started = performance.now();
    for (const text of [digits, `${digits} apples`, `${digits}.${digits}e`, `${digits},`]) {
      expect(scoreText(numericMatch(), text, 7)).toMatchObject({ value: false });
      expect(scoreText(numericMatch({ extract: true }), text, 7)).toMatchObject({ value: false });
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test.each(["forty-two", "", "0x2A", "Infinity", "4 2", null, true])(
    "%j is no number, and does not match",
    (outputs) => {
      const rationale = "the output is no number";
      expect(scoreText(numericMatch(), outputs, 42)).toMatchObject({ value: false, rationale });
      expect(scoreText(numericCloseness(), outputs, 42)).toMatchObject({ value: 0, rationale });
    },
  );

  // autoevals 0.3.0's NumericDiff: 1 - |a - b| / (|a| + |b|).
  test.each([
    [0, 0, 1],
    [10, 10, 1],
    [8, 10, 1 - 2 / 18],
    [-5, 5, 0],
    [0, 5, 0],
  ])("%d is close to %d by %d", (outputs, expected, closeness) => {
    expect(scoreText(numericCloseness(), outputs, expected)).toBeCloseTo(closeness, 14);
  });

  test("a row without an expected number is not applicable", () => {
    expect(scoreText(numericMatch(), 1, "one")).toEqual(notApplicable(expect.any(String)));
    expect(() => numericMatch({ absoluteTolerance: Number.NaN })).toThrow(/from 0 and up/);
  });
});
