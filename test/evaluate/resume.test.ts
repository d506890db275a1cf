import Database from "better-sqlite3";
import { describe, expect, test, vi } from "vitest";
import { AssayError, type ScorerInput } from "../../src/core/index.ts";
import type { EvaluateOptions, EvaluateResult } from "../../src/evaluate/index.ts";
import { exactMatch } from "../../src/metrics/index.ts";
import { startProviderServer } from "../support/provider-server.ts";
import { rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

const ROWS = Array.from({ length: 40 }, (_, i) => ({ id: `r${i}`, question: `q${i}`, gold: "a" }));

/** An evaluation whose model counts its calls and fails on every tenth row. */
function counted(more: Partial<EvaluateOptions> = {}) {
  const calls = new Map<string, number>();
  let isCured = false;
  const options: EvaluateOptions = {
    name: "counted",
    data: ROWS,
    targets: "gold",
    concurrency: 4,
    extraMetrics: [exactMatch()],
    gates: ["exact_match/v1/mean >= 0.5"],
    maxFailed: 0.2,
    model: ({ question }: { question: string }) => {
      calls.set(question, (calls.get(question) ?? 0) + 1);
      const number = Number(question.slice(1));
      if (number % 10 === 0 && !isCured) throw new TypeError("no answer");
      return number % 3 === 0 ? "b" : "a";
    },
    ...more,
  };
  return {
    options,
    calls,
    total: () => [...calls.values()].reduce((sum, count) => sum + count, 0),
    cure: () => {
      isCured = true;
    },
  };
}

/** Evaluates until so many rows are done, as Ctrl-C would end it. */
async function interruptAfter(rows: number, options: EvaluateOptions) {
  const stop = new AbortController();
  return at.evaluate({
    ...options,
    signal: stop.signal,
    onProgress: (progress) => {
      if (progress.kind === "row" && progress.completed >= rows) stop.abort();
    },
  });
}

async function refusal(options: EvaluateOptions): Promise<string> {
  const [outcome] = await Promise.allSettled([at.evaluate(options)]);
  expect(outcome.status).toBe("rejected");
  const error = outcome.status === "rejected" ? outcome.reason : undefined;
  expect(error).toBeInstanceOf(AssayError);
  return (error as AssayError).message;
}

/** What must not depend on how often a run was interrupted. */
const essence = ({ status, verdict, decision, summaries, counts, metrics, gates }: Essence) => ({
  ...{ status, verdict, decision, summaries, counts, gates },
  metrics: Object.fromEntries(
    Object.entries(metrics).filter(([key]) => !key.startsWith("latency/")),
  ),
});
type Essence = Awaited<ReturnType<typeof at.evaluate>>;

describe("a resumed run", () => {
  test("ends as an uninterrupted one, and asks for nothing twice", async () => {
    const whole = await at.evaluate({ ...counted().options, name: "whole" });
    const { options, calls, total } = counted();
    const first = await interruptAfter(10, options);
    expect(first.status).toBe("interrupted");
    const again = await interruptAfter(25, { ...options, resume: true });
    expect([again.status, again.runId]).toEqual(["interrupted", first.runId]);
    const last = await at.evaluate({ ...options, resume: first.runId });
    expect(essence(last)).toEqual(essence(whole));
    expect([calls.size, total()]).toEqual([40, 40]);
    const store = await at.open();
    expect(await store.runs.getRun(first.runId)).toMatchObject({ status: "FINISHED" });
  });

  test("makes only the verdicts that are lacking on answers that are there", async () => {
    const { options, total } = counted();
    const scored: string[] = [];
    let isRejected = true;
    async function judged({ row }: ScorerInput) {
      if (isRejected && row.ordinal >= 12) throw new AssayError("configuration", "no key");
      scored.push(row.rowKey);
      return true;
    }
    const judging = { ...options, extraMetrics: [exactMatch(), judged] };
    expect(await refusal(judging)).toBe("no key");
    const paid = total();
    expect(paid).toBeLessThan(40);
    isRejected = false;
    const result = await at.evaluate({ ...judging, resume: true });
    expect(total()).toBe(40);
    expect(new Set(scored).size).toBe(scored.length);
    expect(result.summaries.judged).toMatchObject({ n: 40, scored: 36, failed: 4, missing: 0 });
    expect((await rowsOf(result)).every(({ scores }) => Object.keys(scores).length === 2)).toBe(
      true,
    );
  });

  const KEY = `sk-proj-${"a1B2".repeat(12)}`;
  test.each<[string, Partial<EvaluateOptions>]>([
    ["a secret was taken out", {}],
    [
      "a mask changes every text",
      { mask: (value) => JSON.parse(JSON.stringify(value).replace(/[a-z]/g, "x")) },
    ],
    ["a mask leaves nothing", { mask: () => null }],
  ])("asks again for an answer of which %s before it was scored", async (_, options) => {
    let isFirst = true;
    const stop = new AbortController();
    const shared: EvaluateOptions = {
      name: "masked",
      data: ROWS.slice(0, 3),
      model: ({ question }: { question: string }) => `${question} ${KEY}`,
      scorers: [
        async function characters({ outputs }: ScorerInput) {
          if (isFirst) {
            stop.abort();
            await new Promise(() => undefined);
          }
          return String(outputs).length;
        },
      ],
      concurrency: 1,
      ...options,
    };
    const first = await at.evaluate({ ...shared, signal: stop.signal, graceMs: 0 });
    expect(first.status).toBe("interrupted");
    isFirst = false;
    const { status, metrics, counts } = await at.evaluate({ ...shared, resume: true });
    expect([status, counts.completed]).toEqual(["finished", 3]);
    expect(metrics["characters/mean"]).toBe(`q0 ${KEY}`.length);
  });

  test("keeps failures, until they are to be made again", async () => {
    const { options, total, cure } = counted();
    const first = await interruptAfter(15, options);
    const finished = await at.evaluate({ ...options, resume: true });
    expect([total(), finished.counts.failed]).toEqual([40, 4]);
    cure();
    expect(await refusal({ ...options, resume: first.runId })).toMatch(
      /^Run [0-9a-f]+ is finished: there is nothing to resume\. .*--retry-failed/,
    );
    const retried = await at.evaluate({ ...options, resume: true, retryFailed: true });
    expect([total(), retried.counts.failed]).toEqual([44, 0]);
    expect(retried.summaries["exact_match/v1"]).toMatchObject({ scored: 40, failed: 0 });
  });

  test("reads what is committed beside its rows, not all of it first", async () => {
    const { options } = counted({ concurrency: 1 });
    await interruptAfter(30, options);
    const { results } = await at.open();
    let read = 0;
    let readAtFirstCall: number | undefined;
    const { committedTrials } = results;
    const reading = vi.spyOn(results, "committedTrials").mockImplementation(async function* (
      ...of
    ) {
      for await (const trial of committedTrials.apply(results, of)) {
        read += 1;
        yield trial;
      }
    });
    const model = () => {
      readAtFirstCall ??= read;
      return "a";
    };
    // Row 0 is the first that failed.
    const result = await at.evaluate({ ...options, model, resume: true, retryFailed: true });
    reading.mockRestore();
    expect(result.counts).toMatchObject({ completed: 40, failed: 0 });
    expect(readAtFirstCall).toBe(1);
  });

  test("counts repetitions one by one", async () => {
    const { options, calls, total } = counted({ trials: 3 });
    await interruptAfter(50, options);
    const result = await at.evaluate({ ...options, resume: true });
    expect(result.counts).toMatchObject({ rows: 40, trials: 120, completed: 120 });
    expect([total(), [...calls.values()].every((count) => count === 3)]).toEqual([120, true]);
  });

  test("of a stream reads it again from its beginning", async () => {
    const { options, total } = counted();
    async function* stream() {
      yield* ROWS;
    }
    await interruptAfter(10, { ...options, data: stream() });
    const result = await at.evaluate({ ...options, data: stream(), resume: true });
    expect([result.status, result.counts.completed, total()]).toEqual(["finished", 40, 40]);
  });
});

describe("a run is not resumed", () => {
  test.each<[string, Partial<EvaluateOptions>, RegExp]>([
    ["another number of trials", { trials: 2 }, /its trials was 1 and is now 2\./],
    ["another scorer", { extraMetrics: [] }, /its scorer .* was not set and is now/],
    ["another version of the code", { codeVersion: "b" }, /its code version was not set/],
    [
      "another limit",
      { limit: 20 },
      /its limit was not set and is now 20\. .*--allow-changed-data/,
    ],
    ["a changed row", { data: [...ROWS.slice(1)] }, /its data was .*--allow-changed-data/],
  ])("with %s, which is named", async (_, change, message) => {
    const { options, total } = counted();
    await interruptAfter(10, options);
    const before = total();
    expect(await refusal({ ...options, ...change, resume: true })).toMatch(message);
    expect(total()).toBe(before);
  });

  test("when there is none, or the one named holds no evaluation", async () => {
    const { options } = counted();
    expect(await refusal({ ...options, resume: true })).toBe(
      'There is no unfinished run of "counted" in this experiment to resume',
    );
    expect(await refusal({ ...options, resume: "0".repeat(32) })).toContain("no evaluation in run");
  });

  test("while another process that lives works on it", async () => {
    const { options } = counted();
    const { runId } = await interruptAfter(10, options);
    const { results } = await at.open();
    const holder = { worker: `elsewhere#7#1`, ttlMs: 60_000 };
    expect(await results.leaseEvaluation(runId, holder)).toBeUndefined();
    expect(await refusal({ ...options, resume: true })).toMatch(
      /is being worked on by process 7 on elsewhere\. .* free in \d+ s\.$/,
    );
  });

  test("nor mentioned, while another process works on it, before another one that is free", async () => {
    const { options } = counted();
    const free = await interruptAfter(10, options);
    const held = await interruptAfter(10, options);
    const { results } = await at.open();
    await results.leaseEvaluation(held.runId, { worker: "elsewhere#7#1", ttlMs: 60_000 });
    const fresh = await at.evaluate(options);
    expect(fresh.notes.join()).not.toContain(held.runId);
    const resumed = await at.evaluate({ ...options, resume: true });
    expect([resumed.runId, resumed.status]).toEqual([free.runId, "finished"]);
  });

  test("unasked: it is mentioned", async () => {
    const { options } = counted();
    const { runId } = await interruptAfter(10, options);
    const notes: string[] = [];
    const result = await at.evaluate({
      ...options,
      onProgress: (progress) => {
        if (progress.kind === "started") notes.push(...progress.notes);
      },
    });
    expect(result.runId).not.toBe(runId);
    expect(notes.join()).toMatch(new RegExp(`run ${runId} of "counted" is unfinished, with 1\\d`));
  });
});

test("a process that lost its run to another one stops and leaves it as it is", async () => {
  const { options } = counted({ concurrency: 1 });
  const { results, runs } = await at.open();
  let runId = "";
  let resumed: EvaluateResult | undefined;
  const losing = at.evaluate({
    ...options,
    onProgress: (progress) => {
      if (progress.kind === "started") runId = progress.runId;
    },
    model: async ({ question }: { question: string }) => {
      if (question !== "q5") return "a";
      // As if this one had slept until its lease was over, and another one had done all the work meanwhile.
      const holder = await results.leaseEvaluation(runId, { worker: "", ttlMs: 0 });
      await results.renewLease(runId, { worker: holder?.worker ?? "", ttlMs: -1 });
      resumed = await at.evaluate({ ...options, model: () => "a", resume: runId });
      return "a";
    },
  });
  await expect(losing).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/ was taken over by another process /),
  });
  expect(resumed?.status).toBe("finished");
  expect(await results.getEvaluation(runId)).toMatchObject({
    status: "finished",
    outcome: { decision: "pass" },
  });
  expect((await runs.getRun(runId))?.status).toBe("FINISHED");
});

test("a process that lost its run gives up what is in flight once it learns of it", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const { options } = counted({ concurrency: 1 });
  const { results } = await at.open();
  let runId = "";
  const losing = at.evaluate({
    ...options,
    onProgress: (progress) => {
      if (progress.kind === "started") runId = progress.runId;
    },
    model: async ({ question }: { question: string }) => {
      if (question !== "q5") return "a";
      const mine = await results.leaseEvaluation(runId, { worker: "", ttlMs: 0 });
      await results.renewLease(runId, { worker: mine?.worker ?? "", ttlMs: -1 });
      await results.leaseEvaluation(runId, { worker: "elsewhere#7#1", ttlMs: 60_000 });
      vi.advanceTimersToNextTimer();
      return new Promise<never>(() => undefined);
    },
  });
  await expect(losing.finally(() => vi.useRealTimers())).rejects.toMatchObject({
    code: "conflict",
  });
  const record = await results.getEvaluation(runId);
  expect([record?.status, (await results.countResults(runId)).completed]).toEqual(["running", 5]);
});

test("with changed data allowed, rows that are still there are kept and others made", async () => {
  const { options, total } = counted();
  await interruptAfter(20, options);
  const paid = total();
  const changed = [{ id: "new", question: "q1000", gold: "a" }, ...ROWS.slice(5).reverse()];
  const result = await at.evaluate({
    ...options,
    data: changed,
    resume: true,
    allowChangedData: true,
  });
  expect(result.counts).toMatchObject({ rows: 36, completed: 36 });
  expect(total()).toBe(paid + 36 - (paid - 5));
  const rows = await rowsOf(result);
  expect(rows.map(({ rowKey }) => rowKey)).toEqual(changed.map(({ id }) => id));
});

test("with changed data allowed, the run is of that data from then on", async () => {
  const { options, cure, total } = counted();
  const { runId } = await interruptAfter(10, options);
  const changed = { ...options, data: ROWS.slice(8) };
  await interruptAfter(20, { ...changed, resume: true, allowChangedData: true });
  const { results } = await at.open();
  const record = await results.getEvaluation(runId);
  const whole = await at.evaluate({ ...changed, resume: runId });
  expect([record?.rows, whole.counts.rows, whole.counts.completed]).toEqual([32, 32, 32]);
  cure();
  const paid = total();
  const retried = await at.evaluate({ ...changed, resume: runId, retryFailed: true });
  expect([retried.counts.failed, total()]).toEqual([0, paid + 3]);
  const fresh = await at.evaluate({ ...changed, name: "fresh" });
  const was = await results.getEvaluation(runId);
  const is = await results.getEvaluation(fresh.runId);
  expect([was?.rows, was?.dataset, was?.configuration]).toEqual([
    is?.rows,
    is?.dataset,
    is?.configuration,
  ]);
});

describe("limits of a run", () => {
  /** Two tokens of every answer, as a judge would report them. */
  const dear = (): Partial<EvaluateOptions> => ({
    extraMetrics: [
      function judged({ recordCall }: ScorerInput) {
        const usage = { inputTokens: 1, outputTokens: 1, cost: 0.125 };
        recordCall?.({ model: "judge:/m", reply: "5", latencyMs: 1, usage });
        return 5;
      },
    ],
    gates: [],
  });
  const spending = (more: Partial<EvaluateOptions>) =>
    counted({ ...dear(), concurrency: 1, model: () => "a", ...more }).options;

  test.each<[string, Partial<EvaluateOptions>, string]>([
    ["tokens", { maxTokens: 20 }, "stopped at 20 tokens, of 20 allowed (maxTokens)"],
    ["cost", { maxCost: 1.25 }, "stopped at a cost of $1.2500, of $1.25 allowed (maxCost)"],
  ])("on %s end it before the next row, and a higher one resumes it", async (_, limit, reason) => {
    const options = spending(limit);
    const stopped = await at.evaluate(options);
    expect([stopped.status, stopped.counts.completed]).toEqual(["incomplete", 10]);
    expect(stopped.problems[0]).toBe(reason);
    expect(stopped.problems[1]).toContain("30 of 40 rows were not reached");
    const { maxTokens: _t, maxCost: _c, ...unlimited } = options;
    const whole = await at.evaluate({ ...unlimited, resume: true });
    expect([whole.status, whole.counts.completed]).toEqual(["finished", 40]);
    expect(whole.usage).toEqual({ inputTokens: 40, outputTokens: 40, cost: 5 });
  });

  test("that are used up let a resumed run begin nothing, however many rows at a time", async () => {
    const { options, total, cure } = counted(dear());
    cure();
    const limited = { ...options, maxTokens: 20, concurrency: 1 };
    await at.evaluate(limited);
    expect(total()).toBe(10);
    const again = await at.evaluate({ ...limited, concurrency: 20, resume: true });
    expect([total(), again.status, again.counts.completed]).toEqual([10, "incomplete", 10]);
    expect(again.problems[0]).toBe("stopped at 20 tokens, of 20 allowed (maxTokens)");
  });

  test("let a resumed run begin what the rows of before say there is left for", async () => {
    const { options, total, cure } = counted(dear());
    cure();
    await at.evaluate({ ...options, maxTokens: 20, concurrency: 1 });
    const more = await at.evaluate({ ...options, maxTokens: 30, concurrency: 20, resume: true });
    expect([total(), more.problems[0]]).toEqual([
      15,
      "stopped at 30 tokens, of 30 allowed (maxTokens)",
    ]);
  });

  test("that rows under way were expected to use up end it also when those were cheaper", async () => {
    const { promise: isFirstDone, resolve } = Promise.withResolvers<void>();
    const options = spending({
      maxTokens: 20,
      concurrency: 4,
      onProgress: ({ kind }) => (kind === "row" ? resolve() : undefined),
      extraMetrics: [
        async function judged({ row, recordCall }: ScorerInput) {
          if (row.ordinal > 0) await isFirstDone;
          const usage = { inputTokens: row.ordinal > 0 ? 1 : 9, outputTokens: 0 };
          recordCall?.({ model: "judge:/m", reply: "5", latencyMs: 1, usage });
          return 5;
        },
      ],
    });
    const stopped = await at.evaluate(options);
    expect(stopped.problems[0]).toBe("stopped at 12 tokens, of 20 allowed (maxTokens)");
    expect(stopped.counts.completed).toBe(4);
    const whole = await at.evaluate({ ...options, maxTokens: 1_000, resume: true });
    expect(whole.status).toBe("finished");
  });

  test("on time end it as well", async () => {
    const result = await at.evaluate(
      spending({
        runTimeoutMs: 1,
        model: () => new Promise((resolve) => setTimeout(resolve, 20, "a")),
      }),
    );
    expect(result.status).toBe("incomplete");
    expect(result.counts.completed).toBeLessThan(40);
    expect(result.problems[0]).toBe("stopped after 1 ms (runTimeoutMs)");
  });

  test.each([
    ["maxCost", 0, "Expected maxCost to be above 0, got 0"],
    ["rpm", -1, "Expected rpm to be above 0, got -1"],
    ["tpm", 0.5, "Expected tpm to be at least 1, got 0.5"],
  ])("%s of %d is refused", async (option, value, message) => {
    const error = await at.refuses({ ...counted().options, [option]: value });
    expect((error as Error).message).toBe(message);
  });
});

describe("what a model behind a provider costs", () => {
  test("is counted, kept on its span, and ends the run at maxCost", async () => {
    const usage = { inputTokens: 10, outputTokens: 10 };
    const server = await startProviderServer({ reply: () => ({ text: "a", usage }) });
    const priced: EvaluateOptions = {
      data: ROWS,
      model: "openai:/m",
      prompt: "{{ question }}",
      targets: "gold",
      extraMetrics: [exactMatch()],
      // 10 tokens each way at 12 500 and 0 dollars a million: an eighth of a dollar for each call.
      prices: { "openai:/m": { input: 12_500, output: 0 } },
      concurrency: 1,
      env: server.env,
    };
    const stopped = await at.evaluate({ ...priced, maxCost: 1 });
    expect([server.requests.length, stopped.usage.cost]).toEqual([8, 1]);
    expect(stopped.problems[0]).toBe("stopped at a cost of $1.0000, of $1 allowed (maxCost)");
    const whole = await at.evaluate({ ...priced, resume: true });
    expect(whole.metrics["cost/total"]).toBe(5);
    await server.close();
  });
});

test("a limit on tokens that answers do not tell of is not kept in silence", async () => {
  const result = await at.evaluate({ ...counted().options, maxTokens: 10, maxCost: 0.1 });
  expect(result.counts.completed).toBe(40);
  expect(result.notes).toContain(
    "maxCost and maxTokens could not count 36 answers that told of no tokens",
  );
});

test("an answer that a dead process paid for, and had only kept, costs the run what it cost", async () => {
  const usage = { inputTokens: 10, outputTokens: 10 };
  const server = await startProviderServer({ reply: () => ({ text: "a", usage }) });
  const options: EvaluateOptions = {
    data: ROWS.slice(0, 3),
    model: "openai:/m",
    prompt: "{{ question }}",
    targets: "gold",
    extraMetrics: [exactMatch()],
    prices: { "openai:/m": { input: 12_500, output: 0 } },
    cache: true,
    env: server.env,
  };
  const whole = await at.evaluate(options);
  expect(whole.usage.cost).toBe(0.375);
  // As a crash between the two leaves it: in the cache, and not among the results.
  const database = new Database(at.uri.replace("sqlite:///", ""));
  const [result] = database.prepare("select id from results where ordinal = 1").all() as [
    { id: number },
  ];
  database.prepare("delete from scores where result_id = ?").run(result.id);
  database.prepare("delete from results where id = ?").run(result.id);
  database.exec("update evaluations set status = 'running', outcome = null");
  database.close();
  const resumed = await at.evaluate({ ...options, resume: true });
  expect(resumed.usage).toEqual(whole.usage);
  expect(server.requests).toHaveLength(3);
  await server.close();
});

test("a model that never answers is given up when the time of the run and its grace are over", async () => {
  const result = await at.evaluate({
    ...counted().options,
    model: () => new Promise(() => undefined),
    runTimeoutMs: 5,
    graceMs: 5,
  });
  expect([result.status, result.counts.completed]).toEqual(["incomplete", 0]);
  expect(result.problems[0]).toBe("stopped after 5 ms (runTimeoutMs)");
});
