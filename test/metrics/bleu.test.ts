import { describe, expect, test } from "vitest";
import { bleuTokens } from "../../src/metrics/bleu-tokenizer.ts";
import { corpusBleu, sentenceBleu } from "../../src/metrics/index.ts";

const predictions = [
  "The dog bit the man.",
  "It wasn't surprising.",
  "The man had just bitten him.",
];
const references = [
  ["The dog bit the man.", "The dog had bit the man."],
  ["It was not unexpected.", "No one was surprised."],
  ["The man bit him first.", "The man had bitten the dog."],
];

describe("sacrebleu's own tests", () => {
  test("are met by a corpus with two references each", () => {
    const result = corpusBleu(predictions, references);
    expect(result.score).toBeCloseTo(48.530827, 6);
    expect(result.precisions.map((value) => value.toFixed(4))).toEqual([
      "82.3529",
      "50.0000",
      "45.4545",
      "37.5000",
    ]);
    expect(result.brevityPenalty).toBeCloseTo(0.942873, 6);
    expect(result).toMatchObject({ predictionLength: 17, referenceLength: 18 });
  });

  test.each([
    ["none", 49.1919566],
    ["intl", 43.91623493],
  ] as const)("are met with the tokenizer %s", (tokenizer, expected) => {
    expect(corpusBleu(predictions, references, { tokenizer }).score).toBeCloseTo(expected, 6);
  });

  test("are met where white space ends a segment: sacrebleu 2.6, intl", () => {
    const { score } = sentenceBleu("end. 50%  ", ["50% end."], { tokenizer: "intl" });
    expect(score).toBeCloseTo(39.43, 2);
  });

  test.each([
    [1, 77.65],
    [2, 60.5],
    [3, 53.93],
    [5, 46.14],
    [6, 43.28],
  ])("are met with n-grams up to %d", (maxOrder, expected) => {
    expect(corpusBleu(predictions, references, { maxOrder }).score).toBeCloseTo(expected, 2);
  });

  test.each([
    ["exp", undefined, 8.493],
    ["none", undefined, 0],
    ["floor", undefined, 4.51688],
    ["floor", 0.5, 10.1],
    ["add-k", undefined, 14.882],
    ["add-k", 2, 21.389],
  ] as const)(
    "are met for one sentence with smoothing %s %s",
    (smoothing, smoothValue, expected) => {
      const { score } = sentenceBleu(
        "Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;",
        ["producţia de zahăr brut se exprimă în zahăr alb;"],
        { smoothing, ...(smoothValue === undefined ? {} : { smoothValue }) },
      );
      expect(Math.abs(score - expected)).toBeLessThan(1e-3);
    },
  );
});

describe("sacrebleu 2.6.0", () => {
  test.each([
    ["The cat is on the mat.", "The cat sat on the mat.", 48.892302],
    ["the the the the the the the", "the cat is on the mat", 7.80985],
    ["Hello world", "Hello, world!", 26.013005],
    ["a", "a", 100],
    ["", "a b c", 0],
    ["this is a cat", "okay thanks", 0],
  ])("agrees on %j against %j", (prediction, reference, expected) => {
    expect(sentenceBleu(prediction, [reference]).score).toBeCloseTo(expected, 5);
  });

  test.each([
    ["It costs $1,234.56 (approx.)", "It costs $ 1,234.56 ( approx . )"],
    ["Hello, world! It's 3-4 o'clock.", "Hello , world ! It's 3 - 4 o'clock ."],
    ["&quot;quoted&quot; &amp; more", '" quoted " & more'],
    ["in 2020.", "in 2020 ."],
    ["a <skipped>b-\nc\nd", "a bc d"],
  ])("agrees on the 13a tokens of %j", (text, expected) => {
    expect(bleuTokens(text, "13a").join(" ")).toBe(expected);
  });
});

test("no smoothing makes a match out of texts that share nothing", () => {
  for (const smoothing of ["none", "exp", "floor", "add-k"] as const) {
    expect(sentenceBleu("this is a cat", ["okay thanks"], { smoothing }).score).toBe(0);
  }
});

test("every prediction needs a reference", () => {
  expect(() => sentenceBleu("a", [])).toThrow("Expected at least one reference, got none");
  expect(() => corpusBleu(["a", "b"], [["a"]])).toThrow(
    "Expected references for each of 2 predictions, got 1",
  );
});
