import { afterEach, describe, expect, test } from "vitest";
import type { Trace } from "../../src/core/index.ts";
import { isContentAttribute } from "../../src/otlp/index.ts";
import {
  configureTracing,
  flushTraces,
  setDefaultDestination,
  withSpan,
} from "../../src/tracing/index.ts";
import { createSampler } from "../../src/tracing/sampling.ts";
import { shortened } from "../../src/tracing/shorten.ts";
import { captureTrace } from "./captured-traces.ts";

afterEach(() => {
  configureTracing({ content: true, maxTextLength: 1_000_000, sampling: {} });
  setDefaultDestination(() => ({ destination: Promise.resolve(undefined) }));
});

test("one switch leaves out what was said and keeps how it went", async () => {
  configureTracing({ content: false });
  const captured = await captureTrace(() =>
    withSpan(
      async (span) => {
        span.setAttributes({
          "gen_ai.request.model": "m",
          "gen_ai.usage.input_tokens": 3,
          "gen_ai.input.messages": '[{"role":"user"}]',
          "llm.input_messages.0.message.content": "secret plan",
          "input.value": "secret plan",
        });
        span.addEvent("gen_ai.choice", { "gen_ai.completion": "secret plan", index: 0 });
        return "secret plan";
      },
      { name: "s", inputs: "secret plan" },
    ),
  );
  const [span] = captured.spans;
  expect(span).not.toHaveProperty("inputs");
  expect(span).not.toHaveProperty("outputs");
  expect(span?.attributes).toEqual({ "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 3 });
  expect(span?.events[0]?.attributes).toEqual({ index: 0 });
  expect(captured.info).not.toHaveProperty("requestPreview");
});

test("attributes with content are told from others in every vocabulary", () => {
  const content = [
    "gen_ai.system_instructions",
    "gen_ai.tool.call.arguments",
    "gen_ai.prompt.0.content",
    "gen_ai.prompt.variable.name",
    "gen_ai.completion.1.content",
    "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments",
    "retrieval.documents.3.document.content",
    "mlflow.spanInputs",
    "traceloop.entity.output",
    "ai.prompt.messages",
    "ai.response.toolCalls",
    "ai.toolCall.args",
    "langfuse.observation.input",
  ];
  const others = [
    "gen_ai.prompt.name",
    "gen_ai.prompt.version",
    "gen_ai.request.model",
    "llm.model_name",
    "llm.token_count.prompt",
    "mlflow.spanType",
    "ai.model.id",
    "ai.response.finishReason",
    "langfuse.observation.type",
    "session.id",
  ];
  expect(content.filter((name) => !isContentAttribute(name))).toEqual([]);
  expect(others.filter(isContentAttribute)).toEqual([]);
});

describe("values that are too long", () => {
  test("are cut inside the JSON, which stays JSON", async () => {
    configureTracing({ maxTextLength: 200 });
    const inputs = { messages: [{ role: "user", content: "x".repeat(500) }], n: 1 };
    const captured = await captureTrace(() => withSpan(() => "short", { name: "s", inputs }));
    expect(captured.spans[0]?.inputs).toEqual({
      messages: [{ role: "user", content: `${"x".repeat(200)}… [300 more characters]` }],
      n: 1,
    });
    expect(captured.spans[0]?.outputs).toBe("short");
  });

  test("are media by reference: type, hash and size", () => {
    const bytes = Buffer.alloc(3000, 7);
    // hashlib.sha256(b"\x07" * 3000) of Python.
    const hash = "48c187767dddb44e5b7af78dabdec2b14f0f983e86e1fe695c65bc6a2a3cb42f";
    const base64 = bytes.toString("base64");
    const given = { url: `data:image/png;base64,${base64}`, data: base64, text: "a b" };
    const found = shortened(given, 1_000_000) as typeof given;
    expect(found.url).toMatch(/^data:image\/png;sha256=[0-9a-f]{64};bytes=3000$/);
    expect(found.data).toBe(found.url.replace("image/png", ""));
    expect(found.url).toContain(hash);
    expect(found.text).toBe("a b");
  });

  test("are looked for in time that grows with the text, whatever it is made of", () => {
    const text = `${"data:;a=".repeat(200_000)} ${"data:image/png;".repeat(100_000)}${"a".repeat(2_000)}`;
    expect(shortened({ text }, 10_000_000)).toEqual({ text });
  });
});

describe("sampling", () => {
  const root = (traceId: string, name = "chat") => ({ traceId, name });
  // The last 13 hex digits are the chance: 0x8000000000000 / 2^52 = 0.5.
  const [low, half, high] = ["0", "8", "f"].map((digit) =>
    root(`${"0".repeat(19)}${digit}${"0".repeat(12)}`),
  );

  test("keeps a share by the trace's id, of some names another, and failures on request", () => {
    const all = [low, half, high].flatMap((one) => one ?? []);
    const kept = (sampler: ReturnType<typeof createSampler>, spans = all) =>
      spans.map((span) => sampler(span, () => false));
    expect(kept(createSampler({}))).toEqual([true, true, true]);
    expect(kept(createSampler({ ratio: 0 }))).toEqual([false, false, false]);
    expect(kept(createSampler({ ratio: 0.5 }))).toEqual([true, false, false]);
    expect(kept(createSampler({ ratio: 0.51 }))).toEqual([true, true, false]);
    const rules = [
      { name: "health*", ratio: 0 },
      { name: "chat", ratio: 1 },
    ];
    const byName = createSampler({ ratio: 0, rules });
    expect(kept(byName)).toEqual([true, true, true]);
    expect(byName(root("f".repeat(32), "healthz"), () => false)).toBe(false);
    expect(createSampler({ ratio: 0, keepErrors: true })(root("f".repeat(32)), () => true)).toBe(
      true,
    );
    expect(() => createSampler({ ratio: 2 })).toThrow("between 0 and 1");
  });

  test("is for the traces of the program, never for those of an evaluation", async () => {
    configureTracing({ sampling: { ratio: 0, keepErrors: true } });
    const received: Trace[] = [];
    const receive = async (one: Trace) => void received.push(one);
    setDefaultDestination(() => ({ destination: Promise.resolve({ experimentId: "1", receive }) }));
    await withSpan(() => 1, { name: "dropped" });
    const fail = () => Promise.reject(new Error("no"));
    await withSpan(() => withSpan(fail, { name: "inner" }).catch(() => 0), {
      name: "failed within",
    });
    await flushTraces();
    expect(received.map((one) => one.info.name)).toEqual(["failed within"]);
    expect((await captureTrace(() => withSpan(() => 1, { name: "evaluated" }))).spans).toHaveLength(
      1,
    );
  });
});
