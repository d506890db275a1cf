import { describe, expect, test } from "vitest";
import { defineScorer, isAssayError } from "../../src/core/index.ts";
import type { EvaluateOptions } from "../../src/evaluate/index.ts";
import { bleu, type ClassificationConfig } from "../../src/metrics/index.ts";
import { readParity } from "../metrics/parity.ts";
import { numbered, useTempStore } from "./temp-store.ts";

const at = useTempStore();

interface Case {
  readonly kind: "classification" | "regression";
  readonly config?: ClassificationConfig;
  readonly rows: readonly { readonly target: unknown; readonly outputs: unknown }[];
  readonly expected: { readonly [key: string]: number };
}

const cases = readParity<Case>("classification-regression.jsonl");
const first = (kind: Case["kind"]) => cases.find((one) => one.kind === kind) as Case;

const staticOf = ({ rows }: Case): EvaluateOptions => ({
  data: rows.map((row, i) => ({ i, ...row })),
  targets: "target",
  predictions: "outputs",
});

describe("model types whose metrics are of all rows together", () => {
  test("a classifier's metrics are scikit-learn's, its tables artifacts, and gates may name them", async () => {
    const one = first("classification");
    const result = await at.evaluate({
      ...staticOf(one),
      modelType: "classifier",
      gates: ["roc_auc >= 0.5", "example_count >= 1"],
    });
    for (const [key, value] of Object.entries(one.expected)) {
      expect(result.metrics[key], key).toBeCloseTo(value, 9);
    }
    expect(result.decision).toBe("pass");
    expect(result.summaries.accuracy_score).toMatchObject({ scored: one.rows.length, failed: 0 });
    const store = await at.open();
    const { artifactUri = "", metrics } = (await store.runs.getRun(result.runId)) ?? {};
    expect(metrics?.roc_auc).toBe(result.metrics.roc_auc);
    const table = await store.artifacts.read(artifactUri, "confusion_matrix.json");
    const { true_negatives, false_positives, false_negatives, true_positives } = one.expected;
    expect(JSON.parse(new TextDecoder().decode(table)).counts).toEqual([
      [true_negatives, false_positives],
      [false_negatives, true_positives],
    ]);
    expect(result.artifacts.confusion_matrix).toBe(`${artifactUri}/confusion_matrix.json`);
  });

  test("a regressor's metrics are scikit-learn's", async () => {
    const one = first("regression");
    const result = await at.evaluate({ ...staticOf(one), modelType: "regressor" });
    for (const [key, value] of Object.entries(one.expected)) {
      expect(result.metrics[key], key).toBeCloseTo(value, Math.abs(value) > 1e6 ? 3 : 9);
    }
  });

  test("evaluatorConfig takes MLflow's spelling and ours", async () => {
    const data = [{ i: 0, outputs: ["a", "b"], expectations: { relevant_ids: ["b"] } }];
    for (const evaluatorConfig of [{ retriever_k: 1 }, { retrieverK: 1 }]) {
      const { metrics } = await at.evaluate({ data, modelType: "retriever", evaluatorConfig });
      expect(metrics).toMatchObject({ "precision_at_1/mean": 0, "recall_at_1/mean": 0 });
    }
  });

  test.each([
    [{ retrieval_k: 2 }, 'evaluatorConfig has no setting "retrieval_k"'],
    [{ k: 2 }, "the number of retrieved documents is retrieverK"],
    [{ col_mapping: {} }, "colMapping is an option of evaluate()"],
    [{ retriever_k: 2, retrieverK: 2 }, "evaluatorConfig gives retrieverK twice"],
  ])("evaluatorConfig %j is refused", async (evaluatorConfig, message) => {
    const error = await at.refuses({
      data: [{ i: 0, outputs: [] }],
      modelType: "retriever",
      evaluatorConfig: evaluatorConfig as object,
    });
    expect(isAssayError(error, "invalid-argument")).toBe(true);
    expect((error as Error).message).toContain(message);
  });

  test("what a set lacks is a note, where the set was asked for", async () => {
    const notes: string[] = [];
    const options: EvaluateOptions = {
      data: [{ i: 0, a: "x", outputs: "x" }],
      targets: "a",
      onProgress: (progress) => {
        if (progress.kind === "started") notes.push(...progress.notes);
      },
    };
    await at.evaluate(options);
    expect(notes).toEqual([]);
    await at.evaluate({ ...options, modelType: "question-answering" });
    expect(notes).toEqual(["left out: toxicity needs a classifier"]);
  });
});

describe("a fold", () => {
  const doubled = (fails: { readonly add?: boolean } = {}) =>
    defineScorer(
      {
        name: "doubled",
        corpus: {
          keys: ["sum_of_doubles"],
          begin: () => {
            let sum = 0;
            return {
              add: ({ outputs }) => {
                if (fails.add) throw new Error("no fold today");
                sum += 2 * Number(outputs);
              },
              result: () => ({
                metrics: { sum_of_doubles: sum, undeclared: 1 },
                notes: ["sums are sums"],
              }),
            };
          },
        },
      },
      ({ outputs }) => (outputs === 3 ? null : 1),
    );

  test("takes the trials that its scorer scored, each once", async () => {
    const result = await at.evaluate({
      data: numbered(600),
      model: ({ i }: { i: number }) => {
        if (i === 5) throw new Error("broken");
        return i;
      },
      extraMetrics: [doubled()],
      trials: 2,
    });
    // Twice the sum of 0 to 599 without 3 (not applicable) and 5 (failed), in two trials.
    expect(result.metrics.sum_of_doubles).toBe(2 * 2 * ((599 * 600) / 2 - 3 - 5));
    expect(result.metrics.undeclared).toBeUndefined();
    expect(result.notes).toEqual(["sums are sums"]);
  });

  test("that throws makes the evaluation incomplete and leaves the other metrics", async () => {
    const result = await at.evaluate({
      data: [{ i: 0, outputs: 1 }],
      extraMetrics: [doubled({ add: true })],
    });
    expect(result.status).toBe("incomplete");
    expect(result.problems).toEqual(["sum_of_doubles cannot be computed: Error: no fold today"]);
    expect(result.metrics["doubled/mean"]).toBe(1);
  });

  test("gives a resumed run the numbers of one that was never interrupted", async () => {
    const stop = new AbortController();
    const options: EvaluateOptions = {
      data: numbered(20),
      model: ({ i }: { i: number }) => i,
      extraMetrics: [doubled()],
      concurrency: 1,
    };
    const cut = await at.evaluate({
      ...options,
      signal: stop.signal,
      onProgress: ({ kind }) => kind === "row" && stop.abort(),
    });
    expect(cut.status).toBe("interrupted");
    const resumed = await at.evaluate({ ...options, resume: cut.runId });
    expect(resumed.metrics.sum_of_doubles).toBe(2 * (190 - 3));
  });

  test("under the key of another metric is refused before anything runs", async () => {
    const error = await at.refuses({
      data: [{ i: 0, outputs: "a", expectations: { expected_response: "a" } }],
      extraMetrics: [
        bleu({ corpus: true }),
        defineScorer(
          { name: "other", corpus: { keys: ["bleu/v1/corpus"], begin: () => doubledFold } },
          () => 1,
        ),
      ],
    });
    expect((error as Error).message).toBe("Two scorers give the metric bleu/v1/corpus");
  });
});

const doubledFold = { add: () => undefined, result: () => ({ metrics: {} }) };

test("corpus metrics that rest on too few rows decide no gate and are no metric for scripts", async () => {
  const result = await at.evaluate({
    data: [
      { i: 0, t: 1, p: 1 },
      { i: 1, t: 0, p: { text: "no label" } },
    ],
    targets: "t",
    predictions: "p",
    modelType: "classifier",
    gates: ["f1_score >= 0"],
  });
  expect(result.status).toBe("incomplete");
  expect(result.gates[0]).toMatchObject({ verdict: "undecided", decision: "fail" });
  expect(result.incompleteMetrics).toContain("f1_score");
});
