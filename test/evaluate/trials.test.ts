import { describe, expect, test } from "vitest";
import { defineScorer, isAssayError, type ScorerOptions } from "../../src/core/index.ts";
import type { EvaluateOptions, FlakyRow } from "../../src/evaluate/index.ts";
import { numbered, useTempStore } from "./temp-store.ts";

const at = useTempStore();

/** Scores trial `t` of row `i` with `scores[i][t]`. */
function scripted(
  scores: readonly (readonly (number | boolean | string | null)[])[],
  options: Partial<ScorerOptions> = {},
) {
  return defineScorer(
    { name: "quality", version: "v1", ...options },
    ({ row, trial }) => scores[row.ordinal]?.[trial] ?? null,
  );
}

function repeated(
  scores: readonly (readonly (number | boolean | string | null)[])[],
  options: Partial<EvaluateOptions> = {},
  scorer: Partial<ScorerOptions> = {},
): Promise<Awaited<ReturnType<typeof at.evaluate>>> {
  return at.evaluate({
    data: numbered(scores.length),
    model: ({ i }: { i: number }) => i,
    trials: scores[0]?.length ?? 1,
    extraMetrics: [scripted(scores, scorer)],
    ...options,
  });
}

async function flakyOf({ flaky }: { flaky: AsyncIterable<FlakyRow> }) {
  const rows: FlakyRow[] = [];
  for await (const row of flaky) rows.push(row);
  return rows.map(({ ordinal, scorers, trials }) => [ordinal, scorers, trials.length]);
}

describe("reducers of trials", () => {
  const votes = [
    [true, true, false],
    [false, false, true],
    [true, true, true],
    [false, false, false],
  ];

  test("give metrics of their own beside the mean", async () => {
    const { metrics } = await repeated(votes, {
      trialReducer: ["mode", "at_least_1", "pass_at_2", "pass_hat_2", "pass_at_1"],
    });
    expect(metrics["quality/v1/mean"]).toBeCloseTo(0.5, 12);
    expect(metrics["quality/v1/trials_mode"]).toBeCloseTo(0.5, 12);
    expect(metrics["quality/v1/at_least_1"]).toBeCloseTo(0.75, 12);
    // 1 − C(3 − c, 2) / C(3, 2) for c = 2, 1, 3, 0: 1, 2/3, 1, 0; and C(c, 2) / C(3, 2): 1/3, 0, 1, 0.
    expect(metrics["quality/v1/pass_at_2"]).toBeCloseTo((1 + 2 / 3 + 1) / 4, 12);
    expect(metrics["quality/v1/pass_hat_2"]).toBeCloseTo((1 / 3 + 1) / 4, 12);
    // pass@1 is the mean of the rows.
    expect(metrics["quality/v1/pass_at_1"]).toBeCloseTo(0.5, 12);
  });

  test("have intervals that rest on rows, and may be named by gates", async () => {
    const { gates } = await repeated(votes, {
      trialReducer: ["at_least_1", "pass_hat_2"],
      gates: ["quality/v1/at_least_1 >= 0.7", "quality/v1/pass_hat_2 >= 0.5"],
    });
    // Wilson for 3 of 4, by statsmodels 0.14 proportion_confint(3, 4, method="wilson").
    expect(gates[0]?.interval).toMatchObject({ method: "wilson" });
    expect(gates[0]?.interval?.lower).toBeCloseTo(0.30064184, 6);
    expect(gates[0]?.interval?.upper).toBeCloseTo(0.95441266, 6);
    expect(gates[0]?.message).toContain("n = 4");
    expect(gates[1]).toMatchObject({ decision: "fail", interval: { method: "plus-two-t" } });
  });

  test("of grades keep clear of MLflow's keys; a tie of votes counts for the worse", async () => {
    const { metrics } = await repeated(
      [
        [1, 5, 3, 5],
        [2, 4, 4, 2],
      ],
      { trialReducer: ["max", "min", "median", "mode"] },
      { scale: [1, 5], aggregations: ["mean", "max"] },
    );
    expect(metrics).toMatchObject({
      "quality/v1/max": 5,
      "quality/v1/trials_max": 4.5,
      "quality/v1/trials_min": 1.5,
      "quality/v1/trials_median": 3.5,
      "quality/v1/trials_mode": 3.5,
    });
  });

  test("take the best end of the scale for passing, unless passThreshold says otherwise", async () => {
    const grades = [
      [4, 5],
      [3, 4],
    ];
    const strict = await repeated(grades, { trialReducer: "pass_at_2" }, { scale: [1, 5] });
    expect(strict.metrics["quality/v1/pass_at_2"]).toBe(0.5);
    const options = { trialReducer: "pass_hat_2", passThreshold: 4 } as const;
    const { metrics } = await repeated(grades, options, { scale: [1, 5] });
    expect(metrics["quality/v1/pass_hat_2"]).toBe(0.5);
    // What the scorer says of itself comes first, and where less is better the threshold is the most.
    const own = { passThreshold: 3, greaterIsBetter: false };
    const lower = await repeated(grades, options, own);
    expect(lower.metrics["quality/v1/pass_hat_2"]).toBe(0);
    const unknown = await repeated(grades, { trialReducer: "pass_at_2" });
    expect(unknown.metrics["quality/v1/pass_at_2"]).toBeUndefined();
    expect(unknown.notes).toEqual([
      "quality/v1/pass_at_2 is not known: say with passThreshold which scores pass",
    ]);
  });

  test("leave out rows that too few scored trials speak for, and say so", async () => {
    const { metrics, notes } = await repeated(
      [
        [true, null, null],
        [true, true, null],
      ],
      { trialReducer: ["pass_at_2", "at_least_2"] },
    );
    expect(metrics["quality/v1/pass_at_2"]).toBe(1);
    expect(metrics["quality/v1/at_least_2"]).toBe(1);
    expect(notes).toEqual([
      "quality/v1/pass_at_2 leaves out 1 row with too few scored trials",
      "quality/v1/at_least_2 leaves out 1 row with too few scored trials",
    ]);
  });

  test.each(["pass@2", "pass at 2", "pass_at_2"])("%s is understood", async (trialReducer) => {
    const { metrics } = await repeated(votes, { trialReducer: trialReducer as "pass_at_2" });
    expect(metrics["quality/v1/pass_at_2"]).toBeDefined();
  });

  test.each([
    ["best", 'got "best"'],
    ["pass_at_4", "needs 4 trials of each row or more, and there are 3"],
    ["at_least_0", "Expected the trialReducer at_least_0 to count 1 trial or more"],
    ["pass@0", "Expected the trialReducer pass@0 to count 1 trial or more, e.g. pass_at_1"],
  ])("%s is refused before anything runs", async (trialReducer, message) => {
    const error = await at.refuses({
      data: numbered(1),
      model: () => 1,
      trials: 3,
      trialReducer: trialReducer as "mean",
      extraMetrics: [scripted(votes)],
    });
    expect(isAssayError(error, "invalid-argument")).toBe(true);
    expect((error as Error).message).toContain(message);
  });
});

describe("flaky rows", () => {
  test("are those whose trials pass and do not pass", async () => {
    const result = await repeated([
      [true, true],
      [true, false],
      [null, true],
      [false, true],
    ]);
    expect(result.counts.flaky).toBe(2);
    expect(await flakyOf(result)).toEqual([
      [1, ["quality/v1"], 2],
      [3, ["quality/v1"], 2],
    ]);
  });

  test("of grades, those further apart than flakySpread of the scale", async () => {
    const grades = [
      [4, 5],
      [2, 5],
      [3, 5],
    ];
    const quarter = await repeated(grades, {}, { scale: [1, 5] });
    expect((await flakyOf(quarter)).map(([ordinal]) => ordinal)).toEqual([1, 2]);
    const half = await repeated(grades, { flakySpread: 0.5 }, { scale: [1, 5] });
    expect((await flakyOf(half)).map(([ordinal]) => ordinal)).toEqual([1]);
    const threshold = await repeated(grades, { passThreshold: 3 }, { scale: [1, 5] });
    expect((await flakyOf(threshold)).map(([ordinal]) => ordinal)).toEqual([1]);
  });

  test("are not looked for where each row has one trial", async () => {
    const result = await repeated([[true], [false]]);
    expect(result.counts.flaky).toBeUndefined();
    expect(await flakyOf(result)).toEqual([]);
    const noScale = await repeated([[1, 9]]);
    expect(noScale.counts.flaky).toBeUndefined();
  });
});
