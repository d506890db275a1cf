import { describe, expect, test } from "vitest";
import {
  ROUGE_TYPES,
  type RougeType,
  rouge1,
  rougeL,
  rougeScore,
} from "../../src/metrics/index.ts";
import { porterStem } from "../../src/metrics/porter-stemmer.ts";
import { scoreText } from "./sample.ts";

function expectScore(
  actual: ReturnType<typeof rougeScore>,
  [precision, recall, fmeasure]: readonly [number, number, number],
) {
  expect(actual.precision).toBeCloseTo(precision, 9);
  expect(actual.recall).toBeCloseTo(recall, 9);
  expect(actual.fmeasure).toBeCloseTo(fmeasure, 9);
}

describe("google-research rouge_scorer_test.py", () => {
  test.each<[RougeType, string, string, [number, number, number]]>([
    ["rouge1", "testing", "testing one two", [1, 1 / 3, 1 / 2]],
    ["rouge2", "testing one", "testing one two", [1, 1 / 2, 2 / 3]],
    ["rougeL", "testing one", "testing one two", [1, 2 / 3, 4 / 5]],
    ["rougeL", "testing two", "testing one two", [1, 2 / 3, 4 / 5]],
    ["rougeLsum", "w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "w1 w2 w3 w4 w5", [0.4, 0.8, 8 / 15]],
  ])("is met by %s of %j", (type, prediction, target, expected) => {
    expectScore(rougeScore(prediction, target, type), expected);
  });

  test("is met by texts without words: all zero", () => {
    for (const type of ROUGE_TYPES) {
      for (const [prediction, target] of [
        ["", "w1 w2"],
        ["/", "w1 w2"],
        ["w1", ""],
        ["", ""],
      ] as const) {
        expectScore(rougeScore(prediction, target, type), [0, 0, 0]);
      }
    }
  });
});

describe("rouge_score 0.1.2", () => {
  const swapped = [
    "It lies on the Seine.\nParis is the capital of France.",
    "Paris is the capital of France.\nIt lies on the Seine.",
  ] as const;

  test.each([
    ["rouge1", 1],
    ["rouge2", 0.9],
    ["rougeL", 6 / 11],
    ["rougeLsum", 1],
  ] as const)(
    "agrees that %s of swapped lines is %d: only rougeLsum sees lines",
    (type, expected) => {
      expect(rougeScore(...swapped, type).fmeasure).toBeCloseTo(expected, 9);
    },
  );

  test("agrees on punctuation and digits: they separate words", () => {
    expect(rougeScore("dont stop", "don't stop", "rouge1").fmeasure).toBeCloseTo(0.4, 9);
    expect(rougeScore("its 3 5 of gdp", "It's 3.5% of GDP", "rouge2").fmeasure).toBeCloseTo(
      2 / 3,
      9,
    );
  });

  test("agrees that stems count as equal on request", () => {
    const [prediction, target] = ["A cat runs quick.", "The cats were running quickly."];
    expectScore(rougeScore(prediction, target, "rougeL"), [0, 0, 0]);
    expectScore(rougeScore(prediction, target, "rougeL", { stemmer: true }), [0.5, 0.4, 4 / 9]);
  });
});

describe("the tokenizer", () => {
  test("of Google knows no other letters than a to z", () => {
    expect(scoreText(rouge1(), "cafe", "café")).toBe(0);
    expect(scoreText(rouge1(), "東京は日本の首都です", "東京は日本の首都です")).toBe(0);
  });

  test("for all scripts reads accents, and each sign of Japanese or Thai as a word", () => {
    const unicode = rougeL({ tokenizer: "unicode" });
    expect(scoreText(unicode, "東京は日本の首都です", "東京は日本の首都です")).toBe(1);
    // 東京 of 京都 and 東京: one sign in order out of two.
    expect(scoreText(unicode, "京都", "東京")).toBe(0.5);
    expect(scoreText(unicode, "CAFE\u0301 Ünlü", "café ünlü")).toBe(1);
    expect(scoreText(unicode, "привет, мир!", "Привет мир")).toBe(1);
    expect(scoreText(unicode, "cafe", "café")).toBe(0);
  });

  test("for all scripts agrees with Google's on plain English", () => {
    const [a, b] = ["It's 3.5% of the GDP, isn't it?", "its 3 5 of gdp"];
    expect(scoreText(rougeL({ tokenizer: "unicode" }), a, b)).toBe(scoreText(rougeL(), a, b));
  });
});

test("the stemmer matches nltk 3.10.4 PorterStemmer", () => {
  const stems = {
    caresses: "caress",
    ponies: "poni",
    ties: "tie",
    dies: "die",
    died: "die",
    spied: "spi",
    agreed: "agre",
    feed: "feed",
    plastered: "plaster",
    motoring: "motor",
    conflated: "conflat",
    hopping: "hop",
    falling: "fall",
    filing: "file",
    happy: "happi",
    enjoy: "enjoy",
    sky: "sky",
    relational: "relat",
    conditional: "condit",
    digitizer: "digit",
    geology: "geolog",
    wonderfully: "wonder",
    radically: "radic",
    vietnamization: "vietnam",
    sensibiliti: "sensibl",
    triplicate: "triplic",
    formative: "form",
    hopefulness: "hope",
    adoption: "adopt",
    opinion: "opinion",
    replacement: "replac",
    adjustment: "adjust",
    probate: "probat",
    rate: "rate",
    controlling: "control",
    skies: "sky",
    lying: "lie",
    news: "news",
    innings: "inning",
    proceed: "proceed",
    by: "by",
    is: "is",
  };
  for (const [word, stem] of Object.entries(stems)) expect(porterStem(word), word).toBe(stem);
});
