import { describe, expect, test } from "vitest";
import { type CorpusResult, foldCorpus } from "../../src/core/corpus.ts";
import { isAssayError } from "../../src/core/errors.ts";
import type { JsonValue } from "../../src/core/json.ts";
import type { Scorer } from "../../src/core/score.ts";
import {
  type ClassificationConfig,
  classifierMetrics,
  f1Score,
  mae,
  mape,
  maxError,
  mse,
  precisionScore,
  r2Score,
  recallScore,
  regressorMetrics,
  rmse,
} from "../../src/metrics/index.ts";
import { aggregate } from "../../src/stats/index.ts";
import { readParity } from "./parity.ts";
import { notApplicable, sampleOf, scoreText } from "./sample.ts";

type Pair = readonly [outputs: JsonValue, target: JsonValue];

interface Case {
  readonly kind: "classification" | "regression";
  readonly config?: ClassificationConfig;
  readonly rows: readonly { readonly target: JsonValue; readonly outputs: JsonValue }[];
  readonly expected: { readonly [key: string]: number };
  readonly confusion_matrix?: readonly (readonly number[])[];
}

const cases = readParity<Case>("classification-regression.jsonl");
const pairsOf = ({ rows }: Case): Pair[] => rows.map(({ outputs, target }) => [outputs, target]);

/** What the metrics of a run would be: the fold over the rows, and the mean of the rows under the bare key. */
function metricsOf(scorer: Scorer, pairs: readonly Pair[]): CorpusResult {
  const corpus =
    scorer.scorer.corpus === undefined
      ? { metrics: {} }
      : foldCorpus(
          scorer.scorer.corpus,
          pairs.map(([outputs, target]) => ({
            outputs,
            expectations: { expected_response: target },
          })),
        );
  if (scorer.scorer.bareMean !== true) return corpus;
  const scores = pairs.map(([outputs, target]) => Number(scoreText(scorer, outputs, target)));
  const mean = aggregate("mean", scores);
  return { ...corpus, metrics: { ...corpus.metrics, [scorer.scorer.name]: mean as number } };
}

function expectMetrics(actual: CorpusResult["metrics"], expected: Case["expected"]) {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [key, value] of Object.entries(expected)) {
    const digits = Math.abs(value) > 1e6 ? 3 : 9;
    expect(actual[key], key).toBeCloseTo(value, digits);
  }
}

describe("scikit-learn 1.9.1 is met", () => {
  test("by the metrics of a classifier", () => {
    const classifications = cases.filter(({ kind }) => kind === "classification");
    expect(classifications).toHaveLength(6);
    for (const one of classifications) {
      const { metrics, tables } = metricsOf(classifierMetrics(one.config), pairsOf(one));
      expectMetrics(metrics, one.expected);
      if (one.confusion_matrix !== undefined) {
        expect(tables?.confusion_matrix).toMatchObject({ counts: one.confusion_matrix });
      }
    }
  });

  test("by the metrics of a regressor", () => {
    const regressions = cases.filter(({ kind }) => kind === "regression");
    expect(regressions).toHaveLength(5);
    for (const one of regressions) {
      expectMetrics(metricsOf(regressorMetrics(), pairsOf(one)).metrics, one.expected);
    }
  });
});

describe("MLflow's test_metric_definitions.py is met", () => {
  const zip = (predictions: number[], targets: number[]): Pair[] =>
    predictions.map((prediction, index) => [prediction, targets[index] as number]);
  const labels = zip([0, 0, 1, 1, 0, 0, 0, 1], [1, 1, 1, 1, 0, 0, 0, 0]);

  test.each<[string, Scorer, Pair[], number]>([
    ["mean_absolute_error", mae(), zip([1, 2, 0], [1, 2, 3]), 1],
    ["mean_squared_error", mse(), zip([1, 2, 0], [1, 2, 3]), 3],
    ["root_mean_squared_error", rmse(), zip([4, 5, 0], [1, 2, 3]), 3],
    ["r2_score", r2Score(), zip([1, 2, 3], [3, 2, 1]), -3],
    ["max_error", maxError(), zip([1, 2, 3], [3, 2, 1]), 2],
    ["mean_absolute_percentage_error", mape(), zip([1, 1, 1], [2, 2, 2]), 0.5],
    ["recall_score", recallScore(), labels, 0.5],
    ["precision_score", precisionScore(), labels, 2 / 3],
    ["f1_score", f1Score(), labels, 4 / 7],
  ])("by %s, alone under its own key", (key, scorer, pairs, expected) => {
    const { metrics } = metricsOf(scorer, pairs);
    expect(Object.keys(metrics)).toEqual([key]);
    expect(metrics[key]).toBeCloseTo(expected, 12);
  });
});

describe("a classifier", () => {
  const fold = (scorer: Scorer, pairs: readonly Pair[]) => metricsOf(scorer, pairs);

  test("takes labels as number, text and boolean for the same", () => {
    const scorer = classifierMetrics();
    expect(scoreText(scorer, 1, "1")).toBe(true);
    expect(scoreText(scorer, "true", true)).toBe(true);
    expect(scoreText(scorer, { prediction: "a" }, "b")).toBe(false);
  });

  test("takes the most probable class for its label where it names none", () => {
    expect(scoreText(classifierMetrics(), { probabilities: { a: 0.2, b: 0.8 } }, "b")).toBe(true);
  });

  test("has 1 for the positive class, else the last, else the one that is configured", () => {
    const pairs: Pair[] = [
      ["no", "yes"],
      ["yes", "yes"],
      ["yes", "no"],
      ["yes", "no"],
    ];
    expect(fold(recallScore(), pairs).metrics.recall_score).toBe(0.5);
    expect(fold(recallScore({ posLabel: "no" }), pairs).metrics.recall_score).toBe(0);
    // One class alone, and not the positive one: nothing was found, as in scikit-learn.
    expect(fold(precisionScore(), [[0, 0]]).metrics.precision_score).toBe(0);
  });

  test("has no ranking measures where a row lacks its probability, and says so", () => {
    const { metrics, notes } = fold(classifierMetrics(), [
      [{ label: 1, probability: 0.9 }, 1],
      [0, 0],
    ]);
    expect(metrics).not.toHaveProperty("roc_auc");
    expect(metrics).toMatchObject({ accuracy_score: 1, example_count: 2 });
    expect(notes).toEqual([expect.stringContaining("1 of 2 rows")]);
  });

  test("has no ROC AUC where all targets are of one class", () => {
    const { metrics, notes } = fold(classifierMetrics({ labels: [0, 1] }), [
      [{ label: 1, probability: 0.9 }, 1],
      [{ label: 1, probability: 0.6 }, 1],
    ]);
    expect(metrics).not.toHaveProperty("roc_auc");
    expect(metrics.log_loss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.6)) / 2, 12);
    expect(notes).toEqual(["roc_auc needs targets of both classes"]);
  });

  test("takes probabilities in the order of the label list too", () => {
    const { metrics } = fold(classifierMetrics({ labels: ["x", "y"] }), [
      [{ label: "y", probabilities: [0.2, 0.8] }, "y"],
      [{ label: "x", probabilities: [0.7, 0.3] }, "x"],
    ]);
    expect(metrics).toMatchObject({ roc_auc: 1, precision_recall_auc: 1 });
    expect(metrics.log_loss).toBeCloseTo(-(Math.log(0.8) + Math.log(0.7)) / 2, 12);
  });

  test("refuses binary averages of three classes and a positive label that is none", () => {
    const pairs: Pair[] = [
      ["a", "a"],
      ["b", "b"],
      ["c", "c"],
    ];
    const { metrics, notes } = fold(f1Score({ average: "binary" }), pairs);
    expect(metrics).toEqual({});
    expect(notes).toEqual(['average "binary" speaks of two classes; there are 3']);
    expect(() => classifierMetrics({ labels: [0, 1], posLabel: 2 })).toThrow(
      expect.toSatisfy((error: unknown) => isAssayError(error, "invalid-argument")),
    );
    expect(() => f1Score({ average: "harmonic" as never })).toThrow(
      /binary, macro, micro, weighted/,
    );
  });

  test("counts nothing of a positive label that no row has", () => {
    const { metrics, notes } = fold(classifierMetrics({ posLabel: "maybe" }), [
      [{ label: "no", probability: 0.1 }, "no"],
      [{ label: "yes", probability: 0.9 }, "yes"],
    ]);
    expect(metrics).toEqual({ accuracy_score: 1, example_count: 2 });
    expect(notes?.[0]).toBe("posLabel maybe is not among the labels no, yes");
  });

  test("declares every key that it may give", () => {
    const keys = classifierMetrics().scorer.corpus?.keys ?? [];
    const given = cases.flatMap(({ kind, expected }) =>
      kind === "classification" ? Object.keys(expected) : [],
    );
    expect([...new Set(given)].filter((key) => key !== "accuracy_score").sort()).toEqual(
      [...keys].sort(),
    );
  });

  test("counts nothing where no row was scored", () => {
    expect(fold(precisionScore(), [])).toMatchObject({ metrics: {} });
    expect(foldCorpus(regressorMetrics().scorer.corpus as never, [])).toMatchObject({
      metrics: {},
    });
  });
});

test.each([
  [classifierMetrics(), "a label"],
  [regressorMetrics(), "a number"],
])("a row without a target is not applicable, one without a prediction failed", (scorer, what) => {
  expect(scoreText(scorer, 1)).toEqual(notApplicable(expect.stringContaining(what)));
  expect(scoreText(scorer, null, 1)).toMatchObject({
    kind: "unscored",
    reason: "scorer-failed",
    detail: expect.stringContaining(what),
  });
});

test("rows of a metric of the whole score in words, so that they have no mean of another meaning", () => {
  expect(scoreText(precisionScore(), 1, 0)).toBe("wrong");
  expect(scoreText(rmse(), 1, 4)).toBe("off by 3");
});

test("a fold is begun anew each time", () => {
  const scorer = regressorMetrics();
  const pairs: Pair[] = [[1, 2]];
  expect(metricsOf(scorer, pairs)).toEqual(metricsOf(scorer, pairs));
  expect(scorer(sampleOf({ outputs: 1, expectations: { expected_response: 2 } }))).toBe(1);
});
