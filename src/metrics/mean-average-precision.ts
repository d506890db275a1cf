import type { Scorer } from "../core/score.ts";
import { checkChoice } from "./check-choice.ts";
import { type RetrievalOptions, retrievalScorer } from "./retrieval-scorer.ts";

export interface MeanAveragePrecisionOptions extends RetrievalOptions {
  /**
   * What the sum of precisions is divided by. Default `relevant`: all relevant documents, as in
   * trec_eval. `attainable`: as many of them as `k` has room for. `retrieved`: those that were
   * retrieved, which does not ask whether any was missed (the context precision of RAG tools).
   */
  readonly denominator?: "relevant" | "attainable" | "retrieved";
}

/**
 * Average precision: the mean of the precisions at the ranks of the relevant documents, 0 for those
 * not retrieved; its mean is the MAP. A document that is retrieved again earns nothing.
 *
 * @param k - Ranks beyond it do not count; all count where it is absent.
 * @see Manning, Raghavan and Schütze (2008), Introduction to Information Retrieval, 8.4.
 */
export function meanAveragePrecision(
  k?: number,
  { denominator = "relevant", removeDuplicates = false }: MeanAveragePrecisionOptions = {},
): Scorer {
  checkChoice("denominator", denominator, ["relevant", "attainable", "retrieved"]);
  return retrievalScorer(
    {
      measure: "map",
      variant: denominator,
      removeDuplicates,
      needsRelevant: true,
      ...(k !== undefined && { k }),
    },
    (retrieved, relevance) => {
      const found = new Set<string>();
      let sum = 0;
      retrieved.forEach((id, rank) => {
        if (id === undefined || !relevance.has(id) || found.has(id)) return;
        found.add(id);
        sum += found.size / (rank + 1);
      });
      if (found.size === 0) return 0;
      const divisors = {
        relevant: relevance.size,
        attainable: Math.min(relevance.size, k ?? Number.POSITIVE_INFINITY),
        retrieved: found.size,
      };
      return sum / divisors[denominator];
    },
  );
}
