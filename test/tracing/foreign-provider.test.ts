import { RunnableLambda } from "@langchain/core/runnables";
import { trace } from "@opentelemetry/api";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Trace } from "../../src/core/index.ts";
import { resolveModel } from "../../src/models/index.ts";
import {
  discardTraces,
  flushTraces,
  setDefaultDestination,
  withSpan,
} from "../../src/tracing/index.ts";
import { langchainTracer } from "../../src/tracing/langchain/index.ts";
import { captureTrace, captureTraces, treeOf } from "./captured-traces.ts";

const exporter = new InMemorySpanExporter();

beforeAll(() => {
  // Before Assay's first span, as a program does that has telemetry of its own.
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
});
afterEach(() => exporter.reset());
afterAll(() => trace.disable());

const exported = () => exporter.getFinishedSpans().map((span) => span.name);

async function ask(): Promise<string> {
  const model = await resolveModel("offline:/reader", { env: {} });
  return (await model.generate({ messages: [{ role: "user", content: "Which port?" }] })).text;
}

describe("where the program has registered a provider of its own, a model call", () => {
  test("inside a span of Assay is part of Assay's trace", async () => {
    const captured = await captureTrace(() => withSpan(ask, { name: "app" }));
    expect(treeOf(captured)).toEqual([{ "app UNKNOWN": [{ "chat reader CHAT_MODEL": [] }] }]);
    expect(exported()).toEqual([]);
  });

  test("inside a run of LangChain is part of Assay's trace", async () => {
    const lambda = RunnableLambda.from(ask);
    const captured = await captureTrace(() =>
      lambda.invoke("x", { callbacks: [langchainTracer()] }),
    );
    expect(treeOf(captured)).toEqual([
      { "RunnableLambda CHAIN": [{ "chat reader CHAT_MODEL": [] }] },
    ]);
    expect(exported()).toEqual([]);
  });

  test("outside of Assay's spans is the program's, and Assay hears of it", async () => {
    const { traces } = await captureTraces(async () => {
      await ask();
      await withSpan(() => discardTraces(ask), { name: "app" });
    });
    expect(traces).toHaveLength(2);
    expect(traces.map(treeOf)).toEqual(
      expect.arrayContaining([[{ "chat reader CHAT_MODEL": [] }], [{ "app UNKNOWN": [] }]]),
    );
    expect(exported()).toEqual(["chat reader", "chat reader"]);
  });
});

test("spans outside of an evaluation go to the program's exporters and to Assay's current store", async () => {
  const received: Trace[] = [];
  const receive = async (one: Trace) => void received.push(one);
  setDefaultDestination(() => ({ destination: Promise.resolve({ experimentId: "1", receive }) }));
  const tracer = trace.getTracer("app");
  await tracer.startActiveSpan("request", async (request) => {
    await withSpan(async () => tracer.startSpan("query").end(), { name: "answer" });
    request.end();
  });
  await flushTraces();
  setDefaultDestination(() => ({ destination: Promise.resolve(undefined) }));
  expect(exported()).toEqual(["query", "answer", "request"]);
  expect(received.map(treeOf)).toEqual([
    [{ "request UNKNOWN": [{ "answer UNKNOWN": [{ "query UNKNOWN": [] }] }] }],
  ]);
});
