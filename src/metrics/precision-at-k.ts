import type { Scorer } from "../core/score.ts";
import { checkChoice } from "./check-choice.ts";
import type { Relevance, RetrievedId } from "./retrieval-ids.ts";
import { countRelevant, type RetrievalOptions, retrievalScorer } from "./retrieval-scorer.ts";

export interface PrecisionAtKOptions extends RetrievalOptions {
  /**
   * Default `returned`: MLflow's, which divides by what was returned, so that one right document
   * alone scores 1, and counts a repeated document each time. `k` divides by k and counts it once.
   */
  readonly denominator?: "returned" | "k";
}

/** Share of relevant documents among the first `k` retrieved; 0 when none was retrieved. */
export function precisionAtK(k = 3, options: PrecisionAtKOptions = {}): Scorer {
  const { denominator = "returned", removeDuplicates = false } = options;
  checkChoice("denominator", denominator, ["returned", "k"]);
  return retrievalScorer(
    { measure: "precision", k, variant: denominator, removeDuplicates },
    (retrieved, relevance) =>
      precisionOf(retrieved, relevance, denominator === "k" ? k : undefined),
  );
}

/** @param k - What is divided by; absent for the number of the retrieved. */
export function precisionOf(
  retrieved: readonly RetrievedId[],
  relevance: Relevance,
  k: number | undefined,
): number {
  if (k !== undefined) return countRelevant(new Set(retrieved), relevance) / k;
  return retrieved.length === 0 ? 0 : countRelevant(retrieved, relevance) / retrieved.length;
}
