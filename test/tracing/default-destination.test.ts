import { afterEach, beforeEach, expect, test } from "vitest";
import type { NewAssessment, Trace } from "../../src/core/index.ts";
import {
  flushTraces,
  setDefaultDestination,
  setTracingContextFromHttpRequestHeaders,
  setTracingLogger,
  startSpan,
  updateCurrentTrace,
} from "../../src/tracing/index.ts";

/** A destination like that of the tracking store: nobody waits for it, and what fails is kept. */
let received: Trace[] = [];
let kept: { trace?: Trace; assessment?: NewAssessment }[] = [];
let isAway = false;

beforeEach(() => {
  received = [];
  kept = [];
  isAway = false;
  const receive = async (trace: Trace) => {
    if (isAway) throw new Error("away");
    received.push(trace);
  };
  const keeper = {
    keep: (trace: Trace) => kept.push({ trace }) > 0,
    keepAssessment: (assessment: NewAssessment) => kept.push({ assessment }) > 0,
    noteDropped: () => undefined,
  };
  setDefaultDestination(() => ({
    destination: Promise.resolve({ experimentId: "1", receive }),
    keeper,
  }));
});
afterEach(() => setDefaultDestination(() => ({ destination: Promise.resolve(undefined) })));

const headers = { traceparent: `00-${"5".repeat(32)}-${"6".repeat(16)}-01` };

test("two requests of one caller, one right after the other, are two parts of its trace", async () => {
  setTracingContextFromHttpRequestHeaders(headers, () => {
    startSpan({ name: "first" }).end();
    const second = startSpan({ name: "second" });
    second.run(() => startSpan({ name: "inside" }).end());
    second.end();
  });
  expect(received).toEqual([]);
  await flushTraces();
  expect(received.map(({ info, spans }) => [info.name, spans.length])).toEqual([
    ["first", 1],
    ["second", 2],
  ]);
});

test("spans that end one after the other after their trace has ended follow it", async () => {
  const root = startSpan({ name: "root" });
  const late = root.run(() => [startSpan({ name: "late 1" }), startSpan({ name: "late 2" })]);
  root.run(() => updateCurrentTrace({ tags: { a: "1" } }));
  root.end();
  for (const span of late) span.end();
  await flushTraces();
  const parts = received.map(({ info, spans }) => [info.name, spans.map(({ name }) => name)]);
  expect(parts).toEqual([["root", ["root", "late 1", "late 2"]]]);
  expect(received[0]?.info.tags).toEqual({ a: "1" });
});

test("many that end in one turn of the event loop are all handed over, and kept while the store is away", async () => {
  isAway = true;
  const warnings: string[] = [];
  setTracingLogger({ warn: (message) => void warnings.push(message) });
  for (let n = 0; n < 1000; n++) startSpan({ name: `t ${n}` }).end();
  await flushTraces();
  expect(received).toEqual([]);
  expect(kept.map(({ trace }) => trace?.info.name)).toEqual(
    Array.from({ length: 1000 }, (_, n) => `t ${n}`),
  );
  expect(warnings).toEqual([
    "A trace was not stored: Error: away. It waits on disk for the next start",
  ]);
});
