import type { Score } from "../../core/index.ts";
import type { TrackingStore } from "../../store/index.ts";
import { beginEvaluation, LATENCY, newResult, PLAN, RELEVANCE } from "./evaluation.ts";
import { judgeCallsSuite } from "./judge-calls.ts";
import {
  newRun,
  type OpenStore,
  rejection,
  type StoreTest,
  storeTests,
  type TestRunner,
} from "./kit.ts";
import { resultListSuite } from "./result-lists.ts";
import { resumingSuite } from "./resuming.ts";

/** What every {@link ResultStore} does. */
export function resultStoreSuite(runner: TestRunner, open: OpenStore): void {
  const { describe } = runner;
  const test = storeTests(runner, open);
  describe("evaluations", () => evaluations(runner, test));
  describe("results", () => results(runner, test));
  describe("scores", () => scores(runner, test));
  describe("calls of judges", () => judgeCallsSuite(runner, test));
  describe("evaluations that go on", () => resumingSuite(runner, test));
  describe("lists of results", () => resultListSuite(runner, test));
}

const scored = (value: number | boolean | string): Score => ({ kind: "scored", value });

function evaluations({ expect }: TestRunner, test: StoreTest): void {
  test("the plan is read back, running until it is finished", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    expect(await results.getEvaluation(runId)).toEqual({ ...PLAN, runId, status: "running" });
    const outcome = {
      status: "finished",
      verdict: "pass",
      decision: "pass",
      gates: [],
      summaries: { [RELEVANCE]: { n: 6, scored: 6, failed: 0, notApplicable: 0, missing: 0 } },
      problems: ["one"],
      incompleteScorers: [],
      usage: { inputTokens: 3 },
      durationMs: 12.5,
    } as const;
    await results.finishEvaluation(runId, outcome);
    const finished = { ...PLAN, runId, status: "finished", outcome };
    expect(await results.getEvaluation(runId)).toEqual(finished);
    expect(await results.getEvaluation(await newRun(store))).toBe(undefined);
  });

  test("a stream's rows are known only when it has ended", async (store) => {
    const runId = await newRun(store);
    const { rows: _rows, ...plan } = PLAN;
    await store.results.beginEvaluation(runId, plan);
    expect((await store.results.getEvaluation(runId))?.rows).toBe(undefined);
    await store.results.setPlannedRows(runId, 7);
    expect((await store.results.getEvaluation(runId))?.rows).toBe(7);
  });

  test("a run holds one evaluation, and results need one", async (store) => {
    const runId = await beginEvaluation(store);
    const again = await rejection(store.results.beginEvaluation(runId, PLAN));
    expect(again.code).toBe("already-exists");
    const bare = await newRun(store);
    expect((await rejection(store.results.commitResult(bare, newResult(0)))).code).toBe(
      "not-found",
    );
    expect((await rejection(store.results.commitResult("none", newResult(0)))).code).toBe(
      "not-found",
    );
  });
}

function results({ expect }: TestRunner, test: StoreTest): void {
  test("a row and trial has one result", async (store) => {
    const runId = await beginEvaluation(store);
    const { results } = store;
    await results.commitResult(runId, newResult(0));
    await results.commitResult(runId, newResult(0, { trial: 1 }));
    const refused = await rejection(results.commitResult(runId, newResult(0)));
    expect(refused.code).toBe("already-exists");
    expect(refused.message.includes("row 0, trial 0")).toBe(true);
    expect((await results.countResults(runId)).completed).toBe(2);
    const other = await beginEvaluation(store);
    await results.commitResult(other, newResult(0));
  });

  test("results that are committed at once get ids of their own", async (store) => {
    const runId = await beginEvaluation(store);
    const ids = await Promise.all(
      Array.from({ length: 300 }, (_, ordinal) =>
        store.results.commitResult(runId, newResult(ordinal)),
      ),
    );
    expect(new Set(ids).size).toBe(300);
    expect((await store.results.countResults(runId)).completed).toBe(300);
  });

  test("scores that come along with a result are durable with it, calls included", async (store) => {
    const runId = await beginEvaluation(store);
    const { results } = store;
    const call = { model: "judge:/m", reply: "4", latencyMs: 3, usage: { inputTokens: 7 } };
    const judged = [
      { scorer: RELEVANCE, scores: [scored(4), { ...scored(2), part: "b" }], calls: [call] },
      { scorer: LATENCY, scores: [scored(false)] },
    ];
    await Promise.all([
      results.commitResult(runId, newResult(0, { scores: judged })),
      results.commitResult(runId, newResult(1)),
    ]);
    const listed: unknown[] = [];
    for await (const { scores } of results.listResults(runId)) listed.push(scores);
    expect(listed).toEqual([{ [RELEVANCE]: scored(4), [LATENCY]: scored(false) }, {}]);
    expect((await results.countResults(runId)).usage).toEqual({ inputTokens: 7 });
    const unknown = newResult(2, { scores: [{ scorer: "unheard", scores: [scored(1)] }] });
    expect((await rejection(results.commitResult(runId, unknown))).code).toBe("internal");
    expect((await results.countResults(runId)).completed).toBe(2);
  });

  test("what was used is summed over model and judges; unknown stays absent", async (store) => {
    const runId = await beginEvaluation(store);
    const { results } = store;
    const resultId = await results.commitResult(runId, newResult(0, { usage: { inputTokens: 5 } }));
    expect((await results.countResults(runId)).usage).toEqual({ inputTokens: 5 });
    await results.commitResult(runId, newResult(1, { usage: { inputTokens: 0, cost: 0.25 } }));
    const call = { model: "judge:/m", reply: "5", latencyMs: 3 };
    await results.commitScore(runId, {
      resultId,
      scorer: RELEVANCE,
      scores: [scored(5)],
      calls: [
        { ...call, usage: { inputTokens: 10, outputTokens: 2 } },
        { ...call, answeredBy: "m-2026" },
      ],
    });
    expect((await results.countResults(runId)).usage).toEqual({
      inputTokens: 15,
      outputTokens: 2,
      cost: 0.25,
    });
    const silent = await beginEvaluation(store);
    await results.commitResult(silent, newResult(0));
    expect((await results.countResults(silent)).usage).toEqual({});
  });

  test("latencies are those of calls that answered, in row order", async (store) => {
    const runId = await beginEvaluation(store);
    const { results } = store;
    await results.commitResult(runId, newResult(2, { latencyMs: 30.5 }));
    await results.commitResult(runId, newResult(0, { latencyMs: 10 }));
    await results.commitResult(runId, newResult(1));
    const failed = { latencyMs: 99, outcome: { error: "TimeoutError: late" } };
    await results.commitResult(runId, newResult(3, failed));
    expect([...(await results.latencies(runId))]).toEqual([10, 30.5]);
    const { completed, failed: failures } = await results.countResults(runId);
    expect([completed, failures]).toEqual([4, 1]);
  });

  test("a run without results has none of anything, also when it is deleted", async (store) => {
    const runId = await newRun(store);
    await store.runs.deleteRun(runId);
    const { results } = store;
    expect(await results.countResults(runId)).toEqual({ completed: 0, failed: 0, usage: {} });
    expect(await results.countScores(runId, RELEVANCE)).toEqual({
      scored: 0,
      failed: 0,
      notApplicable: 0,
    });
    expect((await results.latencies(runId)).length).toBe(0);
    expect((await results.scoreValues(runId, RELEVANCE)).isRate).toBe(false);
  });
}

function scores({ expect }: TestRunner, test: StoreTest): void {
  /** Commits one result per score and reads the scores back. */
  async function roundTrip(store: TrackingStore, given: readonly Score[]) {
    const runId = await beginEvaluation(store);
    for (const [ordinal, score] of given.entries()) {
      const resultId = await store.results.commitResult(runId, newResult(ordinal));
      await store.results.commitScore(runId, { resultId, scorer: RELEVANCE, scores: [score] });
    }
    const read: (Score | undefined)[] = [];
    for await (const row of store.results.listResults(runId)) read.push(row.scores[RELEVANCE]);
    const counts = await store.results.countScores(runId, RELEVANCE);
    const { ordinals, values, isRate, ...scores } = await store.results.scoreValues(
      runId,
      RELEVANCE,
    );
    expect(scores.counts).toEqual(counts);
    return { read, counts, ordinals: [...ordinals], values: [...values], isRate };
  }

  test("numbers come back as they went in, with their rationale", async (store) => {
    const given: Score[] = [
      { kind: "scored", value: 4.25, rationale: "nearly" },
      { kind: "scored", value: 0, part: "claim 1" },
      { kind: "scored", value: -1e-9 },
    ];
    const { read, counts, values, isRate } = await roundTrip(store, given);
    expect(read).toEqual(given);
    expect(counts).toEqual({ scored: 3, failed: 0, notApplicable: 0 });
    expect(values).toEqual([4.25, 0, -1e-9]);
    expect(isRate).toBe(false);
  });

  test("booleans and yes or no are a rate of ones and zeros", async (store) => {
    const given = [true, false, "yes", "No"].map(scored);
    const { read, values, isRate } = await roundTrip(store, given);
    expect(read).toEqual(given);
    expect(values).toEqual([1, 0, 1, 0]);
    expect(isRate).toBe(true);
  });

  test("a label without a number is scored and has no value", async (store) => {
    const { read, counts, values, ordinals } = await roundTrip(store, ["good", 1].map(scored));
    expect(read).toEqual([scored("good"), scored(1)]);
    expect(counts.scored).toBe(2);
    expect([ordinals, values]).toEqual([[1], [1]]);
  });

  test("each reason for no verdict is kept; not applicable is no failure", async (store) => {
    const reasons = [
      "model-failed",
      "scorer-failed",
      "judge-unparseable",
      "refused",
      "not-applicable",
    ] as const;
    const given = reasons.map((reason): Score => ({ kind: "unscored", reason, detail: "why" }));
    const { read, counts, values } = await roundTrip(store, given);
    expect(read).toEqual(given);
    expect(counts).toEqual({ scored: 0, failed: 4, notApplicable: 1 });
    expect(values).toEqual([]);
  });

  test("the first score is the verdict, the parts count for nothing", async (store) => {
    const runId = await beginEvaluation(store);
    const resultId = await store.results.commitResult(runId, newResult(0));
    const part = (name: string, value: number): Score => ({ kind: "scored", value, part: name });
    const given = [scored(0.5), part("a", 1), part("b", 0)];
    await store.results.commitScore(runId, { resultId, scorer: RELEVANCE, scores: given });
    expect((await store.results.countScores(runId, RELEVANCE)).scored).toBe(1);
    expect([...(await store.results.scoreValues(runId, RELEVANCE)).values]).toEqual([0.5]);
    for await (const row of store.results.listResults(runId)) {
      expect(row.scores).toEqual({ [RELEVANCE]: scored(0.5) });
    }
  });

  test("values stand in row order, whichever was committed first", async (store) => {
    const runId = await beginEvaluation(store);
    for (const [ordinal, trial] of [
      [1, 1],
      [0, 0],
      [1, 0],
    ] as const) {
      const resultId = await store.results.commitResult(runId, newResult(ordinal, { trial }));
      const verdict = scored(ordinal * 10 + trial);
      await store.results.commitScore(runId, { resultId, scorer: RELEVANCE, scores: [verdict] });
    }
    const { ordinals, values } = await store.results.scoreValues(runId, RELEVANCE);
    expect([...ordinals]).toEqual([0, 1, 1]);
    expect([...values]).toEqual([0, 10, 11]);
  });

  test("a score needs its result and a scorer of the plan, and comes once", async (store) => {
    const runId = await beginEvaluation(store);
    const { results } = store;
    const resultId = await results.commitResult(runId, newResult(0));
    const score = { resultId, scorer: RELEVANCE, scores: [scored(1)] };
    await results.commitScore(runId, score);
    const refused = [
      [score, "already-exists"],
      [{ ...score, resultId: 99 }, "not-found"],
      [{ ...score, scorer: "unplanned" }, "internal"],
    ] as const;
    for (const [wrong, code] of refused) {
      expect((await rejection(results.commitScore(runId, wrong))).code).toBe(code);
    }
    expect((await results.countScores(runId, RELEVANCE)).scored).toBe(1);
  });
}
