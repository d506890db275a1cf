import { Readable } from "node:stream";
import { Document } from "@langchain/core/documents";
import { AIMessage } from "@langchain/core/messages";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { BaseRetriever } from "@langchain/core/retrievers";
import { RunnableLambda } from "@langchain/core/runnables";
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { afterEach, describe, expect, test } from "vitest";
import type { EvaluateOptions } from "../../src/evaluate/index.ts";
import { precisionAtK, toolCallMatch } from "../../src/metrics/index.ts";
import {
  type ProviderReply,
  type ProviderServer,
  startProviderServer,
} from "../support/provider-server.ts";
import { rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

function measured() {
  return 1;
}

async function outputsOf(options: Omit<EvaluateOptions, "data"> & Partial<EvaluateOptions>) {
  const result = await at.evaluate({
    data: [{ question: "Why?" }],
    scorers: [measured],
    maxFailed: 1,
    ...options,
  });
  return (await rowsOf(result)).map(({ outputs, error }) => error ?? outputs);
}

describe("a model function", () => {
  type Inputs = { question: string };
  test.each<[string, (inputs: Inputs) => unknown, unknown]>([
    ["is plain", ({ question }) => `${question}!`, "Why?!"],
    ["is async", async ({ question }) => ({ said: question }), { said: "Why?" }],
    [
      "is an async generator",
      async function* ({ question }) {
        yield question;
        yield "!";
      },
      "Why?!",
    ],
    [
      "is a generator",
      function* ({ question }) {
        yield question;
        yield 1;
      },
      ["Why?", 1],
    ],
    [
      "gives a web stream of bytes cut inside a letter",
      () => new Blob(["na\u00efve"]).stream().pipeThrough(oneByteAtATime()),
      "na\u00efve",
    ],
    ["gives a Node stream", async () => Readable.from(["a", "b"]), "ab"],
    ["gives an empty stream", () => Readable.from([]), ""],
    ["gives null", () => null, null],
    ["gives 0", () => 0, 0],
    ["gives false", () => false, false],
    ["gives an array", () => ["a", "b"], ["a", "b"]],
    [
      "gives what JSON cannot hold",
      () => ({ big: 1n, when: new Date(0) }),
      { big: "1", when: "1970-01-01T00:00:00.000Z" },
    ],
    ["gives nothing", () => undefined, "AssayError: The model returned nothing"],
    [
      "throws what is no error",
      () => {
        throw "text";
      },
      "text",
    ],
  ])("may be anything: it %s", async (_, model, outputs) => {
    expect(await outputsOf({ model })).toEqual([outputs]);
    expect(await outputsOf({ predictFn: model })).toEqual([outputs]);
  });

  test("sees the inputs, and the row beside them", async () => {
    const seen: unknown[] = [];
    await at.evaluate({
      data: [{ id: "r", inputs: { question: "Why?" }, level: 3 }],
      model: (inputs, { row, trial, signal }) => {
        seen.push(inputs, row.rowKey, row.columns, trial, signal.aborted);
        return "";
      },
      trials: 2,
      scorers: [measured],
    });
    const once = [{ question: "Why?" }, "r", { level: 3 }];
    expect(seen).toEqual([...once, 0, false, ...once, 1, false]);
  });

  function oneByteAtATime() {
    return new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      },
    });
  }
});

describe("a LangChain Runnable", () => {
  test("may be a chain: it gets the inputs, and a message becomes its text", async () => {
    const prompt = ChatPromptTemplate.fromTemplate("Answer: {question}");
    const model = new FakeListChatModel({ responses: ["Because."] });
    expect(await outputsOf({ model: prompt.pipe(model) })).toEqual(["Because."]);
    const chain = prompt.pipe(model).pipe(new StringOutputParser());
    expect(await outputsOf({ model: chain })).toEqual(["Because."]);
  });

  test("may be a chat model: it gets the sole input", async () => {
    const model = new FakeListChatModel({ responses: ["Because."] });
    expect(await outputsOf({ model })).toEqual(["Because."]);
  });

  test("may be a chat model that is given messages; several inputs need a prompt before it", async () => {
    const model = new FakeListChatModel({ responses: ["Because."] });
    const messages = [{ role: "user", content: "Why?" }];
    expect(await outputsOf({ data: [{ messages }], model })).toEqual(["Because."]);
    await expect(outputsOf({ data: [{ a: "x", b: "y" }], model })).rejects.toThrow(
      "takes one text or messages, and the row has a, b; put a prompt before it",
    );
  });

  test("may answer with tool calls, which are kept beside its text", async () => {
    const tool_calls = [{ name: "search", args: { q: "x" }, id: "c1", type: "tool_call" as const }];
    const model = () => new AIMessage({ content: "", tool_calls });
    expect(await outputsOf({ model })).toEqual([{ content: "", tool_calls }]);
    const { metrics } = await at.evaluate({
      data: [{ question: "Why?", expectations: { expected_tool_calls: [{ name: "search" }] } }],
      model,
      scorers: [toolCallMatch()],
    });
    expect(metrics["tool_call_match/mean"]).toBe(1);
  });

  test("may be a lambda, or any object with invoke", async () => {
    const lambda = RunnableLambda.from(({ question }: { question: string }) => question.length);
    expect(await outputsOf({ model: lambda })).toEqual([4]);
    const object = { invoke: async (inputs: unknown) => inputs };
    expect(await outputsOf({ model: object })).toEqual([{ question: "Why?" }]);
  });
});

describe("a LangChain retriever", () => {
  class Retriever extends BaseRetriever {
    lc_namespace = ["test"];
    asked: unknown[] = [];
    override async _getRelevantDocuments(query: string) {
      this.asked.push(query);
      return [new Document({ pageContent: `on ${query}`, metadata: { source: "d1" } })];
    }
  }

  test("is asked the sole input, or the question among several", async () => {
    const model = new Retriever();
    const { metrics } = await at.evaluate({
      data: [
        { text: "cats", relevant: ["d1"] },
        { question: "dogs", hint: "h", relevant: ["d2"] },
      ],
      concurrency: 1,
      mapping: { "expectations.relevant_ids": "relevant" },
      model,
      scorers: [precisionAtK(1)],
    });
    expect(model.asked).toEqual(["cats", "dogs"]);
    expect(metrics["precision_at_1/mean"]).toBe(0.5);
  });

  test("is asked so behind a configuration too, and refuses rows of several inputs", async () => {
    const model = new Retriever();
    const configured = model.withConfig({ tags: ["t"] });
    await at.evaluate({ data: [{ q: "cats" }], model: configured, scorers: [measured] });
    expect(model.asked).toEqual(["cats"]);
    const refused = at.evaluate({ data: [{ a: "x", b: "y" }], model, scorers: [measured] });
    await expect(refused).rejects.toThrow(
      "A retriever of LangChain takes one text, and the row has a, b",
    );
  });
});

describe("a model URI", () => {
  let server: ProviderServer | undefined;
  afterEach(() => server?.close());

  async function provider(reply: ProviderReply = { text: "Because." }) {
    server = await startProviderServer({ reply: () => reply });
    return server;
  }

  test.each(["openai:/gpt-test", "anthropic:/claude-test"])(
    "asks %s the sole input, or the question among several",
    async (model) => {
      const { env, requests } = await provider();
      const data = [{ text: "Why?" }, { question: "How?", hint: "h" }];
      expect(await outputsOf({ data, model, env, concurrency: 1 })).toEqual([
        "Because.",
        "Because.",
      ]);
      expect(requests.map(({ text }) => text)).toEqual(["Why?", "How?"]);
    },
  );

  test.each(["openai:/gpt-test", "anthropic:/claude-test"])(
    "asks %s the messages of a row that has some, and refuses those that are more than text",
    async (model) => {
      const { env, requests } = await provider();
      const turns = [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hello." },
        { role: "user", content: [{ type: "text", text: "Why?" }] },
      ];
      const picture = [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }];
      expect(await outputsOf({ data: [{ messages: turns }], model, env })).toEqual(["Because."]);
      const sent = requests[0]?.messages.filter(({ role }) => role !== "system");
      expect(sent).toEqual([
        { role: "user", content: "Hi" },
        { role: "assistant", content: "Hello." },
        { role: "user", content: "Why?" },
      ]);
      expect(JSON.stringify(requests[0]?.body)).toContain("Be brief.");
      await expect(outputsOf({ data: [{ messages: picture }], model, env })).rejects.toThrow(
        "message 1 is more than text",
      );
    },
  );

  test("refuses parameters that it does not know, with the spelling of those that it does", async () => {
    const { env } = await provider();
    const model = "openai:/gpt-test";
    await expect(outputsOf({ model, env, parameters: { max_tokens: 5 } as never })).rejects.toThrow(
      'Model openai:/gpt-test: unknown parameter "max_tokens"; it is spelt maxTokens here.',
    );
    await expect(outputsOf({ model, env, parameters: { topK: 3 } as never })).rejects.toThrow(
      'unknown parameter "topK"; there are temperature, topP, maxTokens, seed, stop.',
    );
  });

  test("fills its prompt in one pass: braces and dollar signs in values stay as they are", async () => {
    const { env, requests } = await provider();
    const data = [
      {
        inputs: { question: "What is {{ hint }} or $& or $1?", "the hint": { a: [1] }, n: 0 },
        context: [{ id: "d", content: "First." }, { content: "Second." }],
        level: "hard",
      },
    ];
    const prompt = "{{question}}|{{ the hint }}|{{ n }}|{{ level }}|{{ context }}|{single}|{{";
    await outputsOf({ data, model: "openai:/gpt-test", prompt, env });
    expect(requests.map(({ text }) => text)).toEqual([
      'What is {{ hint }} or $& or $1?|{"a":[1]}|0|hard|First.\n\nSecond.|{single}|{{',
    ]);
  });

  test("sends the sampling parameters and counts the tokens", async () => {
    const { env, requests } = await provider({
      text: "Because.",
      usage: { inputTokens: 11, outputTokens: 3 },
    });
    const result = await at.evaluate({
      data: [{ question: "Why?" }, { question: "How?" }],
      model: "openai:/gpt-test",
      parameters: { temperature: 0.5 },
      scorers: [measured],
      env,
    });
    expect(requests[0]?.body).toMatchObject({ model: "gpt-test", temperature: 0.5 });
    expect(result.usage).toEqual({ inputTokens: 22, outputTokens: 6 });
    expect((await rowsOf(result)).map(({ usage }) => usage)).toEqual([
      { inputTokens: 11, outputTokens: 3 },
      { inputTokens: 11, outputTokens: 3 },
    ]);
  });

  test("that refuses to answer has failed on the row", async () => {
    const { env } = await provider({ refusal: "I will not." });
    expect(await outputsOf({ model: "openai:/gpt-test", env })).toEqual([
      "AssayError: The model refused to answer: I will not.",
    ]);
  });

  test.each([
    [{ a: "x", b: "y" }, undefined, '{{ a }} {{ b }}"'],
    [{ messages: "x", hint: "y" }, undefined, '{{ messages }} {{ hint }}"'],
    [{ messages: [{ role: "tool", content: "x" }] }, undefined, 'message 1 is from "tool"'],
    [{ a: "x" }, "Answer {{ question }}", "Available inputs: a"],
    [{ a: "x" }, "Answer {{ constructor }}", "Available inputs: a"],
    [{ a: "x" }, "Answer.", "names no input of the row"],
  ])(
    "cannot be asked %j with the prompt %j, which is known before anything is made",
    async (row, prompt, said) => {
      const { env, requests } = await provider();
      const error = await at.refuses({
        data: [row],
        model: "openai:/gpt-test",
        ...(prompt !== undefined && { prompt }),
        scorers: [measured],
        env,
      });
      expect(error).toMatchObject({
        code: "invalid-argument",
        message: expect.stringContaining(said),
      });
      expect(requests).toEqual([]);
    },
  );

  test("that is no LLM says so in the notes, as do a prompt and parameters nobody reads", async () => {
    const notes: (readonly string[])[] = [];
    const onProgress: EvaluateOptions["onProgress"] = (progress) => {
      if (progress.kind === "started") notes.push(progress.notes);
    };
    await outputsOf({ model: "offline:/reader", onProgress });
    const settings = { prompt: "{{ question }}", parameters: { temperature: 0 } };
    await outputsOf({ model: () => "", ...settings, onProgress });
    expect(notes).toEqual([
      ["offline:/reader: offline baseline, not an LLM"],
      [
        "prompt is not used: only a model URI takes one",
        "parameters are not used: only a model URI takes them",
      ],
    ]);
  });
});

describe("a static dataset", () => {
  test("brings its outputs along, also under another name", async () => {
    const data = [
      { question: "a", answer: "A", outputs: "old" },
      { question: "b", answer: 0 },
    ];
    expect(await outputsOf({ data, predictions: "answer" })).toEqual(["A", 0]);
  });

  test("has failed on a row without outputs, takes no time and leaves no traces", async () => {
    const result = await at.evaluate({
      data: [{ question: "a", outputs: "A" }, { question: "b" }],
      scorers: [measured],
      maxFailed: 0.5,
    });
    const rows = await rowsOf(result);
    expect(rows[1]).toMatchObject({
      error: "the row has no outputs",
      scores: { measured: { kind: "unscored", reason: "model-failed" } },
    });
    for (const row of rows) {
      expect(row).not.toHaveProperty("latencyMs");
      expect(row).not.toHaveProperty("traceId");
    }
    expect(result.metrics).toEqual({ "measured/mean": 1 });
    expect(await (await at.open()).traces.listTraces({})).toEqual([]);
  });
});
