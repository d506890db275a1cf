import type { CorpusMetrics } from "../core/corpus.ts";
import { AssayError } from "../core/errors.ts";
import { defineScorer, type Score, type Scorer, type ScorerOptions } from "../core/score.ts";
import { checkChoice } from "./check-choice.ts";
import { type ClassificationConfig, ClassificationFold } from "./classification-fold.ts";
import { labelOf, readLabelledOutput } from "./labelled-output.ts";
import { notApplicable } from "./not-applicable.ts";
import { AVERAGES } from "./precision-recall.ts";

/** Beside `accuracy_score`, which is the mean of the rows. */
const CLASSIFIER_KEYS = [
  "example_count",
  "true_negatives",
  "false_positives",
  "false_negatives",
  "true_positives",
  "recall_score",
  "precision_score",
  "f1_score",
  "log_loss",
  "roc_auc",
  "precision_recall_auc",
];

/**
 * MLflow's metrics of a classifier. Each row scores whether its label is the expected one, which makes
 * `accuracy_score`; all others are of the rows together. `log_loss`, `roc_auc` and
 * `precision_recall_auc` need outputs of the form `{ label, probability }` or `{ label, probabilities }`.
 */
export function classifierMetrics(config: ClassificationConfig = {}): Scorer {
  return labelScorer(
    {
      name: "accuracy_score",
      aggregations: ["mean"],
      bareMean: true,
      scale: [0, 1],
      corpus: corpusOf(config, CLASSIFIER_KEYS),
    },
    config,
    (isRight) => isRight,
  );
}

/** Of the rows predicted to be positive, the share that is; 0 where none was. */
export function precisionScore(config: ClassificationConfig = {}): Scorer {
  return corpusScorer("precision_score", config);
}

/** Of the positive rows, the share that was predicted to be; 0 where there is none. */
export function recallScore(config: ClassificationConfig = {}): Scorer {
  return corpusScorer("recall_score", config);
}

/** Harmonic mean of precision and recall. */
export function f1Score(config: ClassificationConfig = {}): Scorer {
  return corpusScorer("f1_score", config);
}

function corpusScorer(key: string, config: ClassificationConfig): Scorer {
  return labelScorer(
    { name: key, aggregations: [], corpus: corpusOf(config, [key]) },
    config,
    // In words: a mean of right and wrong rows is the accuracy, and would stand under another name.
    (isRight) => (isRight ? "right" : "wrong"),
  );
}

function corpusOf(config: ClassificationConfig, keys: readonly string[]): CorpusMetrics {
  return {
    keys,
    begin: () => {
      const fold = new ClassificationFold(config);
      return {
        add: (sample) => fold.add(sample),
        result: () => {
          const { metrics, ...rest } = fold.result();
          const asked = Object.entries(metrics).filter(([key]) => keys.includes(key));
          // A single number needs no tables.
          return keys.length === 1
            ? { metrics: Object.fromEntries(asked), notes: rest.notes ?? [] }
            : { metrics: Object.fromEntries(asked), ...rest };
        },
      };
    },
  };
}

function labelScorer(
  options: Pick<ScorerOptions, "name" | "aggregations" | "bareMean" | "scale" | "corpus">,
  config: ClassificationConfig,
  score: (isRight: boolean) => boolean | string,
): Scorer {
  const { labels, posLabel, average } = config;
  if (average !== undefined) checkChoice("average", average, AVERAGES);
  if (
    posLabel !== undefined &&
    labels !== undefined &&
    !labels.map(String).includes(`${posLabel}`)
  ) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`posLabel\` to be one of the labels ${labels.join(", ")}; got ${posLabel}`,
    );
  }
  const settings = [average ?? "default", posLabel ?? "last", labels?.join(",") ?? "seen"];
  return defineScorer(
    {
      ...options,
      greaterIsBetter: true,
      source: { kind: "code" },
      requires: ["expected_response"],
      fingerprint: [options.name, ...settings].join(":"),
    },
    ({ output, expectations }): Score | boolean | string => {
      const target = labelOf(expectations.expected_response);
      if (target === undefined) {
        return notApplicable(`${options.name} needs a label in \`expectations.expected_response\``);
      }
      const labelled = readLabelledOutput(output);
      if (labelled !== undefined) return score(labelled.label === target);
      return {
        kind: "unscored",
        reason: "scorer-failed",
        detail: "expected a label, or { label, probability?, probabilities? }, as output",
      };
    },
  );
}
