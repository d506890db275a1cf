import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { ChatPromptTemplate, PromptTemplate } from "@langchain/core/prompts";
import { tool } from "@langchain/core/tools";
import { createAgent } from "langchain";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { makeJudge } from "../../src/judges/index.ts";
import { makeMetric, tokenCount, tokenF1, toolCallMatch } from "../../src/metrics/index.ts";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { chatModel } from "../tracing/langchain-chain.ts";
import { completionOf } from "../tracing/openai-replies.ts";
import { rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

function measured() {
  return 1;
}

async function outputsOf(model: () => unknown) {
  const data = [{ question: "Why?" }];
  const result = await at.evaluate({ data, model, scorers: [measured] });
  return (await rowsOf(result)).map(({ outputs }) => outputs)[0];
}

describe("an agent of LangChain", () => {
  let server: ProviderServer;
  beforeAll(async () => {
    server = await startProviderServer({
      reply: ({ messages }) =>
        messages.some(({ role }) => role === "tool")
          ? completionOf("It is 4.")
          : completionOf("", { id: "call_1", name: "double", arguments: { n: 2 } }),
    });
  });
  afterAll(() => server.close());

  const double = tool(async ({ n }) => String(n * 2), {
    name: "double",
    description: "double",
    schema: z.object({ n: z.number() }),
  });
  const agent = () => createAgent({ model: chatModel(`${server.url}/v1`), tools: [double] });
  const data = [
    {
      messages: [{ role: "user", content: "2 times 2?" }],
      expected: "It is 4.",
      expectations: { expected_tool_calls: [{ name: "double", arguments: { n: 2 } }] },
    },
  ];
  const toolCall = { name: "double", args: { n: 2 }, id: "call_1", type: "tool_call" };

  test("gives its answer and its messages as what they say, without LangChain's classes and ids", async () => {
    const result = await at.evaluate({ data, model: agent(), scorers: [measured] });
    expect((await rowsOf(result))[0]?.outputs).toEqual({
      content: "It is 4.",
      messages: [
        { role: "user", content: "2 times 2?" },
        { role: "assistant", content: "", tool_calls: [toolCall] },
        { role: "tool", name: "double", content: "4", tool_call_id: "call_1" },
        { role: "assistant", content: "It is 4." },
      ],
    });
  });

  test("is scored and judged by its answer; a scorer finds its messages in outputs", async () => {
    const asked: string[] = [];
    const { metrics } = await at.evaluate({
      data,
      targets: "expected",
      model: (inputs) => agent().invoke(inputs),
      scorers: [
        tokenF1(),
        tokenCount(),
        toolCallMatch(),
        makeMetric({
          name: "answered",
          greaterIsBetter: true,
          evalFn: (predictions) => predictions.filter((one) => one === "It is 4.").length,
        }),
        makeJudge({
          name: "right",
          instructions: "Is {{ outputs }} right?",
          model: {
            uri: "test:/judge",
            provider: "test",
            model: "judge",
            generate: async ({ messages }) => {
              asked.push(...messages.map(({ content }) => content));
              return { text: '{"rationale": "It is.", "verdict": "yes"}' };
            },
          },
        }),
        function turns({ outputs }) {
          return (outputs as { messages: unknown[] }).messages.length;
        },
        function autoevals({ output, expected }) {
          return { name: "autoevals", score: output === expected ? 1 : 0 };
        },
      ],
    });
    expect(metrics).toMatchObject({
      "token_f1/v1/mean": 1,
      "tool_call_match/mean": 1,
      answered: 1,
      "turns/mean": 4,
      "autoevals/mean": 1,
    });
    expect(asked.join("\n")).toContain(">\nIt is 4.\n<");
    expect(asked.join("\n")).not.toContain("call_1");
  });
});

describe("what holds LangChain messages", () => {
  const calls = [{ name: "search", args: { q: "x" }, id: "c", type: "tool_call" as const }];
  const loop: { messages: unknown[]; self?: unknown } = { messages: [new AIMessage("a")] };
  loop.self = loop;

  test.each<[string, unknown, unknown]>([
    [
      "a list of messages",
      [new HumanMessage("q"), new AIMessage("a")],
      [
        { role: "user", content: "q" },
        { role: "assistant", content: "a" },
      ],
    ],
    [
      "other members of a state",
      { messages: [new AIMessage("a")], verdict: { ok: true } },
      {
        content: "a",
        messages: [{ role: "assistant", content: "a" }],
        verdict: { ok: true },
      },
    ],
    [
      "a state that has a content of its own",
      { content: 3, messages: [new AIMessage("a")] },
      {
        content: 3,
        messages: [{ role: "assistant", content: "a" }],
      },
    ],
    [
      "a tool that answers directly",
      {
        messages: [
          new AIMessage({ content: "", tool_calls: calls }),
          new ToolMessage({ content: "found", tool_call_id: "c" }),
        ],
      },
      {
        content: "found",
        messages: [
          { role: "assistant", content: "", tool_calls: calls },
          { role: "tool", content: "found", tool_call_id: "c" },
        ],
      },
    ],
    [
      "messages deep inside",
      { raw: new AIMessage("a"), steps: [{ said: [new AIMessage("b")] }] },
      {
        raw: { role: "assistant", content: "a" },
        steps: [{ said: [{ role: "assistant", content: "b" }] }],
      },
    ],
    [
      "blocks of a model, and pictures of a person",
      {
        messages: [
          new HumanMessage({ content: [{ type: "image_url", image_url: { url: "data:," } }] }),
          new AIMessage({ content: [{ type: "text", text: "A cat" }] }),
        ],
      },
      {
        content: "A cat",
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: "data:," } }] },
          { role: "assistant", content: "A cat" },
        ],
      },
    ],
    [
      "what holds itself",
      loop,
      {
        content: "a",
        messages: [{ role: "assistant", content: "a" }],
        self: { messages: expect.anything(), self: "[circular]" },
      },
    ],
  ])("is recorded as role and content: %s", async (_, returned, outputs) => {
    expect(await outputsOf(() => returned)).toEqual(outputs);
  });

  test("is a prompt: its messages, or its text", async () => {
    const chat = ChatPromptTemplate.fromMessages([
      ["system", "Be brief."],
      ["user", "{question}"],
    ]);
    expect(await outputsOf(() => chat.invoke({ question: "Why?" }))).toEqual({
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Why?" },
      ],
    });
    const text = PromptTemplate.fromTemplate("Say {question}");
    expect(await outputsOf(() => text.invoke({ question: "Why?" }))).toBe("Say Why?");
  });
});
