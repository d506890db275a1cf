import { AssayError } from "../core/errors.ts";
import type { Scorer } from "../core/score.ts";
import { exactMatch } from "./exact-match.ts";
import { ndcgAtK, precisionAtK, recallAtK } from "./retrieval.ts";
import { rouge1, rouge2, rougeL, rougeLsum } from "./rouge-scorers.ts";
import { tokenF1 } from "./token-f1.ts";

const SCORERS_BY_TYPE = {
  "question-answering": () => [exactMatch(), tokenF1(), rougeL()],
  "text-summarization": () => [rouge1(), rouge2(), rougeL(), rougeLsum()],
  retriever: () => [precisionAtK(3), recallAtK(3), ndcgAtK(3)],
  text: () => [],
} as const satisfies Record<string, () => Scorer[]>;

export type ModelType = keyof typeof SCORERS_BY_TYPE;

export const MODEL_TYPES = Object.keys(SCORERS_BY_TYPE) as readonly ModelType[];

/**
 * The scorers that a model type brings along; all run offline.
 *
 * @throws {AssayError} `invalid-argument` for a type that is not one of {@link MODEL_TYPES}.
 */
export function defaultScorers(modelType: string): Scorer[] {
  const known = MODEL_TYPES.find((type) => type === modelType);
  if (known === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`modelType\` to be one of ${MODEL_TYPES.join(", ")}; got "${modelType}"`,
    );
  }
  return SCORERS_BY_TYPE[known]();
}
