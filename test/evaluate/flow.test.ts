import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { type Row, RUN_TAGS, type ScorerInput } from "../../src/core/index.ts";
import type { EvaluateOptions, Progress } from "../../src/evaluate/index.ts";
import { evaluate } from "../../src/evaluate/index.ts";
import {
  logMetric,
  setExperiment,
  setTag,
  setTrackingUri,
  storeAt,
  withRun,
} from "../../src/tracking/index.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { expectWhole, meeting, numbered, rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

function measured() {
  return 5;
}

test("models and scorers log to the evaluation's run, and their own runs are its children", async () => {
  setTrackingUri(at.uri);
  const result = await at.evaluate({
    data: numbered(2),
    model: async ({ i }: { i: number }) => {
      await logMetric("asked", i);
      return (await withRun({ name: "inner" }, async (run) => run.runId)) ?? "";
    },
    scorers: [
      async function tagged() {
        await setTag("scored", "yes");
        return 1;
      },
    ],
    concurrency: 1,
  });
  expect(result.counts.failed).toBe(0);
  const store = await at.open();
  const run = await store.runs.getRun(result.runId);
  expect(run?.metrics.asked).toBe(1);
  expect(run?.tags.scored).toBe("yes");
  for (const { outputs } of await rowsOf(result)) {
    const inner = await store.runs.getRun(String(outputs));
    expect(inner?.tags[RUN_TAGS.parentRunId]).toBe(result.runId);
  }
});

describe("rows in flight", () => {
  test.each([1, 3, 8])(
    "are as many as concurrency %i allows, scorers included",
    async (concurrency) => {
      let inFlight = 0;
      let most = 0;
      const together = meeting(concurrency);
      await at.evaluate({
        data: numbered(4 * concurrency),
        model: async () => {
          inFlight += 1;
          most = Math.max(most, inFlight);
          await together.arrive();
          await nextTurn();
        },
        maxFailed: 1,
        concurrency,
        scorers: [measured],
        onProgress: ({ kind }) => {
          if (kind === "row") inFlight -= 1;
        },
      });
      expect(most).toBe(concurrency);
    },
  );

  test("are pulled from a stream only as there is room for them", async () => {
    let pulled = 0;
    let done = 0;
    let most = 0;
    async function* stream() {
      for (const row of numbered(20)) {
        pulled += 1;
        most = Math.max(most, pulled - done);
        yield row;
      }
    }
    await at.evaluate({
      data: stream(),
      model: () => nextTurn("x"),
      concurrency: 2,
      scorers: [measured],
      onProgress: ({ kind }) => {
        if (kind === "row") done += 1;
      },
    });
    expect(pulled).toBe(20);
    // Two in flight and the one that a worker asks for while another row is being counted.
    expect(most).toBeLessThanOrEqual(3);
  });
});

describe("a stream", () => {
  test("gets its number of rows at its end", async () => {
    const result = await at.evaluate({
      data: numbered(5).values(),
      model: () => "x",
      scorers: [measured],
      trials: 2,
      gates: ["measured/mean >= 5"],
    });
    expect(result).toMatchObject({
      status: "finished",
      decision: "pass",
      counts: { rows: 5, trials: 10, completed: 10 },
      summaries: { measured: { n: 10, scored: 10, missing: 0 } },
    });
    const record = await (await at.open()).results.getEvaluation(result.runId);
    expect(record).toMatchObject({ rows: 5, trials: 2, dataset: { name: "stream" } });
    expect((await rowsOf(result)).map(({ ordinal }) => ordinal)).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3, 4, 4,
    ]);
  });

  test("is read no further than the limit, and told that it is not needed any more", async () => {
    let pulled = 0;
    let isClosed = false;
    function* endless() {
      try {
        for (;;) yield { i: pulled++ };
      } finally {
        isClosed = true;
      }
    }
    const result = await at.evaluate({
      data: endless(),
      model: () => "x",
      scorers: [measured],
      limit: 3,
    });
    expect([pulled, isClosed]).toEqual([3, true]);
    expect(result).toMatchObject({ status: "finished", counts: { rows: 3, completed: 3 } });
  });

  test("of 20,000 rows is not kept in memory", { timeout: 60_000 }, async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const seen: WeakRef<Row>[] = [];
    let alive = -1;
    async function* stream() {
      for (const { i } of numbered(20_000)) yield { id: i, outputs: `answer ${i}` };
    }
    const result = await at.evaluate({
      data: stream(),
      concurrency: 64,
      scorers: [
        async function length({ row, output }: ScorerInput) {
          seen.push(new WeakRef(row));
          if (row.ordinal === 19_000) {
            await nextTurn();
            collect();
            alive = seen.filter((ref) => ref.deref() !== undefined).length;
          }
          return String(output).length;
        },
      ],
    });
    expect(result.counts).toMatchObject({ rows: 20_000, completed: 20_000 });
    // What is in flight, and a little that the collector has not reached.
    expect(alive).toBeGreaterThan(0);
    expect(alive).toBeLessThan(1_000);
  });
});

describe("data", () => {
  test("is cut at the limit, and counted so", async () => {
    const progress: Progress[] = [];
    const result = await at.evaluate({
      data: numbered(10),
      limit: 4,
      model: () => "x",
      scorers: [measured],
      onProgress: (event) => progress.push(event),
    });
    expect(result.counts).toEqual({ rows: 4, trials: 4, completed: 4, failed: 0 });
    expect(progress[0]).toEqual({
      kind: "started",
      name: "rows",
      runId: result.runId,
      rows: 4,
      trials: 4,
      scorers: ["measured"],
      notes: [],
    });
    expect(progress.slice(1, 5)).toEqual(
      [1, 2, 3, 4].map((completed) => ({ kind: "row", completed, failed: 0, usage: {} })),
    );
    expect(progress[5]).toEqual({ kind: "finished", result });
  });

  test("that would be different each time is evaluated as it was counted", async () => {
    const lengths = [5, 3];
    const result = await at.evaluate({
      data: () => numbered(lengths.shift() ?? 0),
      model: () => "x",
      scorers: [measured],
    });
    expect(result).toMatchObject({
      status: "finished",
      summaries: { measured: { n: 5, scored: 5, missing: 0 } },
    });
    expect(lengths).toEqual([3]);
  });
});

describe("an abort", () => {
  async function abortedAfterTwo(options: Partial<EvaluateOptions>) {
    const controller = new AbortController();
    const together = meeting(2);
    const result = await at.evaluate({
      data: numbered(10),
      model: async () => {
        await together.arrive();
        controller.abort();
        await nextTurn();
        return "x";
      },
      scorers: [measured],
      gates: ["measured/mean >= 5"],
      concurrency: 2,
      signal: controller.signal,
      ...options,
    });
    return { result, run: await (await at.open()).runs.getRun(result.runId) };
  }

  test("finishes and commits what is in flight, and counts the rest as missing", async () => {
    const { result, run } = await abortedAfterTwo({});
    expect(result).toMatchObject({
      status: "interrupted",
      verdict: "undecided",
      decision: "fail",
      counts: { rows: 10, trials: 10, completed: 2, failed: 0 },
      summaries: { measured: { n: 10, scored: 2, missing: 8 } },
    });
    for (const summary of Object.values(result.summaries)) expectWhole(summary);
    expect((await rowsOf(result)).map(({ scores }) => scores)).toEqual([
      { measured: { kind: "scored", value: 5 } },
      { measured: { kind: "scored", value: 5 } },
    ]);
    expect(run?.status).toBe("KILLED");
  });

  test("does not wait for a stream that gives nothing more", async () => {
    async function* stuck() {
      yield* numbered(2);
      await new Promise(() => undefined);
    }
    const { result } = await abortedAfterTwo({ data: stuck() });
    expect(result).toMatchObject({ status: "interrupted", counts: { rows: 2, completed: 2 } });
  });

  test("in the middle of a stream is no end of it, although nothing taken is missing", async () => {
    const { result } = await abortedAfterTwo({ data: numbered(10).values() });
    expect(result.status).toBe("interrupted");
    expect(result.summaries.measured).toMatchObject({ scored: 2 });
  });

  test("after the last row changes nothing", async () => {
    const { result, run } = await abortedAfterTwo({ data: numbered(2) });
    expect(result).toMatchObject({ status: "finished", decision: "pass" });
    expect(run?.status).toBe("FINISHED");
  });

  test("before the start leaves a run without rows", async () => {
    const { result } = await abortedAfterTwo({ signal: AbortSignal.abort() });
    expect(result).toMatchObject({
      status: "interrupted",
      counts: { rows: 10, completed: 0 },
      summaries: { measured: { n: 10, scored: 0, missing: 10 } },
      metrics: {},
    });
  });
});

describe("runs", () => {
  const options: EvaluateOptions = { data: numbered(2), model: () => "x", scorers: [measured] };

  test("of evaluations at once do not mix", async () => {
    const together = meeting(4);
    const one = (name: string, count: number) =>
      at.evaluate({
        name,
        data: numbered(count),
        model: async ({ i }: { i: number }) => {
          if (i < 2) await together.arrive();
          return `${name} ${i}`;
        },
        scorers: [
          function own({ output }: ScorerInput) {
            return String(output).startsWith(name);
          },
        ],
        concurrency: 2,
      });
    const [a, b] = await Promise.all([one("a", 5), one("b", 7)]);
    expect([a.counts.completed, b.counts.completed]).toEqual([5, 7]);
    expect([a.metrics["own/mean"], b.metrics["own/mean"]]).toEqual([1, 1]);
    expect(a.runId).not.toBe(b.runId);
    for (const result of [a, b]) {
      const rows = await rowsOf(result);
      expect(rows.map(({ outputs }) => outputs)).toEqual(
        numbered(result.counts.rows).map(({ i }) => `${result.name} ${i}`),
      );
      const traces = await (await at.open()).traces.listTraces({ runId: result.runId });
      expect(new Set(traces.map(({ name }) => name))).toEqual(new Set([result.name]));
      expect(new Set(traces.map(({ traceId }) => traceId))).toEqual(
        new Set(rows.map(({ traceId }) => traceId)),
      );
    }
  });

  test("are nested in the active run of the same store, in its experiment", async () => {
    setTrackingUri(at.uri);
    setExperiment("outer");
    await withRun({ name: "parent" }, async (parent) => {
      const { runId, experimentId } = await at.evaluate({ ...options, runName: "child" });
      const run = await (await at.open()).runs.getRun(runId);
      expect(experimentId).toBe(parent.experimentId);
      expect(run).toMatchObject({ name: "child", tags: { [RUN_TAGS.parentRunId]: parent.runId } });
    });
  });

  test("are not nested in an active run of another store", async () => {
    setTrackingUri(`sqlite:///${tempFolder()}/other.db`);
    setExperiment("outer");
    await withRun({ name: "parent" }, async () => {
      const { runId } = await at.evaluate({ ...options, experiment: "inner" });
      const run = await (await at.open()).runs.getRun(runId);
      expect(run?.tags).not.toHaveProperty(RUN_TAGS.parentRunId);
    });
  });

  test("go to the experiment and carry the tags that were asked for", async () => {
    const result = await at.evaluate({ ...options, experiment: "mine", tags: { team: "x" } });
    const { experiments, runs, results } = await at.open();
    expect((await experiments.getExperimentByName("mine"))?.experimentId).toBe(result.experimentId);
    expect((await runs.getRun(result.runId))?.tags).toMatchObject({
      team: "x",
      [RUN_TAGS.runType]: "evaluation",
    });
    expect(await results.getEvaluation(result.runId)).toMatchObject({
      name: "rows",
      rows: 2,
      trials: 1,
      model: "model",
      dataset: { name: "rows", digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
      scorers: [{ name: "measured" }],
    });
  });

  test("go to the current tracking store unless another is named", async () => {
    setTrackingUri(at.uri);
    const { runId } = await evaluate(options);
    expect((await (await storeAt(at.uri)).runs.getRun(runId))?.status).toBe("FINISHED");
  });
});
