import { setImmediate as nextTurn } from "node:timers/promises";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import {
  RunnableLambda,
  RunnableParallel,
  RunnablePassthrough,
  RunnableSequence,
} from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { createAgent } from "langchain";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { retrievedDocuments } from "../../src/otlp/index.ts";
import { withSpan } from "../../src/tracing/index.ts";
import {
  autolog,
  LangChainTracer,
  langchainTracer,
  stopAutolog,
} from "../../src/tracing/langchain/index.ts";
import { getTracer } from "../../src/tracing/provider.ts";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { captureTrace, captureTraces, spanNamed, treeOf } from "./captured-traces.ts";
import { answerChain, chatModel } from "./langchain-chain.ts";
import { completionOf, streamOf } from "./openai-replies.ts";

let server: ProviderServer;

/** Answers each request with what it asks, in capitals; asks for the tool `add` where it is offered. */
beforeAll(async () => {
  server = await startProviderServer({
    reply: ({ body, messages }) => {
      const text = messages.at(-1)?.content.toUpperCase() ?? "";
      if (text.includes("FAIL")) return { status: 500, error: { message: "scripted failure" } };
      if (body.stream === true) return streamOf(text);
      const wantsTool = body.tools !== undefined && messages.at(-1)?.role === "user";
      return completionOf(text, wantsTool ? { name: "add", arguments: { a: 1, b: 2 } } : undefined);
    },
  });
});

afterAll(() => server.close());

const model = () => chatModel(`${server.url}/v1`);
const chain = () => answerChain(model());

const ANSWER_TREE = {
  "RunnableSequence CHAIN": [
    { "EchoRetriever RETRIEVER": [] },
    { "to variables CHAIN": [] },
    { "ChatPromptTemplate PROMPT": [] },
    { "ChatOpenAI CHAT_MODEL": [] },
    { "StrOutputParser PARSER": [] },
  ],
};

describe("with the handler as a callback", () => {
  const callbacks = () => ({ callbacks: [langchainTracer()] });

  test("a chain is a tree of its steps, each with its type, inputs and outputs", async () => {
    const trace = await captureTrace(() => chain().invoke("tcp", callbacks()));
    expect(treeOf(trace)).toEqual([ANSWER_TREE]);
    expect(trace.info).toMatchObject({
      state: "OK",
      requestPreview: "tcp",
      responsePreview: "ABOUT TCP",
      usage: { inputTokens: 11, outputTokens: 7 },
    });
    const variables = { context: "about tcp" };
    expect(spanNamed(trace, "to variables")).toMatchObject({ outputs: variables });
    const messages = [
      { role: "system", parts: [{ type: "text", content: "Answer from the context." }] },
      { role: "user", parts: [{ type: "text", content: "about tcp" }] },
    ];
    expect(spanNamed(trace, "ChatPromptTemplate")).toMatchObject({
      inputs: variables,
      outputs: messages,
    });
    const answer = { role: "assistant", parts: [{ type: "text", content: "ABOUT TCP" }] };
    expect(spanNamed(trace, "ChatOpenAI")).toMatchObject({
      inputs: messages,
      outputs: [answer],
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "test-model",
        "gen_ai.request.temperature": 0,
        "gen_ai.response.model": "test-model-2026",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 11,
        "gen_ai.usage.output_tokens": 7,
      },
    });
    expect(spanNamed(trace, "StrOutputParser")).toMatchObject({
      inputs: answer,
      outputs: "ABOUT TCP",
    });
  });

  test("the prompt that the metadata name stands on prompts and model calls alone", async () => {
    const metadata = { prompt_name: "support/answer", prompt_version: 3 };
    const trace = await captureTrace(() => chain().invoke("tcp", { ...callbacks(), metadata }));
    const prompted = trace.spans.filter((span) => "gen_ai.prompt.name" in span.attributes);
    expect(prompted.map(({ type }) => type)).toEqual(["PROMPT", "CHAT_MODEL"]);
    expect(prompted[1]?.attributes).toMatchObject({
      "gen_ai.prompt.name": "support/answer",
      "gen_ai.prompt.version": "3",
    });
    expect(trace.info.tags).toEqual({
      "mlflow.linkedPrompts": '[{"name":"support/answer","version":"3"}]',
    });
    const pulled = { lc_hub_owner: "-", lc_hub_repo: "rag", lc_hub_commit_hash: "50442af1" };
    const other = await captureTrace(() =>
      chain().invoke("tcp", { ...callbacks(), metadata: pulled }),
    );
    expect(spanNamed(other, "ChatOpenAI").attributes).toMatchObject({
      "gen_ai.prompt.name": "rag",
      "gen_ai.prompt.version": "50442af1",
    });
  });

  test("the retrieved documents are those of the retriever", async () => {
    const trace = await captureTrace(() => chain().invoke("udp", callbacks()));
    const retriever = spanNamed(trace, "EchoRetriever");
    expect(retriever).toMatchObject({
      inputs: "udp",
      attributes: {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.retrieval.query.text": "udp",
      },
    });
    expect(retrievedDocuments(trace.spans)).toEqual([
      { id: "id-udp", content: "about udp", metadata: { source: "udp.md" } },
    ]);
  });

  test("a stream keeps parents, inputs and outputs", async () => {
    const chunks: string[] = [];
    const trace = await captureTrace(async () => {
      for await (const chunk of await chain().stream("tls", callbacks())) chunks.push(chunk);
    });
    expect(chunks.length).toBeGreaterThan(1);
    expect(treeOf(trace)).toEqual([ANSWER_TREE]);
    for (const span of trace.spans) {
      expect(span).toHaveProperty("inputs");
      expect(span).toHaveProperty("outputs");
      expect(span.status).toBe("UNSET");
    }
    expect(trace.info).toMatchObject({
      requestPreview: "tls",
      responsePreview: "ABOUT TLS",
      usage: { inputTokens: 11, outputTokens: 7 },
    });
    expect(spanNamed(trace, "ChatOpenAI")).toMatchObject({
      outputs: [{ role: "assistant", parts: [{ type: "text", content: "ABOUT TLS" }] }],
    });
  });

  test("a batch is one trace per input, each with its own output", async () => {
    const queries = ["a", "b", "c"];
    const { traces } = await captureTraces(() => chain().batch(queries, callbacks()));
    expect(traces.map(treeOf)).toEqual(queries.map(() => [ANSWER_TREE]));
    const texts = traces.map(({ info }) => [info.requestPreview, info.responsePreview]);
    expect(texts.sort()).toEqual([
      ["a", "ABOUT A"],
      ["b", "ABOUT B"],
      ["c", "ABOUT C"],
    ]);
  });

  test("a failing step and all around it are errors, and the error is thrown on", async () => {
    const { traces, outcome } = await captureTraces(() => chain().invoke("fail", callbacks()));
    expect(outcome.status).toBe("rejected");
    const [trace] = traces;
    if (trace === undefined) throw new Error("no trace");
    expect(trace.info.state).toBe("ERROR");
    expect(treeOf(trace)).toEqual([
      {
        "RunnableSequence CHAIN": ANSWER_TREE["RunnableSequence CHAIN"].slice(0, -1),
      },
    ]);
    for (const name of ["RunnableSequence", "ChatOpenAI"]) {
      const span = spanNamed(trace, name);
      expect(span.status).toBe("ERROR");
      expect(span.statusMessage).toContain("scripted failure");
      expect(span.events[0]?.name).toBe("exception");
    }
    expect(spanNamed(trace, "EchoRetriever").status).toBe("UNSET");
  });

  test("parallel branches are siblings", async () => {
    const parallel = RunnableParallel.from({
      upper: RunnableLambda.from((text: string) => text.toUpperCase()),
      same: new RunnablePassthrough(),
      answer: answerChain(new FakeListChatModel({ responses: ["fake"] })),
    });
    const trace = await captureTrace(() => parallel.invoke("x", callbacks()));
    const [root] = treeOf(trace);
    const branches = root?.["RunnableMap CHAIN"]?.flatMap((branch) => Object.keys(branch));
    expect(branches?.sort()).toEqual([
      "RunnableLambda CHAIN",
      "RunnablePassthrough CHAIN",
      "RunnableSequence CHAIN",
    ]);
    expect(trace.spans[0]?.outputs).toEqual({ upper: "X", same: "x", answer: "fake" });
    expect(spanNamed(trace, "FakeListChatModel")).toMatchObject({ type: "CHAT_MODEL" });
    expect(trace.info).not.toHaveProperty("usage");
  });

  test("values that JSON cannot hold do not cost the span", async () => {
    const cycle: { name: string; self?: unknown } = { name: "a" };
    cycle.self = cycle;
    const same = RunnableLambda.from((value: typeof cycle) => value);
    const trace = await captureTrace(() => same.invoke(cycle, callbacks()));
    const recorded = { name: "a", self: "[circular]" };
    expect(trace.spans).toMatchObject([{ inputs: recorded, outputs: recorded }]);
  });

  test("a tool has its arguments and result", async () => {
    const add = tool(async ({ a, b }) => a + b, {
      name: "add",
      schema: z.object({ a: z.number(), b: z.number() }),
    });
    const trace = await captureTrace(() => add.invoke({ a: 1, b: 2 }, callbacks()));
    expect(trace.spans).toMatchObject([
      { name: "add", type: "TOOL", inputs: { a: 1, b: 2 }, outputs: 3 },
    ]);
  });
});

describe("with autolog", () => {
  beforeEach(() => autolog());
  afterEach(() => stopAutolog());

  test("every chain is traced, without callbacks", async () => {
    const trace = await captureTrace(() => chain().invoke("tcp"));
    expect(treeOf(trace)).toEqual([ANSWER_TREE]);
  });

  test("no span is doubled when a handler is passed as well", async () => {
    const bound = chain().withConfig({ callbacks: [langchainTracer()] });
    const other = { callbacks: [new LangChainTracer()] };
    for (const work of [
      () => chain().invoke("tcp", { callbacks: [langchainTracer()] }),
      () => bound.invoke("tcp"),
      () => chain().invoke("tcp", other),
    ]) {
      const started = vi.spyOn(getTracer(), "startSpan");
      const trace = await captureTrace(work);
      expect(treeOf(trace)).toEqual([ANSWER_TREE]);
      // None was begun twice and then never ended, either.
      expect(started).toHaveBeenCalledTimes(trace.spans.length);
      started.mockRestore();
    }
    const inModel = new FakeListChatModel({ responses: ["x"], callbacks: [langchainTracer()] });
    expect((await captureTrace(() => inModel.invoke("q"))).spans).toHaveLength(1);
  });

  test("other callbacks are still called", async () => {
    const heard: string[] = [];
    const handleChainStart = () => void heard.push("start");
    await captureTrace(() =>
      RunnableLambda.from((x: string) => x).invoke("x", { callbacks: [{ handleChainStart }] }),
    );
    expect(heard).toEqual(["start"]);
  });

  test("ends when it is stopped, and begins again", async () => {
    stopAutolog();
    expect((await captureTraces(() => chain().invoke("tcp"))).traces).toEqual([]);
    await autolog();
    expect((await captureTraces(() => chain().invoke("tcp"))).traces).toHaveLength(1);
  });

  test("a chain inside a span of the program is its child, and the other way round", async () => {
    const lambda = RunnableLambda.from((text: string) =>
      withSpan(() => answerChain(model()).invoke(text), { name: "inside" }),
    );
    const trace = await captureTrace(() =>
      withSpan(() => lambda.invoke("tcp"), { name: "around" }),
    );
    expect(treeOf(trace)).toEqual([
      {
        "around UNKNOWN": [{ "RunnableLambda CHAIN": [{ "inside UNKNOWN": [ANSWER_TREE] }] }],
      },
    ]);
  });

  test("spans inside a lambda nest among themselves", async () => {
    const lambda = RunnableLambda.from((text: string) =>
      withSpan(() => withSpan(() => text, { name: "inner" }), { name: "outer" }),
    );
    expect(treeOf(await captureTrace(() => lambda.invoke("x")))).toEqual([
      { "RunnableLambda CHAIN": [{ "outer UNKNOWN": [{ "inner UNKNOWN": [] }] }] },
    ]);
  });

  test("a span inside a lambda is the child of that lambda, also between parallel ones", async () => {
    const step = (name: string) =>
      RunnableLambda.from(async (text: string) => {
        await nextTurn();
        return withSpan(
          async () => {
            await nextTurn();
            return text;
          },
          { name: `span of ${name}` },
        );
      }).withConfig({ runName: name });
    const sequence = RunnableSequence.from([
      RunnableParallel.from({ a: step("a"), b: step("b") }),
      RunnableLambda.from(({ a }: { a: string }) => a).withConfig({ runName: "pick" }),
      step("c"),
    ]);
    const trace = await captureTrace(() => sequence.invoke("x"));
    for (const name of ["a", "b", "c"]) {
      const span = spanNamed(trace, `span of ${name}`);
      expect(span.parentSpanId).toBe(spanNamed(trace, name).spanId);
    }
    const streamed = await captureTrace(async () => {
      for await (const _chunk of await sequence.stream("x"));
    });
    expect(spanNamed(streamed, "span of c").parentSpanId).toBe(spanNamed(streamed, "c").spanId);
  });

  test("an agent's model calls and tools nest, with the tool's own spans below it", async () => {
    const add = tool(
      ({ a, b }) => withSpan(async () => String(a + b), { name: "adding", type: "TOOL" }),
      {
        name: "add",
        description: "adds",
        schema: z.object({ a: z.number(), b: z.number() }),
      },
    );
    const agent = createAgent({ model: model(), tools: [add] });
    const trace = await captureTrace(() =>
      agent.invoke({ messages: [{ role: "user", content: "one and two?" }] }),
    );
    const called = spanNamed(trace, "add");
    expect(called).toMatchObject({ type: "TOOL", inputs: { a: 1, b: 2 } });
    expect(called.outputs).toMatchObject({
      role: "tool",
      parts: [{ type: "tool_call_response", response: "3" }],
    });
    expect(spanNamed(trace, "adding").parentSpanId).toBe(called.spanId);
    const calls = trace.spans.filter((span) => span.type === "CHAT_MODEL");
    expect(calls).toHaveLength(2);
    expect(calls[0]?.outputs).toMatchObject([
      { role: "assistant", parts: [{ type: "tool_call", name: "add", arguments: { a: 1, b: 2 } }] },
    ]);
    expect(trace.info.usage).toEqual({ inputTokens: 22, outputTokens: 14 });
    expect(trace.spans.every((span) => span.traceId === trace.spans[0]?.traceId)).toBe(true);
  });

  test("eight invocations at once do not mix while another handler keeps the queue busy", async () => {
    class BusyHandler extends BaseCallbackHandler {
      name = "busy";
      override async handleChainStart(): Promise<void> {
        for (let turn = 0; turn < 20; turn++) await nextTurn();
      }
    }
    const queries = Array.from({ length: 8 }, (_, index) => `query${index}`);
    const { traces } = await captureTraces(() =>
      Promise.all(
        queries.map((query) =>
          withSpan(() => chain().invoke(query, { callbacks: [new BusyHandler()] }), {
            name: query,
          }),
        ),
      ),
    );
    expect(traces.map((trace) => trace.info.name).sort()).toEqual(queries);
    for (const trace of traces) {
      expect(treeOf(trace)).toEqual([{ [`${trace.info.name} UNKNOWN`]: [ANSWER_TREE] }]);
      const [document] = retrievedDocuments(trace.spans) ?? [];
      expect(document?.content).toBe(`about ${trace.info.name}`);
      expect(trace.info.responsePreview).toBe(`ABOUT ${trace.info.name.toUpperCase()}`);
    }
  });
});
