import type { JudgeCall, Score } from "../../core/index.ts";
import { beginEvaluation, LATENCY, newResult, RELEVANCE } from "./evaluation.ts";
import type { StoreTest, TestRunner } from "./kit.ts";

const scored = (value: number | string, part?: string): Score => ({
  kind: "scored",
  value,
  ...(part !== undefined && { part }),
});

/** What is kept of the calls of judges and of the parts of their verdicts. */
export function judgeCallsSuite({ expect }: TestRunner, test: StoreTest): void {
  test("may come without the verdict that they were made for", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    const call: JudgeCall = { model: "judge:/m", reply: "4", latencyMs: 10 };
    await results.commitScores(runId, [
      { resultId: 0, scorer: RELEVANCE, scores: [], calls: [call] },
    ]);
    const kept: unknown[] = [];
    for await (const one of results.listCalls(runId)) kept.push(one);
    expect(kept).toEqual([{ ...call, scorer: RELEVANCE }]);
    expect((await results.countScores(runId, RELEVANCE)).scored).toBe(0);
  });

  test("and answers of unknown cost are counted: without a price, without a word of it, of judges", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    const tokens = { inputTokens: 5, outputTokens: 1 };
    const priced = { ...tokens, cost: 0.1 };
    const given = [priced, tokens, { inputTokens: 5 }, { cost: 0 }, undefined];
    const answers = given.map((usage, ordinal) => ({
      ...newResult(ordinal),
      ...(usage !== undefined && { usage }),
    }));
    await results.commitResults(runId, [
      ...answers,
      { ...newResult(answers.length), outcome: { error: "Error: no" } },
    ]);
    const call: JudgeCall = { model: "judge:/m", reply: "4", latencyMs: 10 };
    const calls: JudgeCall[] = [
      { ...call, usage: priced },
      { ...call, usage: tokens },
      call,
      { ...call, isCached: true },
      { ...call, reply: "", error: "unavailable" },
      { ...call, model: "offline:/lexical-judge" },
    ];
    const verdict = { scorer: RELEVANCE, scores: [scored(4)], calls };
    await results.commitScore(runId, { resultId: 1, ...verdict });
    expect(await results.unknownCosts(runId)).toEqual({ unpriced: 2, silent: 1, judges: 2 });
    const other = await beginEvaluation(store);
    expect(await results.unknownCosts(other)).toEqual({ unpriced: 0, silent: 0, judges: 0 });
  });

  test("are summed by judge: retries, kept answers and failures included", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    const resultId = await results.commitResult(runId, newResult(0));
    const call: JudgeCall = { model: "judge:/m", answeredBy: "m-1", reply: "4", latencyMs: 10 };
    const usage = { inputTokens: 10, outputTokens: 2, cost: 0.5 };
    await results.commitScore(runId, {
      resultId,
      scorer: RELEVANCE,
      scores: [scored(4)],
      calls: [
        { ...call, usage, attempts: 3 },
        { ...call, answeredBy: "m-2", usage, attempts: 1 },
        { ...call, isCached: true },
        { model: "judge:/m", reply: "", latencyMs: 5, attempts: 7, error: "unavailable" },
      ],
    });
    await results.commitScore(runId, {
      resultId,
      scorer: LATENCY,
      scores: [scored(1)],
      calls: [{ model: "judge:/n", reply: "1", latencyMs: 2 }],
    });
    expect(await results.callTotals(runId)).toEqual({
      [RELEVANCE]: {
        calls: 4,
        cached: 1,
        failed: 1,
        attempts: 11,
        latencyMs: 35,
        usage: { inputTokens: 20, outputTokens: 4, cost: 1 },
        answeredBy: ["m-1", "m-2"],
      },
      [LATENCY]: { calls: 1, cached: 0, failed: 0, latencyMs: 2, usage: {}, answeredBy: [] },
    });
    const replies: unknown[] = [];
    for await (const kept of results.listCalls(runId)) replies.push(kept);
    expect(replies).toEqual([
      { scorer: RELEVANCE, ...call, usage, attempts: 3 },
      { scorer: RELEVANCE, ...call, answeredBy: "m-2", usage, attempts: 1 },
      { scorer: RELEVANCE, ...call, isCached: true },
      {
        scorer: RELEVANCE,
        model: "judge:/m",
        reply: "",
        latencyMs: 5,
        attempts: 7,
        error: "unavailable",
      },
      { scorer: LATENCY, model: "judge:/n", reply: "1", latencyMs: 2 },
    ]);
    const some: unknown[] = [];
    for await (const kept of results.listCalls(runId, { scorer: RELEVANCE, limit: 2 })) {
      some.push(kept);
    }
    expect(some).toEqual(replies.slice(0, 2));
    const silent = await beginEvaluation(store);
    expect(await results.callTotals(silent)).toEqual({});
    for await (const kept of results.listCalls(silent)) expect(kept).toBe(undefined);
  });

  test("a trace is judged once a scorer has said what it can, in a run that is there", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    const verdicts: readonly Score[] = [
      scored(4),
      { kind: "unscored", reason: "not-applicable", detail: "no context" },
      { kind: "unscored", reason: "model-failed", detail: "no outputs" },
      { kind: "unscored", reason: "scorer-failed", detail: "HTTP 503" },
      { kind: "unscored", reason: "judge-unparseable", detail: "prose" },
    ];
    for (const [ordinal, verdict] of verdicts.entries()) {
      const result = newResult(ordinal, { traceId: `tr-${ordinal}` });
      const resultId = await results.commitResult(runId, result);
      await results.commitScore(runId, { resultId, scorer: RELEVANCE, scores: [verdict] });
    }
    const asked = ["tr-0", "tr-1", "tr-2", "tr-3", "tr-4", "tr-9"];
    const judged = await results.judgedTraces(asked, RELEVANCE);
    expect(judged.map(({ traceId }) => traceId).sort()).toEqual(["tr-0", "tr-1", "tr-2"]);
    expect(judged.every((found) => found.runId === runId)).toBe(true);
    expect(await results.judgedTraces(asked, LATENCY)).toEqual([]);
    expect(await results.judgedTraces([], RELEVANCE)).toEqual([]);
    await store.runs.deleteRun(runId);
    expect(await results.judgedTraces(asked, RELEVANCE)).toEqual([]);
  });

  test("means of parts are over the results that have them, and over numbers alone", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    const parts = [
      [scored(1), scored(0, "flip_rate"), scored(9, "other")],
      [scored(1), scored(1, "flip_rate")],
      [scored(1), scored("unclear", "flip_rate")],
      [scored(1)],
    ];
    for (const [ordinal, scores] of parts.entries()) {
      const resultId = await results.commitResult(runId, newResult(ordinal));
      await results.commitScore(runId, { resultId, scorer: RELEVANCE, scores });
    }
    expect(await results.partMeans(runId, RELEVANCE, ["flip_rate", "absent"])).toEqual({
      flip_rate: { mean: 0.5, n: 2 },
    });
    expect(await results.partMeans(runId, RELEVANCE, [])).toEqual({});
  });
}
