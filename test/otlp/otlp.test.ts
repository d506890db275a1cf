import { describe, expect, test } from "vitest";
import {
  type JsonObject,
  type JsonValue,
  type Span,
  type SpanType,
  toDocuments,
} from "../../src/core/index.ts";
import {
  readAttributes,
  retrievedDocuments,
  typeOfOperation,
  usageOfTrace,
} from "../../src/otlp/index.ts";

function span(
  spanId: string,
  type: SpanType,
  parentSpanId?: string,
  more: { outputs?: JsonValue; attributes?: JsonObject } = {},
): Span {
  return {
    traceId: "a".repeat(32),
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: spanId,
    type,
    startNs: 0n,
    endNs: 1n,
    status: "UNSET",
    attributes: {},
    events: [],
    ...more,
  };
}

describe("reading attributes", () => {
  test("our own say type, inputs and outputs, and are taken out", () => {
    expect(
      readAttributes({
        "assay.span.type": "TOOL",
        "assay.input": '{"q":1}',
        "assay.output": '"text"',
        other: true,
      }),
    ).toEqual({ type: "TOOL", inputs: { q: 1 }, outputs: "text", attributes: { other: true } });
  });

  test("the GenAI messages are read where ours are absent, and then taken out", () => {
    const recorded = {
      "gen_ai.operation.name": "chat",
      "gen_ai.input.messages": '[{"role":"user"}]',
      "gen_ai.output.messages": '[{"role":"assistant"}]',
    };
    expect(readAttributes(recorded)).toEqual({
      type: "CHAT_MODEL",
      inputs: [{ role: "user" }],
      outputs: [{ role: "assistant" }],
      attributes: { "gen_ai.operation.name": "chat" },
    });
    expect(Object.keys(recorded)).toHaveLength(3);
  });

  test("GenAI messages that were not used stay", () => {
    const recorded = { "gen_ai.input.messages": "[]", "gen_ai.output.messages": "[1]" };
    expect(readAttributes({ "assay.input": "1", ...recorded })).toEqual({
      type: "UNKNOWN",
      inputs: 1,
      outputs: [1],
      attributes: { "gen_ai.input.messages": "[]" },
    });
  });

  test("text that is no JSON is text; null is a value; a strange type is unknown", () => {
    expect(readAttributes({ "assay.input": "not {json", "assay.output": "null" })).toEqual({
      type: "UNKNOWN",
      inputs: "not {json",
      outputs: null,
      attributes: {},
    });
    expect(readAttributes({ "assay.span.type": "NONSENSE" }).type).toBe("UNKNOWN");
    expect(readAttributes({})).toEqual({ type: "UNKNOWN", attributes: {} });
  });

  test("operations have types, also names every object has are no operations", () => {
    expect(typeOfOperation("embeddings")).toBe("EMBEDDING");
    expect(typeOfOperation("execute_tool")).toBe("TOOL");
    expect(typeOfOperation("constructor")).toBeUndefined();
    expect(typeOfOperation(7)).toBeUndefined();
  });
});

describe("documents", () => {
  test("come in the shapes that libraries give them", () => {
    expect(
      toDocuments([
        "plain",
        { pageContent: "langchain", metadata: { source: "a.md" }, id: "1" },
        { page_content: "mlflow", metadata: { doc_uri: "b.md" } },
        { document: { content: "openinference", id: "c", score: 0.5 } },
        { text: "text", metadata: { id: 7, score: 0.25 } },
      ]),
    ).toEqual([
      { content: "plain" },
      { id: "1", content: "langchain", metadata: { source: "a.md" } },
      { id: "b.md", content: "mlflow", metadata: { doc_uri: "b.md" } },
      { id: "c", content: "openinference", score: 0.5 },
      { id: "7", content: "text", metadata: { id: 7, score: 0.25 }, score: 0.25 },
    ]);
  });

  test("are none where there are none", () => {
    expect(toDocuments(undefined)).toEqual([]);
    expect(toDocuments(null)).toEqual([]);
    expect(toDocuments([1, { title: "no content" }, null])).toEqual([]);
    expect(toDocuments("one text")).toEqual([{ content: "one text" }]);
  });

  test("of a trace are those of its outermost retrievers, in order", () => {
    const spans = [
      span("root", "CHAIN"),
      span("ensemble", "RETRIEVER", "root", { outputs: ["reranked"] }),
      span("between", "CHAIN", "ensemble"),
      span("inner", "RETRIEVER", "between", { outputs: ["raw"] }),
      span("second", "RETRIEVER", "root", { outputs: ["more"] }),
    ];
    expect(retrievedDocuments(spans)).toEqual([{ content: "reranked" }, { content: "more" }]);
    expect(retrievedDocuments([span("root", "CHAIN")])).toBeUndefined();
    expect(retrievedDocuments([span("failed", "RETRIEVER")])).toEqual([]);
  });
});

describe("usage of a trace", () => {
  const tokens = (input: number, output?: number) => ({
    attributes: {
      "gen_ai.usage.input_tokens": input,
      ...(output !== undefined && { "gen_ai.usage.output_tokens": output }),
    },
  });

  test("is the sum over its model calls; what nobody reported is absent", () => {
    const spans = [
      span("root", "CHAIN"),
      span("a", "CHAT_MODEL", "root", tokens(1, 2)),
      span("b", "EMBEDDING", "root", tokens(10)),
      span("c", "LLM", "root"),
    ];
    expect(usageOfTrace(spans)).toEqual({ inputTokens: 11, outputTokens: 2 });
    expect(usageOfTrace([span("root", "CHAIN")])).toEqual({});
  });

  test("counts nothing twice: neither agents' sums nor an SDK's span inside a framework's", () => {
    const spans = [
      span("agent", "AGENT", undefined, tokens(5, 5)),
      span("framework", "CHAT_MODEL", "agent", tokens(5, 5)),
      span("http", "UNKNOWN", "framework"),
      span("sdk", "CHAT_MODEL", "http", tokens(5, 5)),
    ];
    expect(usageOfTrace(spans)).toEqual({ inputTokens: 5, outputTokens: 5 });
  });

  test("is that of the inner call when the outer one says nothing", () => {
    const spans = [span("outer", "CHAT_MODEL"), span("inner", "LLM", "outer", tokens(3))];
    expect(usageOfTrace(spans)).toEqual({ inputTokens: 3 });
  });

  test("ends on spans that name each other as parents", () => {
    const spans = [
      span("a", "CHAT_MODEL", "b", tokens(1)),
      span("b", "CHAIN", "a"),
      span("c", "RETRIEVER", "d", { outputs: ["x"] }),
      span("d", "CHAIN", "c"),
    ];
    expect(usageOfTrace(spans)).toEqual({ inputTokens: 1 });
    expect(retrievedDocuments(spans)).toEqual([{ content: "x" }]);
  });
});
