import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AssayError } from "../../src/core/index.ts";
import { resolveModel } from "../../src/models/index.ts";
import { withChatSpan } from "../../src/models/with-chat-span.ts";
import { startProviderServer } from "../support/provider-server.ts";

const exporter = new InMemorySpanExporter();
const identity = { provider: "openai", model: "gpt-x" };
const messages = [
  { role: "system", content: "Grade." },
  { role: "user", content: "This." },
] as const;

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
});
afterEach(() => exporter.reset());
afterAll(() => {
  trace.disable();
  context.disable();
});

const onlySpan = () => {
  const spans = exporter.getFinishedSpans();
  expect(spans).toHaveLength(1);
  return spans[0] as (typeof spans)[number];
};

test("a call is one client span with the names of the GenAI conventions", async () => {
  const parameters = { temperature: 0, topP: 0.9, maxTokens: 50, seed: 1, stop: ["#"] };
  await withChatSpan(identity, { messages, parameters }, async () => ({
    text: "Fine.",
    model: "gpt-x-2026",
    finishReason: "stop",
    usage: { inputTokens: 7, outputTokens: 2 },
  }));
  const span = onlySpan();
  expect([span.name, span.kind, span.status.code]).toEqual([
    "chat gpt-x",
    SpanKind.CLIENT,
    SpanStatusCode.UNSET,
  ]);
  expect(span.attributes).toEqual({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-x",
    "gen_ai.request.temperature": 0,
    "gen_ai.request.top_p": 0.9,
    "gen_ai.request.max_tokens": 50,
    "gen_ai.request.seed": 1,
    "gen_ai.request.stop_sequences": ["#"],
    "gen_ai.response.model": "gpt-x-2026",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.usage.input_tokens": 7,
    "gen_ai.usage.output_tokens": 2,
    "gen_ai.input.messages": JSON.stringify([
      { role: "system", parts: [{ type: "text", content: "Grade." }] },
      { role: "user", parts: [{ type: "text", content: "This." }] },
    ]),
    "gen_ai.output.messages": JSON.stringify([
      { role: "assistant", parts: [{ type: "text", content: "Fine." }], finish_reason: "stop" },
    ]),
  });
});

test("a failed call is a span with error status and type", async () => {
  const failing = withChatSpan(identity, { messages }, async () => {
    throw new AssayError("unavailable", "openai kept answering HTTP 503.");
  });
  await expect(failing).rejects.toThrow("503");
  const span = onlySpan();
  expect(span.status.code).toBe(SpanStatusCode.ERROR);
  expect(span.attributes).toMatchObject({ "error.type": "unavailable" });
  expect(span.attributes).not.toHaveProperty("gen_ai.output.messages");
});

test.each(["openai:/m", "anthropic:/m"])(
  "%s: one span per call, retries and downgrades included",
  async (uri) => {
    const server = await startProviderServer({
      reply: ({ index }) => {
        if (index === 0) return { status: 503, headers: { "retry-after-ms": "1" } };
        if (index === 1) return { error: { message: "temperature is not supported" } };
        return { text: "ok", usage: { inputTokens: 5, outputTokens: 1 } };
      },
    });
    try {
      const model = await resolveModel(uri, { env: server.env, maxRetries: 1 });
      const parent = trace.getTracer("test").startSpan("row");
      await context.with(trace.setSpan(context.active(), parent), () =>
        model.generate({ messages, parameters: { temperature: 0 } }),
      );
      expect(server.requests).toHaveLength(3);
      expect(onlySpan().parentSpanContext?.spanId).toBe(parent.spanContext().spanId);
    } finally {
      await server.close();
    }
  },
);

test("an offline model leaves usage out of its span", async () => {
  const model = await resolveModel("offline:/reader", { env: {} });
  await model.generate({ messages: [{ role: "user", content: "Which port?" }] });
  const { attributes } = onlySpan();
  expect(attributes).toMatchObject({
    "gen_ai.provider.name": "offline",
    "gen_ai.request.model": "reader",
  });
  expect(attributes).not.toHaveProperty("gen_ai.usage.input_tokens");
});
