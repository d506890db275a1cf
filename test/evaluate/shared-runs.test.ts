import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import type { ResultRow, ScorerInput } from "../../src/core/index.ts";
import type { EvaluateOptions, EvaluateResult, Inputs } from "../../src/evaluate/index.ts";
import { planEvaluation, planSharedRun } from "../../src/evaluate/index.ts";
import { expectWhole, meeting, numbered, rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

function half({ row }: ScorerInput) {
  return (row.inputs.i as number) % 2 === 0;
}

function third({ row }: ScorerInput) {
  return ((row.inputs.i as number) % 3) + 0.25;
}

const OPTIONS = {
  name: "shared",
  data: numbered(90),
  model: async ({ i }: Inputs) => {
    if (i === 13) throw new Error("bad luck");
    return `answer ${i}`;
  },
  scorers: [half, third],
  trials: 2,
  concurrency: 3,
  maxFailed: 0.5,
  gates: ["third/mean >= 1"],
} satisfies EvaluateOptions;

/** Plans a run in the store and resolves to its id. */
async function planned(options: EvaluateOptions): Promise<string> {
  return planSharedRun(
    await planEvaluation({ trackingUri: at.uri, env: {}, ...options, shared: true }),
  );
}

const joined = (run: string, options: EvaluateOptions) =>
  at.evaluate({ ...options, run, worker: true });

/** What an evaluation found, without what differs from run to run. */
async function findings(result: EvaluateResult) {
  const rows = await rowsOf(result);
  const plain = ({ latencyMs: _, traceId: __, ...row }: ResultRow) => row;
  const metrics = Object.entries(result.metrics).filter(([key]) => !key.startsWith("latency"));
  const { status, verdict, decision, summaries, counts, problems } = result;
  const gates = result.gates;
  return {
    status,
    verdict,
    decision,
    gates,
    summaries,
    counts,
    problems,
    metrics,
    rows: rows.map(plain),
  };
}

describe("a run that several workers share", () => {
  test("comes to what one process comes to, whatever their number", async () => {
    const alone = await findings(await at.evaluate(OPTIONS));
    expect(alone.counts).toEqual({
      rows: 90,
      trials: 180,
      completed: 180,
      failed: 2,
      flaky: 0,
    });
    for (const workers of [1, 4]) {
      const runId = await planned(OPTIONS);
      const results = await Promise.all(
        Array.from({ length: workers }, () => joined(runId, OPTIONS)),
      );
      for (const result of results) {
        expect(result.runId).toBe(runId);
        expect(await findings(result)).toEqual(alone);
      }
    }
  });

  test("is worked on by every worker, and no row by two", async () => {
    const runId = await planned(OPTIONS);
    const together = meeting(3);
    const calls: number[][] = [[], [], []];
    await Promise.all(
      calls.map((own) =>
        joined(runId, {
          ...OPTIONS,
          model: async function model({ i }: Inputs) {
            own.push(i);
            // Until all have begun nobody goes on, so that none can do it all.
            await together.arrive();
            return `answer ${i}`;
          },
        }),
      ),
    );
    expect(calls.every((own) => own.length > 0)).toBe(true);
    expect(calls.flat().sort((a, b) => a - b)).toEqual(numbered(90).flatMap(({ i }) => [i, i]));
  });

  test("is finished by others when a worker fails, and what it committed is not asked for again", async () => {
    const asked = new Map<number, number>();
    const count = (i: number) => asked.set(i, (asked.get(i) ?? 0) + 1);
    const runId = await planned(OPTIONS);
    let calls = 0;
    const failing = joined(runId, {
      ...OPTIONS,
      model: async function model({ i }: Inputs) {
        count(i);
        calls += 1;
        if (calls > 20) throw Object.assign(new Error("no"), { status: 401 });
        return `answer ${i}`;
      },
    });
    await expect(failing).rejects.toThrow("rejected the key");
    const store = await at.open();
    const left = await store.results.getEvaluation(runId);
    expect(left?.status).toBe("failed");
    const before = (await store.results.countResults(runId)).completed;
    expect(before).toBeGreaterThanOrEqual(20);
    const result = await joined(runId, {
      ...OPTIONS,
      model: async function model({ i }: Inputs) {
        count(i);
        return `answer ${i}`;
      },
    });
    expect(result).toMatchObject({
      status: "finished",
      decision: "pass",
      counts: { rows: 90, trials: 180, completed: 180, failed: 0 },
    });
    const total = [...asked.values()].reduce((sum, times) => sum + times, 0);
    // The calls that were rejected: as many as were in flight.
    expect(total - 180).toBeLessThanOrEqual(OPTIONS.concurrency);
    expect((await store.runs.getRun(runId))?.status).toBe("FINISHED");
  });

  test("gets the verdicts that are lacking on answers that a dead worker left, without asking again", async () => {
    const data = numbered(3);
    const options = { ...OPTIONS, data, trials: 1, name: "partial" };
    const runId = await planned(options);
    const store = await at.open();
    const chunk = await store.work.claim(runId, { worker: "dead", ttlMs: -1 });
    const [row] = chunk?.rows ?? [];
    if (row === undefined) throw new Error("no row");
    await store.results.commitResult(runId, {
      rowKey: row.rowKey,
      ordinal: row.ordinal,
      trial: 0,
      inputs: row.inputs,
      expectations: {},
      outcome: { outputs: "left behind" },
      scores: [{ scorer: "half", scores: [{ kind: "scored", value: true }] }],
    });
    const asked: number[] = [];
    const result = await joined(runId, {
      ...options,
      model: async function model({ i }: Inputs) {
        asked.push(i);
        return "x";
      },
    });
    expect(asked).toHaveLength(2);
    expect(asked).not.toContain(row.inputs.i);
    const rows = await rowsOf(result);
    expect(rows.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2]);
    expect(rows[row.ordinal]).toMatchObject({
      outputs: "left behind",
      scores: { half: { value: true }, third: { value: ((row.inputs.i as number) % 3) + 0.25 } },
    });
    for (const summary of Object.values(result.summaries)) expectWhole(summary);
  });

  test("takes no row twice when a worker that was taken for dead goes on", async () => {
    const data = numbered(4);
    const options = { ...OPTIONS, data, trials: 1, name: "contested" };
    const runId = await planned(options);
    const store = await at.open();
    let calls = 0;
    let expire: (() => Promise<void>) | undefined = async () => {
      for (const worker of (await store.work.left(runId))?.workers ?? []) {
        await store.work.release(runId, worker);
      }
    };
    const results = await Promise.all(
      [0, 1].map(() =>
        joined(runId, {
          ...options,
          concurrency: 4,
          model: async function model({ i }: Inputs) {
            calls += 1;
            const once = expire;
            expire = undefined;
            await once?.();
            return `answer ${i}`;
          },
        }),
      ),
    );
    expect(calls).toBeGreaterThan(4);
    for (const result of results) {
      expect(result.counts).toEqual({ rows: 4, trials: 4, completed: 4, failed: 0 });
      expect((await rowsOf(result)).map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3]);
      for (const summary of Object.values(result.summaries)) {
        expect(summary).toMatchObject({ n: 4, scored: 4, missing: 0 });
      }
    }
  });

  test("of static rows comes to what one process comes to", async () => {
    const options: EvaluateOptions = {
      name: "static",
      data: numbered(3_000).map(({ i }) => ({ inputs: { i }, outputs: i })),
      scorers: [half, third],
      concurrency: 4,
    };
    const alone = await findings(await at.evaluate(options));
    const runId = await planned(options);
    const results = await Promise.all([1, 2, 3].map(() => joined(runId, options)));
    for (const result of results) expect(await findings(result)).toEqual(alone);
  });

  test("goes on without a worker that is interrupted", async () => {
    const runId = await planned(OPTIONS);
    const controller = new AbortController();
    const together = meeting(2);
    const model = async ({ i }: Inputs) => {
      await together.arrive();
      return `answer ${i}`;
    };
    const interrupted = joined(runId, {
      ...OPTIONS,
      model: async function model({ i }: Inputs) {
        await together.arrive();
        controller.abort();
        return `answer ${i}`;
      },
      concurrency: 1,
      signal: controller.signal,
    });
    const other = joined(runId, { ...OPTIONS, model, concurrency: 1 });
    expect((await interrupted).status).toBe("interrupted");
    expect((await other).counts.completed).toBe(180);
    const record = await (await at.open()).results.getEvaluation(runId);
    expect(record?.status).toBe("finished");
  });

  test("that its last worker left unfinished is interrupted, and goes on with the next", async () => {
    const runId = await planned(OPTIONS);
    const controller = new AbortController();
    const result = await joined(runId, {
      ...OPTIONS,
      model: async function model({ i }: Inputs) {
        controller.abort();
        return `answer ${i}`;
      },
      signal: controller.signal,
    });
    expect(result).toMatchObject({ status: "interrupted", decision: "fail" });
    const store = await at.open();
    expect((await store.results.getEvaluation(runId))?.status).toBe("interrupted");
    expect((await store.runs.getRun(runId))?.status).toBe("KILLED");
    const resumed = await at.evaluate({ ...OPTIONS, resume: runId });
    expect(resumed.counts.completed).toBe(180);
    expect(resumed.status).toBe("finished");
    expect((await store.runs.getRun(runId))?.status).toBe("FINISHED");
  });

  test("stops all its workers at what it may cost", async () => {
    const options: EvaluateOptions = {
      ...OPTIONS,
      gates: [],
      maxTokens: 1_000,
      trials: 1,
      name: "limited",
    };
    const runId = await planned(options);
    const store = await at.open();
    const chunk = await store.work.claim(runId, { worker: "x", ttlMs: -1 });
    const [row] = chunk?.rows ?? [];
    if (row === undefined) throw new Error("no row");
    await store.results.commitResult(runId, {
      rowKey: row.rowKey,
      ordinal: row.ordinal,
      trial: 0,
      inputs: row.inputs,
      expectations: {},
      outcome: { outputs: "dear" },
      usage: { inputTokens: 999, outputTokens: 1 },
    });
    const asked: number[] = [];
    const result = await joined(runId, {
      ...options,
      model: async function model({ i }: Inputs) {
        asked.push(i);
      },
    });
    expect(asked).toEqual([]);
    expect(result.status).toBe("incomplete");
    expect(result.problems[0]).toBe("stopped at 1000 tokens, of 1000 allowed (maxTokens)");
  });

  test("is stopped, not interrupted, where rows under way were expected to use up what is left", async () => {
    const { promise: isFirstDone, resolve } = Promise.withResolvers<void>();
    const { results } = await at.open();
    let isDear = true;
    const options: EvaluateOptions = {
      ...OPTIONS,
      name: "stopped",
      gates: [],
      trials: 1,
      maxTokens: 20,
      scorers: [
        async function judged({ recordCall }: ScorerInput) {
          const inputTokens = isDear ? 9 : 1;
          if (!isDear) await isFirstDone;
          isDear = false;
          recordCall?.({ model: "judge:/m", reply: "5", latencyMs: 1, usage: { inputTokens } });
          return 5;
        },
      ],
      onProgress: ({ kind }) => (kind === "row" ? resolve() : undefined),
    };
    const runId = await planned(options);
    const result = await joined(runId, options);
    const { usage } = await results.countResults(runId);
    expect([result.status, usage.inputTokens]).toEqual(["incomplete", 11]);
    expect(result.problems[0]).toBe("stopped at 11 tokens, of 20 allowed (maxTokens)");
  });

  test("has its failures made again when it is resumed so", async () => {
    const runId = await planned(OPTIONS);
    await joined(runId, OPTIONS);
    const asked: number[] = [];
    const result = await at.evaluate({
      ...OPTIONS,
      model: async function model({ i }: Inputs) {
        asked.push(i);
        return `answer ${i}`;
      },
      resume: runId,
      retryFailed: true,
    });
    expect(asked).toEqual([13, 13]);
    expect(result).toMatchObject({ status: "finished", counts: { completed: 180, failed: 0 } });
  });

  test("gives a worker that comes late what the others have found", async () => {
    const runId = await planned(OPTIONS);
    const first = await joined(runId, OPTIONS);
    const late = await joined(runId, {
      ...OPTIONS,
      model: async function model() {
        throw new Error("not to be called");
      },
    });
    expect(await findings(late)).toEqual(await findings(first));
    expect(late.metrics).toEqual(first.metrics);
  });

  test("keeps no rows beside its results once it is finished", async () => {
    const runId = await planned(OPTIONS);
    await joined(runId, OPTIONS);
    const database = new Database(at.uri.slice("sqlite:///".length), { readonly: true });
    const count = (table: string) =>
      database.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    expect([count("run_rows"), count("run_chunks"), count("results")]).toEqual([0, 0, 180]);
    database.close();
  });
});

describe("a worker is refused", () => {
  test.each([
    ["another seed", { seed: 7 }, "its seed is 7, that of the run 0"],
    ["another number of trials", { trials: 3 }, "its trials is 3, that of the run 2"],
    ["another gate", { gates: [] }, "its gates is none, that of the run third/mean >= 1"],
    ["other data", { data: numbered(5) }, "its data is rows"],
  ])("with %s", async (_, change, message) => {
    const runId = await planned(OPTIONS);
    await expect(joined(runId, { ...OPTIONS, ...change })).rejects.toThrow(message);
  });

  test("by a run that is not there, and by one that shares nothing", async () => {
    await expect(joined("f".repeat(32), OPTIONS)).rejects.toThrow(
      "There is no evaluation in run ffff",
    );
    const { runId } = await at.evaluate(OPTIONS);
    await expect(joined(runId, OPTIONS)).rejects.toThrow("shares no work");
  });

  test("without its run, and a run without worker", async () => {
    await expect(at.evaluate({ ...OPTIONS, worker: true })).rejects.toThrow("name it with run");
    await expect(at.evaluate({ ...OPTIONS, run: "x" })).rejects.toThrow("add worker");
  });
});

describe("the order of the calls", () => {
  async function orderOf(options: Partial<EvaluateOptions>): Promise<number[]> {
    const calls: number[] = [];
    await at.evaluate({
      ...OPTIONS,
      data: numbered(200),
      trials: 1,
      model: async function model({ i }: Inputs) {
        calls.push(i);
        // Answers in another order than that of the questions.
        for (let turn = 0; turn < (i * 7) % 5; turn++) await Promise.resolve();
        return "x";
      },
      ...options,
    });
    return calls;
  }
  const inOrder = numbered(200).map(({ i }) => i);

  test("is that of the data unless it is shuffled, independent of concurrency", async () => {
    for (const concurrency of [1, 7, 64]) expect(await orderOf({ concurrency })).toEqual(inOrder);
  });

  test("is that of the seed where it is shuffled, independent of concurrency", async () => {
    const first = await orderOf({ shuffle: true, seed: 3, concurrency: 1 });
    expect(first).not.toEqual(inOrder);
    expect(first.toSorted((a, b) => a - b)).toEqual(inOrder);
    for (const concurrency of [7, 64]) {
      expect(await orderOf({ shuffle: true, seed: 3, concurrency })).toEqual(first);
    }
    expect(await orderOf({ shuffle: true, seed: 4, concurrency: 1 })).not.toEqual(first);
  });

  test("does not depend on the order of the data where it is shuffled", async () => {
    const ids = (rows: readonly { i: number }[]) => rows.map(({ i }) => ({ id: `r${i}`, i }));
    const options = { shuffle: true, concurrency: 1 };
    const forth = await orderOf({ ...options, data: ids(numbered(200)) });
    const back = await orderOf({ ...options, data: ids(numbered(200).reverse()) });
    expect(back).toEqual(forth);
  });

  test("changes nothing in the results, which stand in the order of the data", async () => {
    const alone = await findings(await at.evaluate(OPTIONS));
    expect(await findings(await at.evaluate({ ...OPTIONS, shuffle: true }))).toEqual(alone);
    const stream = await at.evaluate({ ...OPTIONS, data: numbered(90).values(), shuffle: true });
    expect(await findings(stream)).toEqual(alone);
  });
});
