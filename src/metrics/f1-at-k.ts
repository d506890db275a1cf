import type { Scorer } from "../core/score.ts";
import { checkChoice } from "./check-choice.ts";
import { type PrecisionAtKOptions, precisionOf } from "./precision-at-k.ts";
import { recallOf } from "./recall-at-k.ts";
import { retrievalScorer } from "./retrieval-scorer.ts";

/**
 * Harmonic mean of `precisionAtK` and `recallAtK`. Where no document is relevant: 1 when none was
 * retrieved, else 0.
 */
export function f1AtK(k = 3, options: PrecisionAtKOptions = {}): Scorer {
  const { denominator = "returned", removeDuplicates = false } = options;
  checkChoice("denominator", denominator, ["returned", "k"]);
  return retrievalScorer(
    { measure: "f1", k, variant: denominator, removeDuplicates },
    (retrieved, relevance) => {
      const recall = recallOf(retrieved, relevance);
      if (relevance.size === 0) return recall;
      const precision = precisionOf(retrieved, relevance, denominator === "k" ? k : undefined);
      return precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    },
  );
}
