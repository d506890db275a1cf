import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { offTheClock, underWay } from "../../src/core/index.ts";
import { StopWithin } from "../../src/evaluate/index.ts";
import { withinDeadline } from "../../src/evaluate/within-deadline.ts";
import { makeGenaiMetric } from "../../src/judges/index.ts";
import { scriptedChatModel } from "../../src/testing/index.ts";
import { numbered, rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

const MINUTE_MS = 60_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

const endless = () => new Promise<never>(() => undefined);

/** Whether it has settled, and how. */
function watched(work: unknown) {
  const state: { outcome?: unknown } = {};
  void Promise.resolve(work).then(
    (value) => {
      state.outcome = value;
    },
    (error) => {
      state.outcome = error.code ?? error.name;
    },
  );
  return state;
}

describe("work in flight when the evaluation is told to stop", () => {
  test.each<[string, number | undefined, unknown, number]>([
    ["a minute by default", undefined, undefined, MINUTE_MS],
    ["what the option says", 300, undefined, 300],
    ["what the one who stops says", undefined, new StopWithin(20_000), 20_000],
    ["what the option says, whoever stops", 300, new StopWithin(20_000), 300],
  ])("has %s", async (_, graceMs, reason, expected) => {
    const stop = new AbortController();
    const work = watched(withinDeadline({ stop: stop.signal, graceMs }, endless));
    stop.abort(reason);
    await vi.advanceTimersByTimeAsync(expected - 1);
    expect(work.outcome).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(work.outcome).toBe("cancelled");
  });

  test("ends with the time of its row where that is shorter", async () => {
    const stop = new AbortController();
    const work = watched(withinDeadline({ stop: stop.signal, timeoutMs: 1000 }, endless));
    stop.abort();
    await vi.advanceTimersByTimeAsync(1000);
    expect(work.outcome).toBe("TimeoutError");
  });

  test("has no more time when it began after the stop than what began before it", async () => {
    const stop = new AbortController();
    const before = watched(withinDeadline({ stop: stop.signal }, endless));
    stop.abort();
    await vi.advanceTimersByTimeAsync(MINUTE_MS - 1000);
    const after = watched(withinDeadline({ stop: stop.signal }, endless));
    await vi.advanceTimersByTimeAsync(1000);
    expect([before.outcome, after.outcome]).toEqual(["cancelled", "cancelled"]);
  });

  test("is given up at once while nothing of it is under way, and nothing was answered", async () => {
    const stop = new AbortController();
    const work = (calls: (signal: AbortSignal) => Promise<unknown>) =>
      watched(withinDeadline({ stop: stop.signal }, ({ signal }) => calls(signal)));
    const turn = (signal: AbortSignal) => offTheClock(signal, async () => undefined);
    const refused = (signal: AbortSignal) =>
      underWay(signal, () => Promise.reject(new Error("429"))).catch(() => undefined);
    const waiting = work((signal) => offTheClock(signal, endless));
    const repeated = work(async (signal) => {
      await turn(signal);
      await refused(signal);
      return offTheClock(signal, endless);
    });
    const backingOff = work(async (signal) => {
      await turn(signal);
      await refused(signal);
      return endless();
    });
    const sent = work(async (signal) => {
      await turn(signal);
      return underWay(signal, endless);
    });
    const second = work(async (signal) => {
      await turn(signal);
      await underWay(signal, async () => "first answer");
      return offTheClock(signal, endless);
    });
    const own = work(endless);
    await vi.advanceTimersByTimeAsync(1);
    stop.abort();
    await vi.advanceTimersByTimeAsync(1);
    expect([waiting, repeated, backingOff].map(({ outcome }) => outcome)).toEqual([
      "cancelled",
      "cancelled",
      "cancelled",
    ]);
    expect([sent, second, own].map(({ outcome }) => outcome)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("is given up when what it had sent comes to nothing after the stop", async () => {
    const stop = new AbortController();
    const failure = Promise.withResolvers<never>();
    const work = watched(
      withinDeadline({ stop: stop.signal }, async ({ signal }) => {
        await offTheClock(signal, async () => undefined);
        await underWay(signal, () => failure.promise).catch(() => undefined);
        return endless();
      }),
    );
    await vi.advanceTimersByTimeAsync(1);
    stop.abort();
    await vi.advanceTimersByTimeAsync(1);
    expect(work.outcome).toBeUndefined();
    failure.reject(new Error("503"));
    await vi.advanceTimersByTimeAsync(1);
    expect(work.outcome).toBe("cancelled");
  });
});

test("an answer that comes long after the stop is stored and scored", async () => {
  const stop = new AbortController();
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  const evaluating = at.evaluate({
    data: numbered(3),
    concurrency: 1,
    model: () => {
      asked.resolve();
      return answer.promise;
    },
    scorers: [
      function measured() {
        return 1;
      },
    ],
    signal: stop.signal,
  });
  await asked.promise;
  stop.abort();
  await vi.advanceTimersByTimeAsync(MINUTE_MS - 1);
  answer.resolve("late");
  const result = await evaluating;
  expect(result).toMatchObject({ status: "interrupted", counts: { completed: 1, failed: 0 } });
  expect(await rowsOf(result)).toMatchObject([{ outputs: "late", scores: { measured: {} } }]);
});

test("a row given up after the stop is missing, not failed, and the evaluation interrupted", async () => {
  const stop = new AbortController();
  const hanging = Promise.withResolvers<void>();
  const evaluating = at.evaluate({
    data: numbered(2),
    model: ({ i }: { i: number }) => {
      if (i === 0) return "a";
      hanging.resolve();
      return endless();
    },
    scorers: [
      function measured() {
        return 1;
      },
    ],
    signal: stop.signal,
  });
  await hanging.promise;
  stop.abort();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  const { status, summaries, counts } = await evaluating;
  expect(status).toBe("interrupted");
  expect(counts).toMatchObject({ completed: 1, failed: 0 });
  expect(summaries.measured).toMatchObject({ n: 2, scored: 1, failed: 0, missing: 1 });
});

test("no judge is asked after the stop: the answer is stored, and a resumed run asks for its verdict", async () => {
  const judgeModel = scriptedChatModel({
    replies: Array.from({ length: 2 }, () => ({ text: '{"rationale":"Fine.","score":4}' })),
  });
  const stop = new AbortController();
  let calls = 0;
  const options = {
    name: "judged",
    data: numbered(2),
    concurrency: 1,
    model: () => {
      calls += 1;
      stop.abort();
      return "a";
    },
    scorers: [
      makeGenaiMetric({
        name: "clarity",
        definition: "How clear the answer is.",
        gradingPrompt: "1 is unclear, 5 is clear.",
        model: judgeModel,
      }),
    ],
  };
  const stopped = await at.evaluate({ ...options, signal: stop.signal });
  expect(stopped).toMatchObject({ status: "interrupted", counts: { completed: 1, failed: 0 } });
  expect(stopped.summaries["clarity/v1"]).toMatchObject({ n: 2, scored: 0, missing: 2 });
  expect(judgeModel.calls).toHaveLength(0);
  const whole = await at.evaluate({ ...options, resume: true });
  expect(whole).toMatchObject({ status: "finished", metrics: { "clarity/v1/mean": 4 } });
  expect([calls, judgeModel.calls.length]).toEqual([2, 2]);
});
