import { AssayError } from "../core/errors.ts";
import { defineScorer, type Score, type Scorer } from "../core/score.ts";
import { relevantIds, retrievedIds } from "./retrieval-ids.ts";

export interface PrecisionAtKOptions {
  /**
   * Default `returned`: MLflow's, which divides by what was returned, so that one right document
   * alone scores 1, and counts a repeated document each time. `k` divides by k and counts it once.
   */
  readonly denominator?: "returned" | "k";
}

export interface NdcgAtKOptions {
  /**
   * Default `returned`: MLflow's, which compares with the best ranking of as many documents as were
   * returned and takes repetitions of a relevant document as further ones. `full` compares with the
   * best ranking of all relevant documents and lets a document earn once.
   */
  readonly ideal?: "returned" | "full";
}

/** Share of relevant documents among the first `k` retrieved; 0 when none was retrieved. */
export function precisionAtK(
  k = 3,
  { denominator = "returned" }: PrecisionAtKOptions = {},
): Scorer {
  return retrievalScorer("precision", k, denominator, (retrieved, relevant) => {
    if (denominator === "k") return countRelevant(new Set(retrieved), relevant) / k;
    return retrieved.length === 0 ? 0 : countRelevant(retrieved, relevant) / retrieved.length;
  });
}

/**
 * Share of the relevant documents that are among the first `k` retrieved. Where no document is
 * relevant: 1 when none was retrieved, else 0.
 */
export function recallAtK(k = 3): Scorer {
  return retrievalScorer("recall", k, undefined, (retrieved, relevant) => {
    if (relevant.size === 0) return retrieved.length === 0 ? 1 : 0;
    return countRelevant(new Set(retrieved), relevant) / relevant.size;
  });
}

/**
 * Normalised discounted cumulative gain of the first `k` retrieved, with gain 1 for a relevant
 * document and discount log2(rank + 1). Where no document is relevant: 1 when none was retrieved,
 * else 0.
 *
 * @see Järvelin and Kekäläinen (2002), ACM TOIS 20:422–446.
 */
export function ndcgAtK(k = 3, { ideal = "returned" }: NdcgAtKOptions = {}): Scorer {
  return retrievalScorer("ndcg", k, ideal, (retrieved, relevant) => {
    if (relevant.size === 0) return retrieved.length === 0 ? 1 : 0;
    const seen = new Set<string | undefined>();
    let gain = 0;
    let repeated = 0;
    retrieved.forEach((id, index) => {
      const again = seen.has(id);
      seen.add(id);
      if (id === undefined || !relevant.has(id) || (again && ideal === "full")) return;
      if (again) repeated += 1;
      gain += discount(index);
    });
    const attainable =
      ideal === "full"
        ? Math.min(k, relevant.size)
        : Math.min(retrieved.length, relevant.size + repeated);
    return attainable === 0 ? 0 : gain / gainOfFirst(attainable);
  });
}

type RetrievedId = string | undefined;

function retrievalScorer(
  measure: string,
  k: number,
  variant: string | undefined,
  score: (firstRetrieved: readonly RetrievedId[], relevant: ReadonlySet<string>) => number,
): Scorer {
  if (!Number.isInteger(k) || k < 1) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`k\` to be an integer from 1 and up, got ${k}`,
    );
  }
  const name = `${measure}_at_${k}`;
  return defineScorer(
    {
      name,
      aggregations: ["mean", "variance", "p90"],
      scale: [0, 1],
      greaterIsBetter: true,
      source: { kind: "code" },
      fingerprint: variant === undefined ? name : `${name}:${variant}`,
    },
    (sample) => {
      const retrieved = retrievedIds(sample);
      if (retrieved === undefined) {
        return notApplicable(
          `${name} found no retrieved ids. Let the model return a list of ids, give the row a \`context\` of documents with an \`id\` (or \`metadata.doc_id\`, \`doc_uri\`, \`source\`), or trace a retriever span`,
        );
      }
      const relevant = relevantIds(sample.expectations);
      if (relevant === undefined) {
        return notApplicable(
          `${name} needs \`expectations.relevant_ids\`, the list of ids that should be retrieved; the row has none`,
        );
      }
      return score(retrieved.slice(0, k), relevant);
    },
  );
}

function notApplicable(detail: string): Score {
  return { kind: "unscored", reason: "not-applicable", detail };
}

function countRelevant(ids: Iterable<RetrievedId>, relevant: ReadonlySet<string>): number {
  let count = 0;
  for (const id of ids) if (id !== undefined && relevant.has(id)) count += 1;
  return count;
}

/** @param index - 0 for the first rank. */
function discount(index: number): number {
  return 1 / Math.log2(index + 2);
}

function gainOfFirst(count: number): number {
  return Array.from({ length: count }, (_, index) => discount(index)).reduce((a, b) => a + b, 0);
}
