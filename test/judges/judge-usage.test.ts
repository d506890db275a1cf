import OpenAI from "openai";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parseBlocks } from "../../src/core/index.ts";
import { makeGenaiMetric, preference } from "../../src/judges/index.ts";
import { openaiModel } from "../../src/models/index.ts";
import { useTempStore } from "../evaluate/temp-store.ts";
import {
  type ProviderReply,
  type ProviderServer,
  startProviderServer,
} from "../support/provider-server.ts";

const at = useTempStore();
let server: ProviderServer;
let reply: (index: number, text: string) => ProviderReply;

beforeEach(async () => {
  server = await startProviderServer({ reply: ({ index, text }) => reply(index, text) });
});
afterEach(() => server.close());

const usage = { inputTokens: 100, outputTokens: 20 };
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: String(index),
    question: `question ${index}`,
    answer: `answer ${index}`,
  }));

const relevance = () =>
  makeGenaiMetric({
    name: "relevance",
    definition: "Relevance to the question.",
    gradingPrompt: "Score the relevance from 1 to 5.",
    model: "openai:/gpt-4o-mini",
  });

test("one verdict costs one request: no trial on the first row, no listing of models", async () => {
  reply = () => ({ text: '{"rationale":"fine","score":4}', usage });
  const result = await at.evaluate({
    data: rows(7),
    predictions: "answer",
    extraMetrics: [relevance()],
    env: server.env,
  });
  expect(server.requests).toHaveLength(7);
  expect(result.judges).toEqual({
    "relevance/v1": {
      calls: 7,
      cached: 0,
      failed: 0,
      attempts: 7,
      latencyMs: expect.any(Number),
      // gpt-4o-mini: 0.15 and 0.60 dollars per million tokens.
      usage: { inputTokens: 700, outputTokens: 140, cost: expect.closeTo(7 * 27e-6, 12) },
      answeredBy: ["gpt-4o-mini"],
    },
  });
});

test("a repair is a second call, a repeated request a second attempt; another model that answers is told", async () => {
  reply = (index) => {
    if (index === 0) return { status: 500, headers: { "retry-after-ms": "1" } };
    if (index === 1) return { text: "Well.", usage };
    return { text: '{"rationale":"fine","score":4}', usage, model: "gpt-4o-mini-new" };
  };
  const result = await at.evaluate({
    data: rows(1),
    predictions: "answer",
    extraMetrics: [relevance()],
    env: server.env,
  });
  expect(result.judges?.["relevance/v1"]).toMatchObject({
    calls: 2,
    attempts: 3,
    usage: { inputTokens: 200, outputTokens: 40 },
    answeredBy: ["gpt-4o-mini", "gpt-4o-mini-new"],
  });
  expect(result.notes).toContain(
    "relevance/v1 was judged by more than one model: gpt-4o-mini, gpt-4o-mini-new",
  );
});

test("a call that fails counts with its attempts, and leaves its row without a verdict", async () => {
  reply = () => ({ status: 400, error: { message: "no" } });
  const result = await at.evaluate({
    data: rows(1),
    predictions: "answer",
    extraMetrics: [relevance()],
    env: server.env,
  });
  // With the schema, and once without it.
  expect(result.judges?.["relevance/v1"]).toMatchObject({ calls: 1, failed: 1, attempts: 2 });
  expect(result.summaries["relevance/v1"]).toMatchObject({ scored: 0, failed: 1 });
});

test("the share of rows whose orders disagree is a metric of a pairwise judge, and a gate", async () => {
  // Always the first, but for one row.
  reply = (_, text) => {
    const blocks = new Map(parseBlocks(text).map(({ name, text: shown }) => [name, shown]));
    const label = blocks.get("second") === "answer 3" ? "second" : "first";
    return { text: JSON.stringify({ rationale: "r", verdict: label }) };
  };
  const client = new OpenAI({ apiKey: "k", baseURL: `${server.url}/v1` });
  const result = await at.evaluate({
    data: rows(4).map((row) => ({ ...row, other: "other" })),
    predictions: "answer",
    extraMetrics: [preference({ against: "other", model: openaiModel(client, { model: "m" }) })],
    gates: ["preference/v1/flip_rate <= 50%"],
    env: server.env,
  });
  expect(result.metrics).toMatchObject({
    "preference/v1/mean": 0.625,
    "preference/v1/flip_rate": 0.75,
  });
  expect(result.decision).toBe("fail");
});

test("a run is not resumed with another judge, and the difference is named", async () => {
  reply = (index) => (index > 1 ? { status: 401 } : { text: '{"rationale":"fine","score":4}' });
  const evaluation = {
    data: rows(6),
    predictions: "answer",
    env: server.env,
    concurrency: 1,
  };
  await expect(at.evaluate({ ...evaluation, extraMetrics: [relevance()] })).rejects.toThrow("key");
  const other = makeGenaiMetric({
    name: "relevance",
    definition: "Relevance to the question.",
    gradingPrompt: "Score the relevance from 1 to 5.",
    model: "openai:/gpt-4o",
  });
  await expect(at.evaluate({ ...evaluation, extraMetrics: [other], resume: true })).rejects.toThrow(
    "its judge relevance/v1 model was gpt-4o-mini and is now gpt-4o.",
  );
});
