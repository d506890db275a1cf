import type { Scorer } from "../core/score.ts";
import type { Relevance, RetrievedId } from "./retrieval-ids.ts";
import { countRelevant, type RetrievalOptions, retrievalScorer } from "./retrieval-scorer.ts";

/**
 * Share of the relevant documents that are among the first `k` retrieved. Where no document is
 * relevant: 1 when none was retrieved, else 0.
 */
export function recallAtK(k = 3, options: RetrievalOptions = {}): Scorer {
  return retrievalScorer({ ...options, measure: "recall", k }, recallOf);
}

export function recallOf(retrieved: readonly RetrievedId[], relevance: Relevance): number {
  if (relevance.size === 0) return retrieved.length === 0 ? 1 : 0;
  return countRelevant(new Set(retrieved), relevance) / relevance.size;
}
