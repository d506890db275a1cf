import type { Scorer } from "../core/score.ts";
import { checkChoice } from "./check-choice.ts";
import { type RetrievalOptions, retrievalScorer } from "./retrieval-scorer.ts";

export interface NdcgAtKOptions extends RetrievalOptions {
  /**
   * Default `returned`: MLflow's, which compares with the best ranking of as many documents as were
   * returned and takes repetitions of a relevant document as further ones. `full` compares with the
   * best ranking of all relevant documents and lets a document earn once.
   */
  readonly ideal?: "returned" | "full";
  /** What a grade is worth: itself (default), or 2^grade − 1, which sets the best apart. */
  readonly gain?: "linear" | "exponential";
}

/**
 * Normalised discounted cumulative gain of the first `k` retrieved, with discount log2(rank + 1).
 * Documents of `relevant_ids` have gain 1, those of `relevance` that of their grade. Where no document
 * is relevant: 1 when none was retrieved, else 0.
 *
 * @see Järvelin and Kekäläinen (2002), ACM TOIS 20:422–446.
 */
export function ndcgAtK(k = 3, options: NdcgAtKOptions = {}): Scorer {
  const { ideal = "returned", gain = "linear", removeDuplicates = false } = options;
  checkChoice("ideal", ideal, ["returned", "full"]);
  checkChoice("gain", gain, ["linear", "exponential"]);
  const worth = (grade: number) => (gain === "linear" ? grade : 2 ** grade - 1);
  return retrievalScorer(
    {
      measure: "ndcg",
      k,
      variant: gain === "linear" ? ideal : `${ideal}:${gain}`,
      removeDuplicates,
    },
    (retrieved, relevance) => {
      if (relevance.size === 0) return retrieved.length === 0 ? 1 : 0;
      const seen = new Set<string>();
      const repeated: number[] = [];
      let gained = 0;
      retrieved.forEach((id, rank) => {
        const grade = id === undefined ? undefined : relevance.get(id);
        if (id === undefined || grade === undefined) return;
        const again = seen.has(id);
        seen.add(id);
        if (again && ideal === "full") return;
        if (again) repeated.push(worth(grade));
        gained += worth(grade) * discount(rank);
      });
      const gains = [...[...relevance.values()].map(worth), ...repeated].sort((a, b) => b - a);
      const places = ideal === "full" ? k : retrieved.length;
      const best = gains
        .slice(0, places)
        .reduce((sum, value, rank) => sum + value * discount(rank), 0);
      // Sums of the same gains in another order can differ in the last digit.
      return best === 0 ? 0 : Math.min(1, gained / best);
    },
  );
}

/** @param rank - 0 for the first. */
function discount(rank: number): number {
  return 1 / Math.log2(rank + 2);
}
