import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { expect, onTestFinished, test } from "vitest";
import { anthropicModel, openaiModel } from "../../src/models/index.ts";
import { type ReplayServerOptions, startReplayServer } from "../../src/testing/index.ts";

async function replay(options: Partial<ReplayServerOptions>) {
  const server = await startReplayServer({
    recordings: [],
    identify: ({ text }) => ({
      item: /item (\d)/.exec(text)?.[1] ?? "",
      order: Number(/swapped/.test(text)),
    }),
    ...options,
  });
  onTestFinished(() => server.close());
  const settings = { apiKey: "k", maxRetries: 0 };
  const openai = openaiModel(new OpenAI({ ...settings, baseURL: `${server.url}/v1` }), {
    model: "m",
  });
  const anthropic = anthropicModel(new Anthropic({ ...settings, baseURL: server.url }), {
    model: "m",
  });
  const ask = async (content: string, model = openai) =>
    (await model.generate({ messages: [{ role: "user", content }] })).text;
  return { server, openai, anthropic, ask };
}

test("a reply is found by item, order and repetition, whatever the order of the requests", async () => {
  const { ask, anthropic } = await replay({
    recordings: [
      { item: 1, trial: 1, reply: "one, again" },
      { item: 1, reply: "one" },
      { item: 1, order: 1, reply: "one, swapped" },
      { item: 2, reply: "two" },
    ],
  });
  expect(await ask("item 2")).toBe("two");
  expect(await ask("item 1", anthropic)).toBe("one");
  expect(await ask("item 1 swapped")).toBe("one, swapped");
  expect(await ask("item 1")).toBe("one, again");
  // A repair turn, say: the last one again.
  expect(await ask("item 1")).toBe("one, again");
});

test("a recorded choice keeps its log probabilities; Anthropic's envelope has its text", async () => {
  const logprobs = { content: [{ token: "4", logprob: -0.1, top_logprobs: [] }] };
  const reply = { message: { content: "4" }, finish_reason: "length", logprobs };
  const { openai, anthropic, ask } = await replay({ recordings: [{ item: 1, reply }] });
  const messages = [{ role: "user" as const, content: "item 1" }];
  expect(await openai.generate({ messages })).toMatchObject({
    text: "4",
    finishReason: "length",
    logprobs: [{ token: "4", logprob: -0.1, alternatives: [] }],
  });
  expect(await ask("item 1", anthropic)).toBe("4");
});

test("a request that nothing was recorded for is refused and kept", async () => {
  const { ask, server } = await replay({ recordings: [{ item: 1, reply: "one" }] });
  await expect(ask("item 9")).rejects.toMatchObject({ code: "provider" });
  expect(server.unmatched.map(({ text }) => text)).toEqual(["item 9"]);
});

test("faults come first and use up no recording", async () => {
  let failures = 2;
  const { ask } = await replay({
    recordings: [{ item: 1, reply: "one" }],
    fault: () => (failures-- > 0 ? { status: 503 } : undefined),
  });
  await expect(ask("item 1")).rejects.toMatchObject({ code: "unavailable" });
  await expect(ask("item 1")).rejects.toMatchObject({ code: "unavailable" });
  expect(await ask("item 1")).toBe("one");
});
