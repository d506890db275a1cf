import { AssayError } from "../core/errors.ts";
import { defineScorer, type Scorer } from "../core/score.ts";
import { notApplicable } from "./not-applicable.ts";
import { type Relevance, type RetrievedId, relevanceOf, retrievedIds } from "./retrieval-ids.ts";

export interface RetrievalOptions {
  /**
   * Default false: a document that was retrieved twice holds two ranks. True takes it out where it
   * comes again, before the first k are counted off.
   */
  readonly removeDuplicates?: boolean;
}

export interface RetrievalMeasure extends RetrievalOptions {
  /** `precision` becomes `precision_at_3`, or stays as it is without a `k`. */
  readonly measure: string;
  /** How many of the retrieved count; all where absent. */
  readonly k?: number;
  /** What sets it apart from other variants of the measure. */
  readonly variant?: string;
  /** True leaves out rows where no document is relevant: there is nothing to find. */
  readonly needsRelevant?: boolean;
}

/**
 * A scorer in [0, 1] of the ids that were retrieved, best first.
 *
 * @throws {AssayError} `invalid-argument` where `k` is no positive integer.
 */
export function retrievalScorer(
  { measure, k, variant, needsRelevant = false, removeDuplicates = false }: RetrievalMeasure,
  score: (retrieved: readonly RetrievedId[], relevance: Relevance) => number,
): Scorer {
  if (k !== undefined && (!Number.isInteger(k) || k < 1)) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`k\` to be an integer from 1 and up, got ${k}`,
    );
  }
  const name = k === undefined ? measure : `${measure}_at_${k}`;
  const variants = [variant, removeDuplicates ? "distinct" : undefined];
  return defineScorer(
    {
      name,
      aggregations: ["mean", "variance", "p90"],
      scale: [0, 1],
      greaterIsBetter: true,
      source: { kind: "code" },
      isImmediate: true,
      fingerprint: [name, ...variants.filter((part) => part !== undefined)].join(":"),
    },
    (sample) => {
      const found = retrievedIds(sample);
      if (found === undefined) {
        return notApplicable(
          `${name} found no retrieved ids. Let the model return a list of ids, give the row a \`context\` of documents with an \`id\` (or \`metadata.doc_id\`, \`doc_uri\`, \`source\`), or trace a retriever span`,
        );
      }
      const relevance = relevanceOf(sample.expectations);
      if (relevance === undefined) {
        return notApplicable(
          `${name} needs \`expectations.relevant_ids\`, the list of ids that should be retrieved, or \`expectations.relevance\`, their grades by id; the row has neither`,
        );
      }
      if (needsRelevant && relevance.size === 0) {
        return notApplicable(
          `${name} needs a relevant document; no document of the row is relevant`,
        );
      }
      const retrieved = removeDuplicates ? distinct(found) : found;
      return score(k === undefined ? retrieved : retrieved.slice(0, k), relevance);
    },
  );
}

/** How many of the ids are relevant, repetitions included. */
export function countRelevant(ids: Iterable<RetrievedId>, relevance: Relevance): number {
  let count = 0;
  for (const id of ids) if (id !== undefined && relevance.has(id)) count += 1;
  return count;
}

function distinct(ids: readonly RetrievedId[]): RetrievedId[] {
  return ids.filter((id, rank) => id === undefined || ids.indexOf(id) === rank);
}
