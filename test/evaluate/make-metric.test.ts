import { describe, expect, test } from "vitest";
import { isAssayError } from "../../src/core/index.ts";
import type { EvaluateOptions } from "../../src/evaluate/index.ts";
import { exactMatch, type MetricValue, makeMetric } from "../../src/metrics/index.ts";
import { rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

const rows: EvaluateOptions = {
  data: [
    { q: "a", gold: 1, answer: 2 },
    { q: "bb", gold: 2, answer: 4 },
    { q: "ccc", gold: 3, answer: 5 },
    { q: "dddd", gold: 4, answer: 4 },
    { q: "eeeee", gold: 5, answer: 5 },
  ],
  targets: "gold",
  predictions: "answer",
};

function pearson(predictions: readonly unknown[], targets: readonly unknown[]) {
  const [x, y] = [predictions.map(Number), targets.map(Number)];
  const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
  const deviations = (values: number[]) => values.map((value) => value - mean(values));
  const dot = (a: number[], b: number[]) =>
    a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
  const [dx, dy] = [deviations(x), deviations(y)];
  return dot(dx, dy) / Math.sqrt(dot(dx, dx) * dot(dy, dy));
}

describe("a metric of MLflow's make_metric", () => {
  test("that gives a number stands under its own name, and may be gated", async () => {
    const result = await at.evaluate({
      ...rows,
      extraMetrics: [
        makeMetric({ evalFn: pearson, greaterIsBetter: true }),
        makeMetric({ evalFn: pearson, greaterIsBetter: true, name: "r", version: "v1" }),
      ],
      gates: ["pearson >= 0.5", "r/v1 >= 0.9"],
    });
    // numpy.corrcoef([2, 4, 5, 4, 5], [1, 2, 3, 4, 5])[0, 1] of numpy 2.4.
    expect(result.metrics.pearson).toBeCloseTo(0.7745966692414834, 12);
    expect(result.metrics["r/v1"]).toBeCloseTo(0.7745966692414834, 12);
    expect(result.metrics["pearson/mean"]).toBeUndefined();
    expect(result.gates.map(({ decision }) => decision)).toEqual(["pass", "fail"]);
    expect(result.summaries.pearson).toMatchObject({ n: 5, scored: 5, failed: 0, missing: 0 });
    expect(result.status).toBe("finished");
  });

  test("that gives scores has MLflow's aggregates of them, an interval, and scores of rows", async () => {
    const result = await at.evaluate({
      ...rows,
      extraMetrics: [
        makeMetric({
          name: "over_mean",
          version: "v1",
          greaterIsBetter: true,
          evalFn: (predictions): MetricValue => {
            const values = predictions.map(Number);
            const mean = values.reduce((a, b) => a + b) / values.length;
            return {
              scores: values.map((value) => (value === 2 ? null : value - mean)),
              justifications: values.map((value) => `${value} of mean ${mean}`),
            };
          },
        }),
      ],
    });
    // numpy: mean, var and percentile(…, 90) of [0, 1, 0, 1].
    expect(result.metrics).toMatchObject({
      "over_mean/v1/mean": 0.5,
      "over_mean/v1/variance": 0.25,
      "over_mean/v1/p90": 1,
    });
    expect(result.summaries["over_mean/v1"]).toMatchObject({ scored: 4, notApplicable: 1 });
    expect(result.summaries["over_mean/v1"]?.interval?.method).toBe("t");
    const scored = await rowsOf(result);
    expect(scored[2]?.scores["over_mean/v1"]).toEqual({
      kind: "scored",
      value: 1,
      rationale: "5 of mean 4",
    });
  });

  test("sees inputs it asks for and the metrics so far, and may give aggregates alone", async () => {
    const seen: unknown[] = [];
    const result = await at.evaluate({
      ...rows,
      extraMetrics: [
        makeMetric({
          name: "custom",
          greaterIsBetter: false,
          inputs: ["q", "absent"],
          aggregates: ["longest"],
          evalFn: (predictions, targets, metrics, inputs) => {
            seen.push(predictions, targets, metrics["exact_match/v1"], inputs);
            return {
              scores: predictions.map(() => 1),
              aggregate_results: { longest: 5, custom: 7 },
            };
          },
        }),
        exactMatch(),
      ],
      gates: ["custom/longest <= 5"],
    });
    expect(seen).toEqual([
      [2, 4, 5, 4, 5],
      [1, 2, 3, 4, 5],
      0.4,
      { q: ["a", "bb", "ccc", "dddd", "eeeee"], absent: [null, null, null, null, null] },
    ]);
    expect(result.metrics).toMatchObject({ "custom/longest": 5, custom: 7 });
    expect(result.metrics["custom/mean"]).toBeUndefined();
    expect(result.decision).toBe("pass");
  });

  test("takes the rows that were answered; the others are counted as failed", async () => {
    const seen: number[] = [];
    const result = await at.evaluate({
      data: [{ i: 0 }, { i: 1 }, { i: 2 }],
      model: ({ i }: { i: number }) => {
        if (i === 1) throw new Error("broken");
        return i;
      },
      extraMetrics: [
        makeMetric({
          name: "size",
          greaterIsBetter: true,
          evalFn: (predictions) => {
            seen.push(predictions.length);
            return { scores: predictions.map(Number) };
          },
        }),
      ],
    });
    expect(seen).toEqual([2]);
    expect(result.summaries.size).toMatchObject({ mean: 1, scored: 2, failed: 1, missing: 0 });
  });

  test.each<[string, () => unknown, string]>([
    [
      "throws",
      () => {
        throw new Error("no columns today");
      },
      "odd cannot be computed: Error: no columns today",
    ],
    ["gives a text", () => "good", "expected a number or { scores, aggregateResults }"],
    [
      "gives too few scores",
      () => ({ scores: [1] }),
      "expected 5 scores, one per prediction, got 1",
    ],
  ])("that %s leaves the other metrics, and the evaluation incomplete", async (_, evalFn, said) => {
    const result = await at.evaluate({
      ...rows,
      extraMetrics: [
        makeMetric({ name: "odd", greaterIsBetter: true, evalFn: evalFn as () => number }),
        exactMatch(),
      ],
    });
    expect(result.status).toBe("incomplete");
    expect(result.problems.join("\n")).toContain(said);
    expect(result.metrics["exact_match/v1"]).toBe(0.4);
  });

  test("is computed once, when a run that was interrupted has all its rows", async () => {
    const lengths: number[] = [];
    const stop = new AbortController();
    const options: EvaluateOptions = {
      data: Array.from({ length: 8 }, (_, i) => ({ i })),
      model: ({ i }: { i: number }) => i,
      concurrency: 1,
      extraMetrics: [
        makeMetric({
          name: "count",
          greaterIsBetter: true,
          evalFn: (predictions) => {
            lengths.push(predictions.length);
            return { scores: predictions.map((_, place) => place) };
          },
        }),
      ],
    };
    const cut = await at.evaluate({
      ...options,
      signal: stop.signal,
      onProgress: ({ kind }) => kind === "row" && stop.abort(),
    });
    expect(cut.status).toBe("interrupted");
    expect(lengths).toEqual([]);
    const resumed = await at.evaluate({ ...options, resume: cut.runId });
    expect(lengths).toEqual([8]);
    expect(resumed.metrics["count/mean"]).toBe(3.5);
    expect(resumed.summaries.count).toMatchObject({ n: 8, scored: 8 });
  });

  test.each([null, undefined])("that gives %s applies to no row, and fails none", async (value) => {
    const none = makeMetric({ name: "none", greaterIsBetter: true, evalFn: () => value });
    const result = await at.evaluate({ ...rows, extraMetrics: [none, exactMatch()] });
    expect(result).toMatchObject({ status: "finished", problems: [] });
    expect(result.summaries.none).toMatchObject({ n: 5, scored: 0, failed: 0, notApplicable: 5 });
    expect(result.metrics).not.toHaveProperty("none");
    expect(await none({ output: 5, expected: 3 })).toBeNull();
  });

  test("can be called by itself, on one row", async () => {
    const metric = makeMetric({
      name: "difference",
      greaterIsBetter: false,
      evalFn: (predictions, targets) => Number(predictions[0]) - Number(targets[0]),
    });
    expect(await metric({ output: 5, expected: 3 })).toBe(2);
  });

  test("needs a name", () => {
    try {
      makeMetric({ evalFn: () => 1, greaterIsBetter: true });
      expect.unreachable();
    } catch (error) {
      expect(isAssayError(error, "invalid-argument")).toBe(true);
    }
  });
});
