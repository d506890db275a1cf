import type { Scorer } from "../core/score.ts";
import { type RetrievalOptions, retrievalScorer } from "./retrieval-scorer.ts";

/**
 * 1 / rank of the first relevant document, 0 when there is none; its mean is the MRR.
 *
 * @param k - Ranks beyond it do not count; all count where it is absent.
 */
export function meanReciprocalRank(k?: number, options: RetrievalOptions = {}): Scorer {
  return retrievalScorer(
    { ...options, measure: "mrr", needsRelevant: true, ...(k !== undefined && { k }) },
    (retrieved, relevance) => {
      const rank = retrieved.findIndex((id) => id !== undefined && relevance.has(id));
      return rank === -1 ? 0 : 1 / (rank + 1);
    },
  );
}
