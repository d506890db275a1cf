import type { CommittedTrial, TrackingStore } from "../../store/index.ts";
import { beginEvaluation, LATENCY, newResult, OUTCOME, PLAN, RELEVANCE } from "./evaluation.ts";
import { newRun, rejection, type StoreTest, type TestRunner } from "./kit.ts";

const FAR = 1_000_000_000;

/** What a store offers to an evaluation that goes on where another left off. */
export function resumingSuite({ expect }: TestRunner, test: StoreTest): void {
  test("the unfinished evaluations of a name are found, latest first", async (store) => {
    const { results, runs } = store;
    const first = await beginEvaluation(store);
    const experimentId = (await runs.getRun(first))?.experimentId ?? "";
    const begin = async (name: string) => {
      const { runId } = await runs.createRun({ experimentId, startTime: Date.now() + 1_000 });
      await results.beginEvaluation(runId, { ...PLAN, name });
      return runId;
    };
    const finished = await begin(PLAN.name);
    const interrupted = await begin(PLAN.name);
    await begin("another");
    await results.finishEvaluation(finished, { ...OUTCOME, status: "finished" });
    await results.finishEvaluation(interrupted, { ...OUTCOME, status: "incomplete", stop: "late" });
    const incomplete = await begin(PLAN.name);
    await results.finishEvaluation(incomplete, { ...OUTCOME, status: "incomplete" });
    const found = await results.unfinishedEvaluations({ experimentId, name: PLAN.name });
    expect(found.map(({ runId }) => runId)).toEqual([interrupted, first]);
    const all = { experimentId, name: PLAN.name, withEnded: true };
    const ended = await results.unfinishedEvaluations(all);
    const every = [finished, interrupted, incomplete, first].sort();
    expect(ended.map(({ runId }) => runId).sort()).toEqual(every);
    await runs.deleteRun(first);
    const left = await results.unfinishedEvaluations({ experimentId, name: PLAN.name });
    expect(left.map(({ runId }) => runId)).toEqual([interrupted]);
  });

  test("one worker at a time holds an evaluation, until the lease ends", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    const [lease, other] = [
      { worker: "a", ttlMs: FAR },
      { worker: "b", ttlMs: FAR },
    ];
    expect(await results.leaseEvaluation(runId, lease)).toBe(undefined);
    const held = await results.leaseEvaluation(runId, other);
    expect([held?.worker, (held?.ttlMs ?? 0) > FAR / 2]).toEqual(["a", true]);
    expect(await results.renewLease(runId, { worker: "a", ttlMs: -1 })).toBe(true);
    expect(await results.leaseEvaluation(runId, other)).toBe(undefined);
    expect(await results.renewLease(runId, { worker: "b", ttlMs: -1 })).toBe(true);
    expect(await results.renewLease(runId, lease)).toBe(false);
    const bare = await newRun(store);
    expect((await rejection(results.leaseEvaluation(bare, lease))).code).toBe("not-found");
  });

  test("only who still holds an evaluation ends it, where it says that it does", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    await results.leaseEvaluation(runId, { worker: "b", ttlMs: FAR });
    const finish = (worker?: string) =>
      results.finishEvaluation(runId, { ...OUTCOME, status: "finished" }, worker);
    expect((await rejection(finish("a"))).code).toBe("conflict");
    expect((await results.getEvaluation(runId))?.status).toBe("running");
    await finish("b");
    expect((await results.getEvaluation(runId))?.status).toBe("finished");
    await finish();
  });

  test("an unfinished evaluation names who works on it", async (store) => {
    const { results, runs, work } = store;
    const runId = await beginEvaluation(store);
    const experimentId = (await runs.getRun(runId))?.experimentId ?? "";
    const workers = async () =>
      (await results.unfinishedEvaluations({ experimentId, name: PLAN.name }))[0]?.workers;
    expect(await workers()).toEqual([]);
    await results.leaseEvaluation(runId, { worker: "a", ttlMs: FAR });
    await work.open(runId, [[0]]);
    await work.claim(runId, { worker: "b", ttlMs: FAR });
    expect(await workers()).toEqual(["a", "b"]);
    await results.renewLease(runId, { worker: "a", ttlMs: -1 });
    await work.release(runId, "b");
    expect(await workers()).toEqual([]);
  });

  test("a reopened evaluation runs again and takes results", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    await results.finishEvaluation(runId, { ...OUTCOME, status: "interrupted" });
    await results.reopenEvaluation(runId);
    const record = await results.getEvaluation(runId);
    expect([record?.status, record?.outcome]).toEqual(["running", undefined]);
    await results.commitResult(runId, newResult(0));
  });

  test("committed trials tell which verdicts they have", async (store) => {
    const { runId, ids } = await threeTrials(store);
    expect(await trialsOf(store, runId)).toEqual([
      trialOf(0, 0, ids[0], [RELEVANCE, LATENCY]),
      trialOf(0, 1, ids[1], [RELEVANCE]),
      { ...trialOf(1, 0, ids[2], []), hasFailed: true },
    ]);
    const some: number[] = [];
    for await (const { ordinal } of store.results.committedTrials(runId, [1, 7]))
      some.push(ordinal);
    expect(some).toEqual([1]);
    const result = await store.results.getResult(runId, ids[1]);
    expect([result?.outputs, Object.keys(result?.scores ?? {})]).toEqual(["answer 0", [RELEVANCE]]);
    expect(await store.results.getResult(runId, 999_999)).toBe(undefined);
  });

  test("failures are discarded, and what worked or does not apply stays", async (store) => {
    const { runId, ids } = await threeTrials(store);
    await store.results.discardFailures(runId);
    expect(await trialsOf(store, runId)).toEqual([
      trialOf(0, 0, ids[0], [RELEVANCE, LATENCY]),
      trialOf(0, 1, ids[1], []),
    ]);
  });

  test("one result is discarded with its verdicts, and what it used is still counted", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    const usage = { inputTokens: 3, outputTokens: 2, cost: 0.25 };
    const first = await results.commitResult(runId, newResult(0, { usage }));
    await results.commitResult(runId, newResult(1, { usage }));
    const before = await results.countResults(runId);
    await results.discardResult(runId, first);
    expect(await results.getResult(runId, first)).toBe(undefined);
    expect(await results.countResults(runId)).toEqual({ ...before, completed: 1 });
    await results.commitResult(runId, newResult(0, { usage }));
    expect((await results.countResults(runId)).completed).toBe(2);
  });

  test("what discarded results used is still counted", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    const failed = { outcome: { error: "TypeError: no" } } as const;
    const usage = { inputTokens: 3, outputTokens: 2, cost: 0.25 };
    await results.commitResult(runId, newResult(0, { ...failed, usage }));
    await results.commitResult(runId, newResult(1, { usage }));
    const before = await results.countResults(runId);
    expect(before.usage).toEqual({ inputTokens: 6, outputTokens: 4, cost: 0.5 });
    await results.discardFailures(runId);
    expect(await results.countResults(runId)).toEqual({ ...before, completed: 1, failed: 0 });
    await results.moveResults(runId, new Map());
    expect(await results.countResults(runId)).toEqual({ ...before, completed: 0, failed: 0 });
  });

  test("results follow the rows that moved, and go with those that are gone", async (store) => {
    const { results } = store;
    const runId = await beginEvaluation(store);
    for (const ordinal of [0, 1, 2]) await results.commitResult(runId, newResult(ordinal));
    const ordinals = new Map([
      ["row-0", 1],
      ["row-1", 0],
      ["row-9", 2],
    ]);
    await results.moveResults(runId, ordinals);
    const trials = await trialsOf(store, runId);
    expect(trials.map(({ rowKey, ordinal }) => [rowKey, ordinal])).toEqual([
      ["row-1", 0],
      ["row-0", 1],
    ]);
  });
}

async function threeTrials(store: TrackingStore) {
  const { results } = store;
  const runId = await beginEvaluation(store);
  const ids = [
    await results.commitResult(runId, newResult(0)),
    await results.commitResult(runId, newResult(0, { trial: 1 })),
    await results.commitResult(runId, newResult(1, { outcome: { error: "TypeError: no" } })),
  ] as const;
  await results.commitScores(runId, [
    { resultId: ids[0], scorer: RELEVANCE, scores: [{ kind: "scored", value: 4 }] },
    {
      resultId: ids[0],
      scorer: LATENCY,
      scores: [{ kind: "unscored", reason: "not-applicable", detail: "" }],
    },
    {
      resultId: ids[1],
      scorer: RELEVANCE,
      scores: [{ kind: "unscored", reason: "scorer-failed", detail: "503" }],
    },
  ]);
  return { runId, ids };
}

async function trialsOf(store: TrackingStore, runId: string): Promise<CommittedTrial[]> {
  const trials: CommittedTrial[] = [];
  for await (const trial of store.results.committedTrials(runId)) {
    trials.push({ ...trial, scorers: [...trial.scorers].sort() });
  }
  return trials;
}

function trialOf(
  ordinal: number,
  trial: number,
  resultId: number,
  scorers: readonly string[],
): CommittedTrial {
  return {
    resultId,
    rowKey: `row-${ordinal}`,
    ordinal,
    trial,
    hasFailed: false,
    scorers: [...scorers].sort(),
  };
}
