import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { context, trace as otelTrace, propagation } from "@opentelemetry/api";
import { afterEach, describe, expect, test } from "vitest";
import {
  configureTracing,
  getCurrentSpan,
  getTracingContextHeadersForHttpRequest,
  type LiveSpan,
  setTracingContextFromHttpRequestHeaders,
  startSpan,
  trace,
  updateCurrentTrace,
  withSpan,
} from "../../src/tracing/index.ts";
import { captureTrace, captureTraces, spanNamed, treeOf } from "./captured-traces.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const warnings: string[] = [];
const logger = { warn: (message: string) => void warnings.push(message) };
configureTracing({ logger });
afterEach(() => void warnings.splice(0));

describe("generators", () => {
  async function* counting(upTo: number) {
    for (let n = 1; n <= upTo; n++) {
      await nextTurn();
      startSpan({ name: `step ${n}` }).end();
      yield n;
    }
    return "done";
  }

  test("run in their span, whoever asks for the next value, and their chunks are its outputs", async () => {
    const { traces } = await captureTraces(async () => {
      const generator = trace(counting)(2);
      await withSpan(
        async () => {
          for await (const _value of generator) await nextTurn();
        },
        { name: "consumer", root: true },
      );
    });
    const [counted] = traces.filter((one) => one.info.name === "counting");
    expect(counted && treeOf(counted)).toEqual([
      { "counting UNKNOWN": [{ "step 1 UNKNOWN": [] }, { "step 2 UNKNOWN": [] }] },
    ]);
    expect(counted?.spans[0]).toMatchObject({ inputs: 2, outputs: [1, 2] });
  });

  test("that are broken off, fail or are fed by their consumer end once and behave as before", async () => {
    let isClosed = false;
    async function* endless(): AsyncGenerator<string, void, number | undefined> {
      try {
        for (let n = 0; ; ) n = (yield `x${n}`) ?? 0;
      } finally {
        isClosed = true;
      }
    }
    async function* failing() {
      yield "partial";
      throw new RangeError("broke");
    }
    const { traces } = await captureTraces(async () => {
      for await (const _value of trace(endless)()) break;
      const fed = trace(endless, { name: "fed" })();
      await fed.next();
      expect(await fed.next(7)).toEqual({ done: false, value: "x7" });
      await fed.return();
      const broken = trace(failing)();
      await broken.next();
      await expect(broken.next()).rejects.toThrow("broke");
    });
    expect(isClosed).toBe(true);
    const summary = traces.map(({ info, spans }) => [info.name, info.state, spans[0]?.outputs]);
    expect(summary).toEqual([
      ["endless", "OK", "x0"],
      ["fed", "OK", "x0x7"],
      ["failing", "ERROR", "partial"],
    ]);
  });

  test("and web streams that withSpan returns are read in it", async () => {
    const { traces } = await captureTraces(async () => {
      const stream = await withSpan(
        () => ReadableStream.from(["a", "b", "c"]) as ReadableStream<string>,
        { name: "stream" },
      );
      const read: string[] = [];
      for await (const chunk of stream) {
        read.push(chunk);
        if (read.length === 2) break;
      }
      expect(read).toEqual(["a", "b"]);
      const whole = await withSpan(async () => counting(3), { name: "counted" });
      for await (const _value of whole) await nextTurn();
    });
    expect(traces.map((one) => one.spans[0]?.outputs)).toEqual(["ab", [1, 2, 3]]);
  });

  test("that nobody reads end when they are forgotten", async () => {
    const { traces } = await captureTraces(async () => {
      trace(counting, { name: "unread" })(1);
      for (let i = 0; i < 5; i++) {
        await nextTurn();
        collectGarbage();
        await nextTurn();
      }
    });
    expect(traces[0]?.spans[0]?.attributes["assay.abandoned"]).toBe(true);
  });
});

describe("the current span", () => {
  test("can be described from anywhere inside it", async () => {
    const captured = await captureTrace(() =>
      withSpan(
        () => {
          const span = getCurrentSpan();
          span?.setName("renamed");
          span?.setDocuments([{ id: "d1", content: "text", score: 0.5, metadata: { page: 2 } }]);
          span?.addEvent("cache", { hit: false });
          span?.setStatus("ERROR", "half of it");
        },
        { name: "retrieve" },
      ),
    );
    expect(captured.spans[0]).toMatchObject({
      name: "renamed",
      type: "RETRIEVER",
      outputs: [{ id: "d1", page_content: "text", metadata: { page: 2 }, score: 0.5 }],
      events: [{ name: "cache", attributes: { hit: false } }],
      status: "ERROR",
      statusMessage: "half of it",
    });
    expect(getCurrentSpan()).toBeUndefined();
  });

  test("follows AsyncLocalStorage of the program and what a span runs", async () => {
    const storage = new AsyncLocalStorage<string>();
    const captured = await captureTrace(() =>
      storage.run("mine", async () => {
        const outer = startSpan({ name: "outer" });
        await outer.run(async () => {
          await nextTurn();
          expect(storage.getStore()).toBe("mine");
          expect(getCurrentSpan()?.spanId).toBe(outer.spanId);
          startSpan({ name: "inner" }).end({ outputs: 1 });
        });
        startSpan({ name: "placed", parent: outer }).end();
        outer.end();
      }),
    );
    expect(treeOf(captured)).toEqual([
      { "outer UNKNOWN": [{ "inner UNKNOWN": [] }, { "placed UNKNOWN": [] }] },
    ]);
    expect(spanNamed(captured, "inner").outputs).toBe(1);
  });

  test("takes times that are given", async () => {
    const [startTime, endTime] = [new Date(1000), new Date(3500)];
    const captured = await captureTrace(() => {
      startSpan({ name: "past", startTime }).end({ endTime });
    });
    expect(captured.info).toMatchObject({ startTime: 1000, durationMs: 2500 });
  });
});

describe("the current trace", () => {
  test("takes session, user, tags, metadata, previews and the caller's id from any span", async () => {
    const captured = await captureTrace(() =>
      withSpan(
        async () => {
          updateCurrentTrace({
            sessionId: "s-1",
            userId: "u",
            tags: { stage: "draft", kept: "yes" },
          });
          await withSpan(
            () => {
              updateCurrentTrace({ tags: { stage: "final" }, metadata: { build: "7" } });
              updateCurrentTrace({ clientRequestId: "r-9", requestPreview: "in short" });
            },
            { name: "inner" },
          );
        },
        { name: "outer", inputs: "at length" },
      ),
    );
    expect(captured.info).toMatchObject({
      tags: { stage: "final", kept: "yes" },
      metadata: { "mlflow.trace.session": "s-1", "mlflow.trace.user": "u", build: "7" },
      clientRequestId: "r-9",
      requestPreview: "in short",
    });
  });

  test("hears what is said after its outermost span while others go on", async () => {
    const { traces } = await captureTraces(async () => {
      let late: LiveSpan | undefined;
      await withSpan(
        () => {
          late = startSpan({ name: "late" });
        },
        { name: "root" },
      );
      late?.run(() => updateCurrentTrace({ tags: { late: "yes" } }));
      late?.end();
    });
    expect(traces.map((one) => one.info.tags)).toEqual([
      undefined,
      { late: "yes" },
      { late: "yes" },
    ]);
    expect(traces.map((one) => one.spans.length)).toEqual([1, 0, 1]);
  });

  test("is missed with a warning outside of any", () => {
    updateCurrentTrace({ tags: { a: "1" } });
    expect(warnings).toEqual([expect.stringContaining("outside of any trace")]);
  });
});

describe("W3C Trace Context", () => {
  // The example of the recommendation.
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  test("headers let another service join the trace, and lead into that of a request", async () => {
    const captured = await captureTrace(() =>
      setTracingContextFromHttpRequestHeaders({ Traceparent: traceparent, tracestate: "a=1" }, () =>
        withSpan(
          (span) => {
            expect(getTracingContextHeadersForHttpRequest()).toEqual({
              traceparent: `00-0af7651916cd43dd8448eb211c80319c-${span.spanId}-01`,
              tracestate: "a=1",
            });
          },
          { name: "served" },
        ),
      ),
    );
    expect(captured.info.traceId).toBe("tr-0af7651916cd43dd8448eb211c80319c");
    expect(captured.spans[0]?.parentSpanId).toBe("b7ad6b7169203331");
    expect(getTracingContextHeadersForHttpRequest()).toEqual({});
  });

  test.each([
    "",
    "nonsense",
    "00-00000000000000000000000000000000-b7ad6b7169203331-01",
    "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
    "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    `${traceparent}-more`,
  ])("a header that names no trace begins none: %s", async (header) => {
    const headers = new Headers({ traceparent: header });
    const captured = await captureTrace(() =>
      setTracingContextFromHttpRequestHeaders(headers, () => withSpan(() => 1, { name: "s" })),
    );
    expect(captured.spans[0]).not.toHaveProperty("parentSpanId");
    expect(captured.info.traceId).not.toContain("0af7651916cd43dd8448eb211c80319c");
  });

  test("a later version of the header is read, and who is not sampled there is not here", async () => {
    const later = `cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra`;
    const notSampled = traceparent.replace(/01$/, "00");
    const { traces } = await captureTraces(async () => {
      for (const header of [later, notSampled]) {
        await setTracingContextFromHttpRequestHeaders({ traceparent: header }, () =>
          withSpan(() => 1, { name: header.slice(0, 2) }),
        );
      }
    });
    expect(traces.map((one) => one.info.name)).toEqual(["cc"]);
  });

  test("other instrumentation finds no propagator replaced", () => {
    const carrier = {};
    propagation.inject(context.active(), carrier);
    expect(otelTrace.getSpan(context.active())).toBeUndefined();
    expect(carrier).toEqual({});
  });
});
