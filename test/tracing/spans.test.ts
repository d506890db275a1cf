import { setImmediate as nextTurn } from "node:timers/promises";
import { context, trace as otelTrace } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import {
  discardTraces,
  flushTraces,
  type LiveSpan,
  setTracingLogger,
  startSpan,
  trace,
  withDestination,
  withSpan,
} from "../../src/tracing/index.ts";
import { captureTrace, captureTraces, spanNamed, treeOf } from "./captured-traces.ts";

describe("spans", () => {
  test("opened inside others are their children, through async code", async () => {
    const inner = trace(async (x: number) => x * 2, { name: "inner", type: "TOOL" });
    const captured = await captureTrace(() =>
      withSpan(
        async () => {
          await nextTurn();
          await Promise.all([inner(1), withSpan(() => inner(2), { name: "middle" })]);
          startSpan({ name: "detached" }).end();
        },
        { name: "outer", type: "AGENT" },
      ),
    );
    expect(treeOf(captured)).toEqual([
      {
        "outer AGENT": [
          { "inner TOOL": [] },
          { "middle UNKNOWN": [{ "inner TOOL": [] }] },
          { "detached UNKNOWN": [] },
        ],
      },
    ]);
    expect(captured.info).toMatchObject({ name: "outer", state: "OK", spanCount: 5 });
  });

  test("have the arguments as inputs and the result as outputs", async () => {
    const one = trace((x: { q: string }) => x.q, { name: "one" });
    const captured = await captureTrace(() => one({ q: "why" }));
    expect(captured.spans[0]).toMatchObject({ inputs: { q: "why" }, outputs: "why" });
    expect(captured.info).toMatchObject({ requestPreview: '{"q":"why"}', responsePreview: "why" });
    async function sum(a: number, b: number) {
      return a + b;
    }
    const several = await captureTrace(() => trace(sum)(1, 2));
    expect(several.spans[0]).toMatchObject({ name: "sum", inputs: [1, 2], outputs: 3 });
    const nothing = await captureTrace(() => trace(() => undefined)());
    expect(nothing.spans[0]).not.toHaveProperty("outputs");
  });

  test("have inputs and outputs as they were when they were given", async () => {
    const inputs = { list: [1], text: "a" };
    const outputs = [{ answer: "b" }];
    const captured = await captureTrace(() =>
      withSpan(
        async () => {
          inputs.list.push(2);
          inputs.text = "changed";
          await withSpan(() => outputs, { name: "inner" });
          outputs.push({ answer: "late" });
          return outputs;
        },
        { name: "outer", inputs },
      ),
    );
    outputs.length = 0;
    expect(captured.spans[0]).toMatchObject({ inputs: { list: [1], text: "a" } });
    expect(spanNamed(captured, "outer").outputs).toEqual([{ answer: "b" }, { answer: "late" }]);
    expect(spanNamed(captured, "inner").outputs).toEqual([{ answer: "b" }]);
  });

  test("have a text that looks like JSON as the text that it is", async () => {
    const captured = await captureTrace(() =>
      withSpan(() => "[1]", { name: "s", inputs: '{"a":1}' }),
    );
    expect(captured.spans[0]).toMatchObject({ inputs: '{"a":1}', outputs: "[1]" });
  });

  test("keep what was set by hand", async () => {
    const captured = await captureTrace(() =>
      withSpan(
        (span) => {
          span.setInputs({ a: 1 });
          span.setOutputs(["by hand"]);
          span.setAttributes({ "app.version": "1", count: 2 });
          return "returned";
        },
        { name: "s", inputs: "overwritten", attributes: { given: true } },
      ),
    );
    expect(captured.spans[0]).toMatchObject({
      inputs: { a: 1 },
      outputs: ["by hand"],
      attributes: { "app.version": "1", count: 2, given: true },
    });
  });

  test("do nothing after their end", async () => {
    let late: LiveSpan | undefined;
    const captured = await captureTrace(() =>
      withSpan(
        (span) => {
          late = span;
        },
        { name: "s" },
      ).then(() => {
        late?.setOutputs("late");
        late?.recordError(new Error("late"));
        late?.end();
      }),
    );
    expect(captured.spans[0]).not.toHaveProperty("outputs");
    expect(captured.spans[0]?.status).toBe("UNSET");
  });

  test("of parallel traces do not mix", async () => {
    const step = trace(
      async (n: number) => {
        await nextTurn();
        return n;
      },
      { name: "step" },
    );
    const { traces } = await captureTraces(() =>
      Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          withSpan(async () => (await step(n)) + (await step(n)), { name: "root", inputs: n }),
        ),
      ),
    );
    expect(traces).toHaveLength(20);
    for (const { spans } of traces) {
      expect(spans).toHaveLength(3);
      expect(new Set(spans.map((span) => span.inputs)).size).toBe(1);
    }
  });

  test("can begin a trace of their own", async () => {
    const { traces } = await captureTraces(() =>
      withSpan(() => withSpan(() => 1, { name: "own", root: true }), { name: "around" }),
    );
    expect(traces.map((one) => one.info.name)).toEqual(["own", "around"]);
    expect(traces[0]?.spans[0]).not.toHaveProperty("parentSpanId");
  });

  test("opened through OpenTelemetry's own interface belong to the same trace", async () => {
    const captured = await captureTrace(() =>
      withSpan(
        () => {
          otelTrace.getTracer("other").startSpan("foreign").end();
          return otelTrace.getSpan(context.active())?.spanContext().traceId;
        },
        { name: "ours" },
      ),
    );
    expect(treeOf(captured)).toEqual([{ "ours UNKNOWN": [{ "foreign UNKNOWN": [] }] }]);
    expect(captured.spans[0]?.outputs).toBe(captured.spans[0]?.traceId);
  });

  test("outside any kept trace are discarded", async () => {
    const { traces } = await captureTraces(() =>
      withSpan(() => discardTraces(() => withSpan(() => 1, { name: "judge" })), { name: "app" }),
    );
    expect(traces.flatMap((one) => one.spans.map((span) => span.name))).toEqual(["app"]);
  });
});

describe("errors", () => {
  test("are recorded with type and message, and thrown on", async () => {
    const mistake = new TypeError("wrong thing");
    const failing = trace(
      async () => {
        throw mistake;
      },
      { name: "failing" },
    );
    const { traces, outcome } = await captureTraces(() => withSpan(failing, { name: "root" }));
    expect(outcome).toMatchObject({ status: "rejected", reason: mistake });
    const [captured] = traces;
    expect(captured?.info.state).toBe("ERROR");
    for (const span of captured?.spans ?? []) {
      expect(span).toMatchObject({ status: "ERROR", statusMessage: "wrong thing" });
      expect(span.attributes["error.type"]).toBe("TypeError");
      expect(span.events[0]).toMatchObject({
        name: "exception",
        attributes: { "exception.type": "TypeError", "exception.message": "wrong thing" },
      });
    }
  });

  test("that are no Error are recorded too", async () => {
    const { traces, outcome } = await captureTraces(() =>
      withSpan(
        () => {
          throw "text";
        },
        { name: "s" },
      ),
    );
    expect(outcome).toMatchObject({ reason: "text" });
    expect(traces[0]?.spans[0]).toMatchObject({ status: "ERROR", statusMessage: "text" });
  });

  test("inside a span that was caught leave the trace OK", async () => {
    const captured = await captureTrace(() =>
      withSpan(
        () =>
          withSpan(() => Promise.reject(new Error("no")), { name: "try" }).catch(() => "fallback"),
        { name: "root" },
      ),
    );
    expect(captured.info.state).toBe("OK");
    expect(spanNamed(captured, "try").status).toBe("ERROR");
  });
});

describe("late spans", () => {
  test("follow their trace when they end after it", async () => {
    const { traces } = await captureTraces(async () => {
      let late: LiveSpan | undefined;
      await withSpan(
        () => {
          late = startSpan({ name: "late" });
        },
        { name: "root" },
      );
      late?.setOutputs("done");
      late?.end();
    });
    expect(traces.map((one) => one.spans.map((span) => span.name))).toEqual([["root"], ["late"]]);
    const [first, second] = traces;
    expect(second?.info.traceId).toBe(first?.info.traceId);
    expect(second?.info.name).toBe("root");
    expect(second?.spans[0]).toMatchObject({
      parentSpanId: first?.spans[0]?.spanId,
      outputs: "done",
    });
  });

  test("that even begin after it follow as well", async () => {
    const { traces } = await captureTraces(async () => {
      const inside = await withSpan(() => context.active(), { name: "root" });
      context.with(inside, () => startSpan({ name: "afterthought" }).end());
    });
    expect(traces).toHaveLength(2);
    expect(traces[1]?.info.traceId).toBe(traces[0]?.info.traceId);
    expect(traces[1]?.spans[0]?.parentSpanId).toBe(traces[0]?.spans[0]?.spanId);
  });
});

describe("tracing never harms its host", () => {
  test("when the destination fails, the program goes on and the logger hears once", async () => {
    const warnings: string[] = [];
    setTracingLogger({ warn: (message) => warnings.push(message) });
    for (const receive of [
      () => Promise.reject(new Error("store down")),
      () => {
        throw new Error("store gone");
      },
      () => Promise.reject(new Error("store gone")),
    ]) {
      const value = await withDestination({ experimentId: "1", receive }, () =>
        withSpan(async () => 42, { name: "s" }),
      );
      expect(value).toBe(42);
      await flushTraces();
    }
    // The same is told once in a while, however many traces it is about.
    expect(warnings).toEqual([
      "A trace was not stored: Error: store down. It is lost",
      "A trace was not stored: Error: store gone. It is lost",
    ]);
    setTracingLogger({ warn: () => undefined });
  });

  test("when inputs or outputs cannot be recorded", async () => {
    const hostile = {
      get trap(): never {
        throw new RangeError("no");
      },
    };
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    const captured = await captureTrace(() =>
      withSpan(() => cycle, { name: "s", inputs: hostile }),
    );
    expect(captured.spans[0]).toMatchObject({
      inputs: "[not recordable: RangeError]",
      outputs: { self: "[circular]" },
    });
  });
});

test("who waits for a trace is told that it will not come", async () => {
  let told = 0;
  const lost = () => {
    told += 1;
  };
  const receive = () => Promise.reject(new Error("away"));
  await withDestination({ experimentId: "1", receive, lost }, () =>
    withSpan(() => 1, { name: "s" }),
  );
  await flushTraces();
  expect(told).toBe(1);

  const open = withDestination({ experimentId: "1", receive, lost }, () =>
    startSpan({ name: "never ends" }),
  );
  // More than may be open: the one that began first is given up.
  const others = discardTraces(() =>
    Array.from({ length: 10_000 }, () => startSpan({ name: "open" })),
  );
  await flushTraces();
  expect(told).toBe(2);
  for (const span of [open, ...others]) span.end();
  await flushTraces();
});

test("a flush waits for what has been handed over", async () => {
  const gate = Promise.withResolvers<void>();
  let isStored = false;
  const receive = async () => {
    await gate.promise;
    isStored = true;
  };
  await withDestination({ experimentId: "1", receive }, () => withSpan(() => 1, { name: "s" }));
  const flushed = flushTraces();
  expect(isStored).toBe(false);
  gate.resolve();
  await flushed;
  expect(isStored).toBe(true);
});

test("a flush in the middle takes nothing from a destination that wants whole traces", async () => {
  const captured = await captureTrace(() =>
    withSpan(
      async () => {
        await withSpan(() => 1, { name: "early" });
        await flushTraces();
      },
      { name: "root" },
    ),
  );
  expect(treeOf(captured)).toEqual([{ "root UNKNOWN": [{ "early UNKNOWN": [] }] }]);
});

test("previews are cut to a thousand characters", async () => {
  const captured = await captureTrace(() => withSpan(() => "x".repeat(2000), { name: "s" }));
  expect(captured.info.responsePreview).toHaveLength(1000);
  expect(captured.info.responsePreview?.endsWith("...")).toBe(true);
  expect(captured.spans[0]?.outputs).toHaveLength(2000);
});

test("times are nanoseconds around the work", async () => {
  const before = BigInt(Date.now() - 1000) * 1_000_000n;
  const captured = await captureTrace(() => withSpan(nextTurn, { name: "s" }));
  const after = BigInt(Date.now() + 1000) * 1_000_000n;
  const [span] = captured.spans;
  if (span === undefined) throw new Error("no span");
  expect(span.startNs > before && span.endNs < after && span.endNs >= span.startNs).toBe(true);
  expect(captured.info.startTime).toBe(Number(span.startNs / 1_000_000n));
  expect(captured.info.durationMs).toBeCloseTo(Number(span.endNs - span.startNs) / 1e6, 6);
});
