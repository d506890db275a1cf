import { AssayError } from "../core/errors.ts";
import type { Scorer } from "../core/score.ts";
import { ariGradeLevel } from "./ari-grade-level.ts";
import type { ClassificationConfig } from "./classification-fold.ts";
import { classifierMetrics } from "./classifier.ts";
import { exactMatch } from "./exact-match.ts";
import { fleschKincaidGradeLevel } from "./flesch-kincaid-grade-level.ts";
import { ndcgAtK } from "./ndcg-at-k.ts";
import { precisionAtK } from "./precision-at-k.ts";
import { recallAtK } from "./recall-at-k.ts";
import { regressorMetrics } from "./regressor.ts";
import { rouge1, rouge2, rougeL, rougeLsum } from "./rouge-scorers.ts";
import { tokenCount } from "./token-count.ts";
import { tokenF1 } from "./token-f1.ts";
import { type ToxicityOptions, toxicity } from "./toxicity.ts";

/** MLflow's `evaluator_config`, as far as it concerns the default metrics. */
export interface DefaultScorersConfig extends ClassificationConfig {
  /** How many retrieved documents count; a positive integer, default 3. */
  readonly retrieverK?: number;
  /** Without one the text metrics come without toxicity. */
  readonly toxicity?: ToxicityOptions;
}

export interface DefaultScorers {
  readonly scorers: readonly Scorer[];
  /** What MLflow has in the set and this has not, in words. */
  readonly notes: readonly string[];
}

const SETS_BY_TYPE = {
  "question-answering": (config) => withText([exactMatch(), tokenF1(), rougeL()], config),
  "text-summarization": (config) => withText([rouge1(), rouge2(), rougeL(), rougeLsum()], config),
  text: (config) => withText([], config),
  retriever: ({ retrieverK = 3 }) =>
    complete([precisionAtK(retrieverK), recallAtK(retrieverK), ndcgAtK(retrieverK)]),
  classifier: (config) => complete([classifierMetrics(config)]),
  regressor: () => complete([regressorMetrics()]),
} as const satisfies Record<string, (config: DefaultScorersConfig) => DefaultScorers>;

export type ModelType = keyof typeof SETS_BY_TYPE;

export const MODEL_TYPES = Object.keys(SETS_BY_TYPE) as readonly ModelType[];

/**
 * The scorers that a model type brings along; all run offline.
 *
 * @throws {AssayError} `invalid-argument` for a type that is not one of {@link MODEL_TYPES}, and for
 *   settings that its scorers refuse.
 */
export function defaultScorers(modelType: string, config: DefaultScorersConfig = {}): Scorer[] {
  return [...defaultScorersWithNotes(modelType, config).scorers];
}

/** As {@link defaultScorers}, with what was left out and why. */
export function defaultScorersWithNotes(
  modelType: string,
  config: DefaultScorersConfig = {},
): DefaultScorers {
  const known = MODEL_TYPES.find((type) => type === modelType);
  if (known === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`modelType\` to be one of ${MODEL_TYPES.join(", ")}; got "${modelType}"`,
    );
  }
  return SETS_BY_TYPE[known](config);
}

function complete(scorers: readonly Scorer[]): DefaultScorers {
  return { scorers, notes: [] };
}

/** The given scorers and those of every text. */
function withText(scorers: readonly Scorer[], config: DefaultScorersConfig): DefaultScorers {
  const text = [ariGradeLevel(), fleschKincaidGradeLevel(), tokenCount()];
  if (config.toxicity !== undefined)
    return complete([...scorers, toxicity(config.toxicity), ...text]);
  return {
    scorers: [...scorers, ...text],
    notes: ["left out: toxicity needs a classifier"],
  };
}
