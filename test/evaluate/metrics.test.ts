import { describe, expect, test } from "vitest";
import { defineScorer } from "../../src/core/index.ts";
import type { EvaluateResult } from "../../src/evaluate/index.ts";
import { makeGenaiMetric } from "../../src/judges/index.ts";
import { scriptedChatModel } from "../../src/testing/index.ts";
import { expectWhole, numbered, rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

const grade = (score: number) => JSON.stringify({ rationale: "Because.", score });

function relevance(replies: readonly string[]) {
  return makeGenaiMetric({
    name: "relevance",
    definition: "Relevance measures how well the answer addresses the question.",
    gradingPrompt: "Score the relevance from 1-5.",
    model: scriptedChatModel({ replies }),
  });
}

/** The scorer gives each row the value beside it. */
const theValue = (scale?: readonly [number, number]) =>
  defineScorer(
    { name: "value", version: "v1", ...(scale && { scale }) },
    ({ outputs }) => outputs as number,
  );

const given = (values: readonly unknown[]) => values.map((outputs, i) => ({ i, outputs }));

function expectInterval(
  result: EvaluateResult,
  scorer: string,
  method: string,
  [lower, upper]: readonly [number, number],
) {
  const interval = result.summaries[scorer]?.interval;
  expect(interval).toMatchObject({ level: 0.95, method });
  expect(interval?.lower).toBeCloseTo(lower, 6);
  expect(interval?.upper).toBeCloseTo(upper, 6);
}

describe("metrics", () => {
  test("stand under MLflow's keys", async () => {
    const result = await at.evaluate({
      data: [
        { question: "a", answer: "the cat sat", expectations: { relevant_ids: ["d1"] } },
        { question: "b", answer: "x", expectations: { relevant_ids: ["d1"] } },
      ],
      model: ({ question }: { question: string }) => (question === "a" ? "the cat sat" : "y"),
      targets: "answer",
      modelType: "question-answering",
      extraMetrics: [
        relevance([grade(5), grade(2)]),
        defineScorer({ name: "precision_at_3" }, () => 0.5),
      ],
      gates: ["exact_match/v1/mean >= 0.5", "exact_match/v1 >= 50%", "relevance/v1/mean >= 3.5"],
    });
    expect(Object.keys(result.metrics).sort()).toEqual([
      "ari_grade_level/v1/mean",
      "ari_grade_level/v1/p90",
      "ari_grade_level/v1/variance",
      "exact_match/v1",
      "flesch_kincaid_grade_level/v1/mean",
      "flesch_kincaid_grade_level/v1/p90",
      "flesch_kincaid_grade_level/v1/variance",
      "latency/mean",
      "latency/p90",
      "precision_at_3/mean",
      "relevance/v1/mean",
      "relevance/v1/p90",
      "relevance/v1/variance",
      "rougeL/v1/mean",
      "rougeL/v1/p90",
      "rougeL/v1/variance",
      "token_f1/v1/mean",
      "token_f1/v1/p90",
      "token_f1/v1/variance",
    ]);
    expect(result.metrics).toMatchObject({
      "exact_match/v1": 0.5,
      "rougeL/v1/mean": 0.5,
      "relevance/v1/mean": 3.5,
      // (1.5² + 1.5²) / 2, and 2 + 0.9 · 3
      "relevance/v1/variance": 2.25,
      "relevance/v1/p90": 4.7,
    });
    expect(result.decision).toBe("pass");
    expect(result.gates.map(({ estimate, decision }) => [estimate, decision])).toEqual([
      [0.5, "pass"],
      [0.5, "pass"],
      [3.5, "pass"],
    ]);
    const run = await (await at.open()).runs.getRun(result.runId);
    expect(run?.metrics).toEqual(result.metrics);
    expect(run).toMatchObject({ status: "FINISHED", params: { data: "rows", trials: "1" } });
  });

  test("are those of the aggregations asked for, the caller's own included", async () => {
    const spread = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
    const scorer = defineScorer(
      { name: "value", aggregations: ["min", "max", "median", spread] },
      ({ outputs }) => outputs as number,
    );
    const { metrics } = await at.evaluate({ data: given([3, 0, 8, 4]), scorers: [scorer] });
    expect(metrics).toEqual({
      "value/min": 0,
      "value/max": 8,
      "value/median": 3.5,
      "value/spread": 8,
    });
  });

  test("that cannot be computed make the evaluation incomplete and lose nothing else", async () => {
    const broken = () => {
      throw new Error("no such quantile");
    };
    const wordy = () => "many" as never;
    const result = await at.evaluate({
      data: given([1, 2]),
      scorers: [defineScorer({ name: "v", aggregations: ["mean", broken, wordy] }, () => 1)],
      gates: ["v/mean >= 1"],
    });
    expect(result).toMatchObject({
      status: "incomplete",
      decision: "fail",
      metrics: { "v/mean": 1 },
    });
    expect(result.problems).toEqual([
      "v/broken cannot be computed: Error: no such quantile",
      "v/wordy cannot be computed: TypeError: expected a number, got string",
    ]);
  });

  test("do not mix words and numbers: a mean over some of the verdicts would be no mean", async () => {
    const data = given(["yes", "no", "maybe"]);
    const { metrics, summaries } = await at.evaluate({
      data,
      scorers: [defineScorer({ name: "word" }, ({ outputs }) => outputs as string)],
    });
    expect(metrics).toEqual({});
    expect(summaries.word).toEqual({ n: 3, scored: 3, failed: 0, notApplicable: 0, missing: 0 });
  });
});

describe("the interval of a mean", () => {
  // From the reference, §1.2: ȳ 3.75 of the ten scores and one at each end of the scale.
  test("of a bounded score is plus-two t", async () => {
    const result = await at.evaluate({
      data: given([5, 4, 4, 3, 5, 2, 4, 5, 3, 4]),
      scorers: [theValue([1, 5])],
    });
    expect(result.summaries["value/v1"]).toMatchObject({ mean: 3.9, n: 10, scored: 10 });
    expectInterval(result, "value/v1", "plus-two-t", [2.931608, 4.568392]);
  });

  // The same scores, §1.2: t95.
  test("of an unbounded score is Student's t", async () => {
    const result = await at.evaluate({
      data: given([5, 4, 4, 3, 5, 2, 4, 5, 3, 4]),
      scorers: [theValue()],
    });
    expectInterval(result, "value/v1", "t", [3.188628, 4.611372]);
  });

  // §1.3: 9 of 10.
  test.each([
    ["booleans", true, false],
    ["yes and no", "yes", "No"],
  ])("of %s is Wilson's", async (_, pass, fail) => {
    const result = await at.evaluate({
      data: given([...Array(9).fill(pass), fail]),
      scorers: [defineScorer({ name: "ok" }, ({ outputs }) => outputs as boolean)],
    });
    expect(result.metrics).toEqual({ "ok/mean": 0.9 });
    expectInterval(result, "ok", "wilson", [0.59585, 0.982124]);
  });

  test("rests on the means of rows, not on their repetitions", async () => {
    // Row means are the ten scores of the reference; every row is asked twice, ±1 around its mean.
    const means = [5, 4, 4, 3, 5, 2, 4, 5, 3, 4];
    const result = await at.evaluate({
      data: means.map((mean) => ({ mean })),
      model: ({ mean }: { mean: number }, { trial }) => mean + (trial === 0 ? -1 : 1),
      trials: 2,
      scorers: [theValue()],
      gates: ["value/v1/mean >= 3.9"],
    });
    expect(result.summaries["value/v1"]).toMatchObject({ mean: 3.9, n: 20, scored: 20 });
    expectInterval(result, "value/v1", "t", [3.188628, 4.611372]);
    expect(result.counts).toEqual({ rows: 10, trials: 20, completed: 20, failed: 0 });
    expect(result.gates[0]?.message).toContain("20 scored");
    const rows = await rowsOf(result);
    expect(
      rows.slice(0, 2).map(({ ordinal, trial, outputs }) => [ordinal, trial, outputs]),
    ).toEqual([
      [0, 0, 4],
      [0, 1, 6],
    ]);
    expect(rows[0]?.rowKey).toBe(rows[1]?.rowKey);
  });

  test("of repeated rates is plus-two t over the rates of the rows", async () => {
    // Row rates ½ and 1; with 0 and 1 added: mean .625, sd .478714, t₃ 3.182446, half .761738.
    const result = await at.evaluate({
      data: numbered(2),
      model: ({ i }: { i: number }, { trial }) => i === 1 || trial === 0,
      trials: 2,
      scorers: [defineScorer({ name: "ok" }, ({ outputs }) => outputs as boolean)],
    });
    expect(result.summaries.ok?.mean).toBe(0.75);
    expectInterval(result, "ok", "plus-two-t", [0, 1]);
  });
});

describe("a summary", () => {
  test("accounts for every planned score: scored, failed, not applicable", async () => {
    const result = await at.evaluate({
      data: numbered(6),
      model: ({ i }: { i: number }) => {
        if (i === 5) throw new Error("down");
        return i;
      },
      maxFailed: 1,
      scorers: [
        function picky({ outputs }) {
          if (outputs === 0) return null;
          if (outputs === 1) throw new Error("bug");
          return outputs as number;
        },
      ],
    });
    // Rows 2, 3 and 4 are scored.
    expect(result.summaries.picky).toMatchObject({
      mean: 3,
      n: 6,
      scored: 3,
      failed: 2,
      notApplicable: 1,
      missing: 0,
    });
    for (const summary of Object.values(result.summaries)) expectWhole(summary);
    const record = await (await at.open()).results.getEvaluation(result.runId);
    expect(record?.outcome).toMatchObject({ status: "finished", summaries: result.summaries });
  });

  test("of nothing that could be scored has no mean, and a gate on it fails without being evidence", async () => {
    const result = await at.evaluate({
      data: given(["a", "b"]),
      scorers: [
        function silent() {
          return null;
        },
      ],
      gates: ["silent/mean >= 0"],
    });
    expect(result.summaries.silent).toEqual({
      n: 2,
      scored: 0,
      failed: 0,
      notApplicable: 2,
      missing: 0,
    });
    expect(result).toMatchObject({ verdict: "undecided", decision: "fail", metrics: {} });
  });
});
