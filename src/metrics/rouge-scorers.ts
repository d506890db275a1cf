import type { Scorer } from "../core/score.ts";
import { checkChoice } from "./check-choice.ts";
import { type RougeType, rougeScore } from "./rouge.ts";
import type { RougeOptions } from "./rouge-tokenizer.ts";
import { bestOf, defineTextScorer } from "./text-scorer.ts";

/** F-measure over shared words. */
export function rouge1(options: RougeOptions = {}): Scorer {
  return rougeScorer("rouge1", options);
}

/** F-measure over shared pairs of neighbouring words. */
export function rouge2(options: RougeOptions = {}): Scorer {
  return rougeScorer("rouge2", options);
}

/** F-measure over the longest common subsequence of the texts, line breaks ignored. */
export function rougeL(options: RougeOptions = {}): Scorer {
  return rougeScorer("rougeL", options);
}

/** F-measure over the longest common subsequences of the texts' lines: write one sentence per line. */
export function rougeLsum(options: RougeOptions = {}): Scorer {
  return rougeScorer("rougeLsum", options);
}

function rougeScorer(type: RougeType, options: RougeOptions): Scorer {
  const { tokenizer = "ascii", locale = "en", stemmer = false } = options;
  checkChoice("tokenizer", tokenizer, ["ascii", "unicode", "segmenter"]);
  const words = tokenizer === "segmenter" ? `${tokenizer}=${locale}` : tokenizer;
  return defineTextScorer(
    { name: type, fingerprint: `${type}/v1:${words}${stemmer ? ":stemmer" : ""}` },
    (prediction, references) =>
      bestOf(references, (reference) => rougeScore(prediction, reference, type, options).fmeasure),
  );
}
