import { describe, expect, test } from "vitest";
import type { Span } from "../../src/core/index.ts";
import {
  readOtlpJson,
  retrievedDocuments,
  usageOfTrace,
  writeOtlpJson,
} from "../../src/otlp/index.ts";
import { hasRecordedExchanges, readShared, recordedExchangesTitle } from "../support/shared.ts";

const FOLDER = "fixtures/peer-otlp-exports";

const read = (name: string) =>
  readOtlpJson(JSON.parse(readShared(`${FOLDER}/${name}.otlp.json`))).spans;

/** The spans of one scenario of an export. */
function scenario(spans: readonly Span[], name: string): readonly Span[] {
  const root = spans.find((span) => span.name === `scenario ${name}`);
  return spans.filter(({ traceId }) => traceId === root?.traceId);
}

const models = (spans: readonly Span[]) =>
  spans.filter(({ type }) => type === "CHAT_MODEL" || type === "EMBEDDING");

describe.skipIf(!hasRecordedExchanges)("exports of other tracing packages", () => {
  // What was recorded: 1,220 input tokens, of which 1,152 were cached, and 100 output tokens.
  test.each([
    ["langfuse-openai", "chat cache-read"],
    ["traceloop-openai", "chat cache-read"],
  ])("%s: tokens are those of the recording, cached ones among them", (file, name) => {
    const spans = scenario(read(file), name);
    expect(usageOfTrace(spans)).toEqual({ inputTokens: 1220, outputTokens: 100 });
    const [call] = models(spans);
    expect(call?.type).toBe("CHAT_MODEL");
    expect(call?.inputs).toBeDefined();
    expect(JSON.stringify(call?.outputs)).toContain("database schema");
  });

  test("openinference-langchain: tree, messages, tools and documents", () => {
    const spans = read("openinference-langchain");
    const loop = scenario(spans, "createAgent tool loop");
    const types = Object.fromEntries(loop.map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({ ChatOpenAI: "CHAT_MODEL", scrape_website: "TOOL" });
    const [first] = models(loop);
    expect(first?.outputs).toEqual([
      {
        role: "assistant",
        parts: [
          {
            type: "tool_call",
            name: "scrape_website",
            arguments: { url: "http://quotes.toscrape.com/" },
          },
        ],
      },
    ]);
    expect(first?.attributes["gen_ai.usage.input_tokens"]).toBe(140);
    expect(first?.attributes["gen_ai.response.finish_reasons"]).toEqual(["tool_calls"]);
    expect(
      Object.keys(first?.attributes ?? {}).filter((name) => /messages\.\d/.test(name)),
    ).toEqual([]);
    const found = retrievedDocuments(spans) ?? [];
    expect(found.map(({ content }) => content)).toContain("Paris is the capital of France.");
    expect(found[0]).toMatchObject({ metadata: { source: "geo.md" }, score: 0.91 });
  });

  test("vercel-ai: the calls are model calls, what is around them is not", () => {
    const spans = scenario(read("vercel-ai-v7-legacy"), "generateText tool loop");
    expect(spans.map(({ name, type }) => `${name} ${type}`).sort()).toEqual([
      "ai.generateText CHAIN",
      "ai.generateText.doGenerate CHAT_MODEL",
      "ai.generateText.doGenerate CHAT_MODEL",
      "ai.toolCall TOOL",
      "scenario generateText tool loop UNKNOWN",
    ]);
    const calls = models(spans);
    const input = calls.map(({ attributes }) => attributes["gen_ai.usage.input_tokens"] as number);
    expect(usageOfTrace(spans).inputTokens).toBe(input.reduce((sum, count) => sum + count, 0));
    const tool = spans.find(({ type }) => type === "TOOL");
    expect([tool?.inputs, tool?.outputs]).toEqual([{ url: "http://quotes.toscrape.com/" }, "ok"]);
    expect(calls[0]?.attributes["gen_ai.provider.name"]).toBe("openai");
  });

  test("anthropic-sdk-native: messages, and finish reasons from its own name for them", () => {
    const spans = read("anthropic-sdk-native-content");
    const calls = models(spans);
    expect(calls).toHaveLength(6);
    expect(calls[0]).toMatchObject({
      inputs: [{ role: "user", parts: [{ type: "text", content: "Hello!" }] }],
      attributes: {
        "gen_ai.response.finish_reasons": ["end_turn"],
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.usage.cache_read.input_tokens": 2,
        "gen_ai.usage.cache_write.input_tokens": 1,
      },
    });
    expect(calls.filter(({ status }) => status === "ERROR")).toHaveLength(1);
  });

  test.each([
    "anthropic-sdk-native-content",
    "langfuse-openai",
    "openinference-langchain",
    "traceloop-openai",
    "vercel-ai-v7-legacy",
  ])("%s: what is written is what was read", (name) => {
    const spans = read(name);
    expect(spans.length).toBeGreaterThan(10);
    expect(readOtlpJson(JSON.parse(JSON.stringify(writeOtlpJson(spans))))).toEqual({
      spans: bySpan(spans),
      rejected: 0,
    });
  });

  test("the example of opentelemetry-proto is a span", () => {
    const text = readShared("fixtures/otlp-samples/opentelemetry-proto.trace.json");
    const { spans, rejected } = readOtlpJson(JSON.parse(text));
    expect(rejected).toBe(0);
    expect(spans[0]).toMatchObject({
      name: "I'm a server span",
      attributes: { "my.span.attr": "some value", "service.name": "my.service" },
    });
    expect(spans[0]?.traceId).toBe("5b8efff798038103d269b633813fc60c");
  });
});

test.skipIf(hasRecordedExchanges)(recordedExchangesTitle("peer exports"), () => undefined);

/** As they come back: grouped by service and scope. */
function bySpan(spans: readonly Span[]): readonly Span[] {
  const scopeOf = ({ attributes }: Span) =>
    JSON.stringify([
      attributes["service.name"],
      attributes["otel.scope.name"],
      attributes["otel.scope.version"],
    ]);
  const service = (span: Span): Span => ({
    ...span,
    attributes: { "service.name": "assay", ...span.attributes },
  });
  return [...Map.groupBy(spans, scopeOf).values()].flat().map(service);
}
