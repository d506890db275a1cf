import type { CorpusMetrics } from "../core/corpus.ts";
import { defineScorer, type Score, type Scorer, type ScorerOptions } from "../core/score.ts";
import { notApplicable } from "./not-applicable.ts";
import { readNumber } from "./read-number.ts";
import { percentageError, predictedNumber, RegressionFold } from "./regression-fold.ts";

/** Beside `mean_absolute_error`, which is the mean of the rows. */
const REGRESSOR_KEYS = [
  "example_count",
  "mean_squared_error",
  "root_mean_squared_error",
  "sum_on_target",
  "mean_on_target",
  "r2_score",
  "max_error",
  "mean_absolute_percentage_error",
];

/**
 * MLflow's metrics of a regressor. Each row scores its absolute error, which makes
 * `mean_absolute_error`; all others are of the rows together.
 */
export function regressorMetrics(): Scorer {
  return meanScorer("mean_absolute_error", absoluteError, corpusOf(REGRESSOR_KEYS));
}

/** Mean of |prediction − target|, in the unit of the target; key `mean_absolute_error`. */
export function mae(): Scorer {
  return meanScorer("mean_absolute_error", absoluteError);
}

/** Mean of (prediction − target)², in the squared unit of the target; key `mean_squared_error`. */
export function mse(): Scorer {
  return meanScorer("mean_squared_error", (prediction, target) => (prediction - target) ** 2);
}

/** Mean of |prediction − target| / |target|, as a fraction; key `mean_absolute_percentage_error`. */
export function mape(): Scorer {
  return meanScorer("mean_absolute_percentage_error", percentageError);
}

/** Root of the mean squared error, in the unit of the target; key `root_mean_squared_error`. */
export function rmse(): Scorer {
  return corpusScorer("root_mean_squared_error", false);
}

/** The largest |prediction − target|; key `max_error`. */
export function maxError(): Scorer {
  return corpusScorer("max_error", false);
}

/**
 * Coefficient of determination: 1 − squared errors / squared deviations of the targets from their mean;
 * 1 is perfect, 0 no better than the mean; key `r2_score`.
 */
export function r2Score(): Scorer {
  return corpusScorer("r2_score", true);
}

function absoluteError(prediction: number, target: number): number {
  return Math.abs(prediction - target);
}

/** A metric that is the mean of what the rows score. */
function meanScorer(
  name: string,
  score: (prediction: number, target: number) => number,
  corpus?: CorpusMetrics,
): Scorer {
  return errorScorer(
    {
      name,
      aggregations: ["mean"],
      bareMean: true,
      greaterIsBetter: false,
      ...(corpus && { corpus }),
    },
    score,
  );
}

/** A metric of the rows together. Rows score in words, as their mean would be another metric. */
function corpusScorer(name: string, greaterIsBetter: boolean): Scorer {
  return errorScorer(
    { name, aggregations: [], greaterIsBetter, corpus: corpusOf([name]) },
    (prediction, target) => `off by ${absoluteError(prediction, target)}`,
  );
}

function corpusOf(keys: readonly string[]): CorpusMetrics {
  return {
    keys,
    begin: () => {
      const fold = new RegressionFold();
      return {
        add: (sample) => fold.add(sample),
        result: () => {
          const { metrics, notes = [] } = fold.result();
          const asked = Object.entries(metrics).filter(([key]) => keys.includes(key));
          return {
            metrics: Object.fromEntries(asked),
            notes: notes.filter((note) => keys.some((key) => note.startsWith(key))),
          };
        },
      };
    },
  };
}

function errorScorer(
  options: Pick<ScorerOptions, "name" | "aggregations" | "bareMean" | "greaterIsBetter" | "corpus">,
  score: (prediction: number, target: number) => number | string,
): Scorer {
  return defineScorer(
    {
      ...options,
      source: { kind: "code" },
      requires: ["expected_response"],
      fingerprint: options.name,
    },
    ({ output, expectations }): Score | number | string => {
      const target = readNumber(expectations.expected_response);
      if (target === undefined) {
        return notApplicable(
          `${options.name} needs a number in \`expectations.expected_response\``,
        );
      }
      const prediction = predictedNumber(output);
      if (prediction !== undefined) return score(prediction, target);
      return {
        kind: "unscored",
        reason: "scorer-failed",
        detail: "expected a number, or { prediction }, as output",
      };
    },
  );
}
