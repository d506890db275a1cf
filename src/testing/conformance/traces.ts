import type { Span, TraceInfo } from "../../core/index.ts";
import type { TrackingStore } from "../../store/index.ts";
import { newRun, type OpenStore, rejection, storeTests, type TestRunner } from "./kit.ts";

// Beyond what a double holds exactly: the last digits are lost unless they travel as integers.
const START_NS = 1_795_000_000_123_456_789n;

function newSpan(digit: string, more: Partial<Span> = {}): Span {
  return {
    traceId: "a".repeat(32),
    spanId: digit.repeat(16),
    name: `span ${digit}`,
    type: "CHAIN",
    startNs: START_NS,
    endNs: START_NS + 1n,
    status: "OK",
    attributes: {},
    events: [],
    ...more,
  };
}

async function newInfo(store: TrackingStore, more: Partial<TraceInfo> = {}): Promise<TraceInfo> {
  const { experimentId } = await store.experiments.ensureExperiment("conformance");
  return {
    traceId: `tr-${"a".repeat(32)}`,
    experimentId,
    name: "root",
    state: "OK",
    startTime: 1_795_000_000_123,
    spanCount: 1,
    ...more,
  };
}

/** What every {@link TraceStore} does. */
export function traceStoreSuite(runner: TestRunner, open: OpenStore): void {
  const { describe, expect } = runner;
  const test = storeTests(runner, open);

  describe("traces", () => {
    test("a trace is read back to the nanosecond, with events, inputs and outputs", async (store) => {
      const runId = await newRun(store);
      const info = await newInfo(store, {
        runId,
        durationMs: 1.5,
        requestPreview: "q",
        responsePreview: "a",
        usage: { inputTokens: 2 },
        spanCount: 2,
      });
      const root = newSpan("1", { inputs: { q: "ü" }, outputs: null, attributes: { "a.b": [1] } });
      const child = newSpan("2", {
        parentSpanId: root.spanId,
        type: "RETRIEVER",
        startNs: START_NS + 1n,
        endNs: START_NS + 3n,
        status: "ERROR",
        statusMessage: "gone",
        events: [{ name: "exception", timeNs: START_NS + 2n, attributes: { type: "Error" } }],
      });
      await store.traces.writeTrace(info, [child, root]);
      expect(await store.traces.getTrace(info.traceId)).toEqual({ info, spans: [root, child] });
      expect(await store.traces.getTrace("tr-0")).toBe(undefined);
    });

    test("late spans are added to their trace, duplicates ignored", async (store) => {
      const { traces } = store;
      const info = await newInfo(store);
      const [root, late] = [newSpan("1"), newSpan("2", { startNs: START_NS + 9n })];
      await traces.writeTrace(info, [root]);
      await traces.writeTrace({ ...info, name: "another" }, [late]);
      await traces.writeTrace(info, [root, { ...late, name: "changed" }]);
      expect(await traces.getTrace(info.traceId)).toEqual({
        info: { ...info, spanCount: 2 },
        spans: [root, late],
      });
    });

    test("traces are summed up by day, model, name and status", async (store) => {
      const day = (n: number) => Date.UTC(2026, 10, n, 12);
      const base = await newInfo(store);
      const given = [
        { startTime: day(1), durationMs: 10, name: "a", usage: { inputTokens: 1, cost: 0.5 } },
        { startTime: day(1), durationMs: 20, name: "b", state: "ERROR" as const },
        { startTime: day(2), durationMs: 30, name: "a", usage: { inputTokens: 2 } },
        { startTime: day(2), durationMs: 100, name: "a" },
      ];
      for (const [at, info] of given.entries()) {
        const traceId = `${at}`.repeat(32);
        const model = at === 1 ? "n" : "m";
        const attributes = { "gen_ai.request.model": model };
        const root = newSpan("1", { traceId, type: "CHAT_MODEL", attributes });
        await store.traces.writeTrace({ ...base, ...info, traceId: `tr-${traceId}` }, [root]);
      }
      const { traces } = store;
      const counts = async (by: "day" | "model" | "name" | "status") =>
        (await traces.summarizeTraces({ by })).map(({ group, count, errors }) => [
          group,
          count,
          errors,
        ]);
      expect(await counts("day")).toEqual([
        ["2026-11-01", 2, 1],
        ["2026-11-02", 2, 0],
      ]);
      expect(await counts("model")).toEqual([
        ["m", 3, 0],
        ["n", 1, 1],
      ]);
      expect(await counts("status")).toEqual([
        ["OK", 3, 0],
        ["ERROR", 1, 1],
      ]);
      const filter = "trace.name = 'a'";
      const [named] = await traces.summarizeTraces({ by: "name", filter });
      expect(named?.usage).toEqual({ inputTokens: 3, cost: 0.5 });
      const [all] = await traces.summarizeTraces({ by: "status", filter: "trace.name != 'x'" });
      expect(all?.count).toBe(3);
      const { p50 = 0, p90 = 0 } = named?.durationMs ?? {};
      // Of 10, 30, 100: 30 and 86.
      expect([p50, Math.round(p90 * 1e6) / 1e6]).toEqual([30, 86]);
    });

    test("of a trace that services share, the part with the outermost span tells how it went", async (store) => {
      const { traces } = store;
      const info = await newInfo(store, { spanCount: 2 });
      const root = newSpan("1");
      const called = newSpan("2", { parentSpanId: root.spanId, startNs: START_NS + 1n });
      const early = { ...info, name: "called", startTime: info.startTime + 1, durationMs: 1 };
      await traces.writeTrace({ ...early, tags: { by: "called" } }, [called]);
      expect((await traces.getTrace(info.traceId))?.info.name).toBe("called");
      const whole = { ...info, state: "ERROR" as const, durationMs: 3, responsePreview: "all" };
      await traces.writeTrace({ ...whole, clientRequestId: "r-1", tags: { by: "root" } }, [root]);
      const expected = { ...whole, clientRequestId: "r-1", tags: { by: "root" } };
      expect(await traces.getTrace(info.traceId)).toEqual({
        info: expected,
        spans: [root, called],
      });
      await traces.writeTrace(early, [newSpan("3", { parentSpanId: called.spanId })]);
      const later = await traces.getTrace(info.traceId);
      expect(later?.info).toEqual({ ...expected, spanCount: 3 });
    });

    test("a trace in progress is completed by the first that is not, and by no later one", async (store) => {
      const { traces } = store;
      const unfinished = await newInfo(store, { state: "IN_PROGRESS" });
      const [early, root] = [newSpan("2", { startNs: START_NS + 1n }), newSpan("1")];
      await traces.writeTrace(unfinished, [early]);
      await traces.writeTrace(unfinished, [early]);
      expect((await traces.getTrace(unfinished.traceId))?.info).toEqual(unfinished);
      const ended: TraceInfo = {
        ...unfinished,
        state: "ERROR",
        durationMs: 2.5,
        requestPreview: "q",
        responsePreview: "a",
        spanCount: 2,
      };
      await traces.writeTrace(ended, [root, early]);
      await traces.writeTrace({ ...ended, state: "OK", durationMs: 9, requestPreview: "no" }, []);
      await traces.writeTrace(unfinished, []);
      expect(await traces.getTrace(ended.traceId)).toEqual({ info: ended, spans: [root, early] });
    });

    test("a model call that ends late counts in what its trace used, once", async (store) => {
      const info = await newInfo(store, { usage: { inputTokens: 5 } });
      const call = (digit: string, tokens: number) =>
        newSpan(digit, {
          type: "CHAT_MODEL",
          attributes: { "gen_ai.usage.input_tokens": tokens },
        });
      await store.traces.writeTrace(info, [call("1", 5)]);
      const late = { ...info, usage: { inputTokens: 7 } };
      await store.traces.writeTrace(late, [call("2", 7)]);
      await store.traces.writeTrace(late, [call("2", 7)]);
      const stored = await store.traces.getTrace(info.traceId);
      expect(stored?.info.usage).toEqual({ inputTokens: 12 });
    });

    test("the list has the newest first, of one experiment or run", async (store) => {
      const runId = await newRun(store);
      const other = (await store.experiments.createExperiment("other")).experimentId;
      const digits = ["1", "2", "3"];
      const more: Partial<TraceInfo>[] = [{ runId }, { experimentId: other }, {}];
      for (const [index, digit] of digits.entries()) {
        const info = await newInfo(store, {
          traceId: `tr-${digit.repeat(32)}`,
          startTime: 1000 + index,
          ...more[index],
        });
        await store.traces.writeTrace(info, [newSpan(digit)]);
      }
      const list = async (query: Parameters<typeof store.traces.listTraces>[0]) =>
        (await store.traces.listTraces(query)).map(({ traceId }) => traceId.at(-1));
      expect(await list({})).toEqual(["3", "2", "1"]);
      expect(await list({ limit: 2 })).toEqual(["3", "2"]);
      expect(await list({ experimentIds: [other] })).toEqual(["2"]);
      expect(await list({ experimentIds: [] })).toEqual([]);
      expect(await list({ runId })).toEqual(["1"]);
      expect(await list({ runId: "nobody" })).toEqual([]);
    });

    test("ids are found by their beginning, with or without the prefix, at most two", async (store) => {
      const { traces } = store;
      const ids = ["ab1", "ab2", "ab3", "cd4"].map((start) => `tr-${start.padEnd(32, "0")}`);
      for (const traceId of ids) await traces.writeTrace(await newInfo(store, { traceId }), []);
      expect(await traces.findTraceIds("tr-cd")).toEqual([ids[3]]);
      expect(await traces.findTraceIds("cd4")).toEqual([ids[3]]);
      expect((await traces.findTraceIds("ab")).length).toBe(2);
      expect(await traces.findTraceIds("ee")).toEqual([]);
      expect(await traces.findTraceIds("%")).toEqual([]);
      expect(await traces.findTraceIds("tr-")).toEqual([]);
    });

    test("a trace needs its experiment", async (store) => {
      const info = await newInfo(store, { experimentId: "999" });
      expect((await rejection(store.traces.writeTrace(info, []))).code).toBe("not-found");
      expect(await store.traces.getTrace(info.traceId)).toBe(undefined);
    });

    test("many traces written at once are all there", async (store) => {
      const info = await newInfo(store);
      const ids = Array.from({ length: 100 }, (_, n) => `tr-${String(n).padStart(32, "0")}`);
      await Promise.all(
        ids.map((traceId) => store.traces.writeTrace({ ...info, traceId }, [newSpan("1")])),
      );
      expect((await store.traces.listTraces({ limit: 1000 })).length).toBe(100);
    });
  });
}
