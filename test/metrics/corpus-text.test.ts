import { describe, expect, test } from "vitest";
import { foldCorpus } from "../../src/core/corpus.ts";
import type { Scorer } from "../../src/core/score.ts";
import { bleu, chrf, corpusBleu, rouge1, rouge2, rougeL } from "../../src/metrics/index.ts";
import recorded from "../parity/corpus-text.json" with { type: "json" };
import { scoreText } from "./sample.ts";

const samples = recorded.pairs.map(([outputs, target]) => ({
  outputs: outputs as string,
  expectations: { expected_response: target as string },
}));

function corpusScore({ scorer }: Scorer): number {
  if (scorer.corpus === undefined) throw new Error("the scorer has no corpus metrics");
  const { metrics } = foldCorpus(scorer.corpus, samples);
  const [key = ""] = scorer.corpus.keys;
  return metrics[key] ?? Number.NaN;
}

describe("sacrebleu 2.6.0 is met", () => {
  test.each<[string, Scorer, number]>([
    ["bleu/v1/corpus", bleu({ corpus: true }), recorded.corpus_bleu],
    ["bleu/v1/corpus", bleu({ corpus: true, tokenizer: "char" }), recorded.corpus_bleu_char],
    [
      "bleu/v1/corpus",
      bleu({ corpus: true, tokenizer: "intl", lowercase: true }),
      recorded.corpus_bleu_intl_lowercase,
    ],
    ["chrf/v1/corpus", chrf({ corpus: true }), recorded.corpus_chrf],
    ["chrf/v1/corpus", chrf({ corpus: true, wordOrder: 2 }), recorded.corpus_chrf_plus_plus],
  ])("by %s (%#)", (key, scorer, expected) => {
    expect(scorer.scorer.corpus?.keys).toEqual([key]);
    expect(corpusScore(scorer)).toBeCloseTo(expected / 100, 8);
  });
});

test("the fold over rows and the function over lists give the same", () => {
  const score = corpusBleu(
    samples.map(({ outputs }) => outputs),
    samples.map(({ expectations }) => [expectations.expected_response]),
  );
  expect(corpusScore(bleu({ corpus: true }))).toBeCloseTo(score.score / 100, 14);
});

test("a corpus without texts has no score, and only who asks for one gets it", () => {
  const { corpus } = bleu({ corpus: true }).scorer;
  expect(corpus && foldCorpus(corpus, []).metrics).toEqual({});
  expect(corpus && foldCorpus(corpus, [{ outputs: "a", expectations: {} }]).metrics).toEqual({});
  expect(bleu().scorer).not.toHaveProperty("corpus");
});

describe("scripts without spaces", () => {
  const { prediction, target, ...expected } = recorded.rouge_by_character;

  test("have the ROUGE that rouge_score 0.1.2 gives when each character is a token", () => {
    const unicode = { tokenizer: "unicode" } as const;
    expect(scoreText(rouge1(unicode), prediction, target)).toBeCloseTo(expected.rouge1, 12);
    expect(scoreText(rouge2(unicode), prediction, target)).toBeCloseTo(expected.rouge2, 12);
    expect(scoreText(rougeL(unicode), prediction, target)).toBeCloseTo(expected.rougeL, 12);
  });

  test("have a BLEU by the same tokens, where 13a sees one word", () => {
    const japanese = "東京は日本の首都です。";
    expect(scoreText(bleu(), japanese, japanese)).toBe(0);
    expect(scoreText(bleu({ tokenizer: "unicode" }), japanese, japanese)).toBe(1);
    expect(scoreText(bleu({ tokenizer: "unicode" }), "Привет, мир!", "Привет, мир!")).toBe(1);
  });

  test("have words where the dictionaries of Node.js are asked", () => {
    const segmenter = rouge1({ tokenizer: "segmenter", locale: "th" });
    expect(scoreText(segmenter, "ภาษาไทย", "ภาษาไทย")).toBe(1);
    expect(segmenter.scorer.fingerprint).toBe("rouge1/v1:segmenter=th");
  });
});
