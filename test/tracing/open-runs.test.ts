import { FakeListChatModel } from "@langchain/core/utils/testing";
import { context } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/core/index.ts";
import { langchainTracer } from "../../src/tracing/langchain/index.ts";
import { OpenRuns, openRuns } from "../../src/tracing/langchain/open-runs.ts";
import { getTracer } from "../../src/tracing/provider.ts";
import { captureTraces } from "./captured-traces.ts";
import { answerChain } from "./langchain-chain.ts";

const HOUR_MS = 3_600_000;
let now = 0;

beforeEach(() => {
  now = 0;
});
afterEach(() => vi.restoreAllMocks());

function newRuns() {
  const runs = new OpenRuns({ monotonic: () => now });
  const begin = (runId: string, parentRunId?: string) =>
    runs.add({ runId, parentRunId, context: context.active() });
  const isOpen = (runId: string) => runs.get(runId) !== undefined;
  return { runs, begin, isOpen };
}

describe("open runs", () => {
  test("are given up when nothing has begun in them for more than an hour", () => {
    const { begin, isOpen } = newRuns();
    begin("a");
    now = HOUR_MS;
    begin("b");
    expect(isOpen("a")).toBe(true);
    now += 1;
    begin("c");
    expect(["a", "b", "c"].map(isOpen)).toEqual([false, true, true]);
  });

  test("stay while runs begin inside them", () => {
    const { begin, isOpen } = newRuns();
    begin("agent");
    begin("broken off", "agent");
    begin("step", "agent");
    for (let hours = 1; hours < 5; hours++) {
      now = hours * (HOUR_MS - 1);
      begin(`call ${hours}`, "step");
    }
    expect(["agent", "broken off", "step", "call 1", "call 4"].map(isOpen)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
  });

  test("are at most 10,000; those in which nothing has begun for longest go first", () => {
    const { runs, begin, isOpen } = newRuns();
    begin("first");
    for (let n = 1; n < 10_000; n++) begin(String(n));
    begin("inside first", "first");
    begin("another");
    expect(runs.size).toBe(10_000);
    expect(["1", "2", "3", "first", "another"].map(isOpen)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  test("are taken once", () => {
    const { runs, begin } = newRuns();
    begin("a");
    expect(runs.take("a")?.runId).toBe("a");
    expect(runs.take("a")).toBeUndefined();
    expect(runs.get(undefined)).toBeUndefined();
  });
});

test("streams that their consumer breaks off are delivered, marked, and forgotten", async () => {
  vi.spyOn(systemClock, "monotonic").mockImplementation(() => now);
  const begun = vi.spyOn(getTracer(), "startSpan");
  const options = { callbacks: [langchainTracer()] };
  const before = openRuns.size;
  const { traces } = await captureTraces(async () => {
    const model = new FakeListChatModel({ responses: ["abc"] });
    for (const runnable of [model, answerChain(model)]) {
      for await (const _chunk of await runnable.stream("q", options)) break;
    }
    const others = begun.mock.calls.length;
    expect(openRuns.size).toBeGreaterThan(before);
    now = HOUR_MS + 1;
    await model.invoke("q", options);
    expect(begun.mock.calls.length).toBe(others + 1);
  });
  expect(openRuns.size).toBe(before);
  const spans = traces.flatMap((trace) => trace.spans);
  expect(spans).toHaveLength(begun.mock.calls.length);
  const abandoned = spans.filter((span) => span.attributes["assay.abandoned"] === true);
  expect(abandoned.map((span) => span.name)).toContain("FakeListChatModel");
  const finished = traces.find(({ spans: [root] }) => root?.outputs !== undefined);
  expect(finished?.spans[0]?.attributes).not.toHaveProperty("assay.abandoned");
});
