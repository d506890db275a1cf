import type { Scorer } from "../core/score.ts";
import { countRelevant, type RetrievalOptions, retrievalScorer } from "./retrieval-scorer.ts";

/** 1 when any relevant document is among the first `k` retrieved, else 0. */
export function hitRateAtK(k = 3, options: RetrievalOptions = {}): Scorer {
  return retrievalScorer(
    { ...options, measure: "hit_rate", k, needsRelevant: true },
    (retrieved, relevance) => Math.min(1, countRelevant(retrieved, relevance)),
  );
}
