import { afterEach, beforeEach, expect, test } from "vitest";
import { makeGenaiMetric } from "../../src/judges/index.ts";
import { useTempStore } from "../evaluate/temp-store.ts";
import {
  type ProviderReply,
  type ProviderServer,
  startProviderServer,
} from "../support/provider-server.ts";

const at = useTempStore();
let server: ProviderServer;

beforeEach(async () => {
  const usage = { inputTokens: 100, outputTokens: 20 };
  server = await startProviderServer({
    reply: ({ text }) =>
      text.includes("impartial judge")
        ? { text: '{"rationale":"fine","score":4}', usage }
        : { text: "an answer", usage },
  });
});
afterEach(() => server.close());

const judge = (temperature = 0) =>
  makeGenaiMetric({
    name: "relevance",
    definition: "Relevance to the question.",
    gradingPrompt: "Score the relevance from 1 to 5.",
    model: "openai:/gpt-4o-mini",
    parameters: { temperature },
  });

const evaluation = () => ({
  data: ["one", "two", "three"].map((question) => ({ id: question, question })),
  model: "openai:/gpt-4o-mini",
  extraMetrics: [judge()],
  env: server.env,
});

const sent = () => server.requests.length;

test("a judge at temperature 0 is asked once for the same, across runs, and the saving is told", async () => {
  const first = await at.evaluate(evaluation());
  expect([sent(), first.cache]).toEqual([6, undefined]);
  const second = await at.evaluate(evaluation());
  // The model under test is asked again.
  expect(sent()).toBe(9);
  expect(second.cache).toEqual({
    hits: 3,
    saved: { inputTokens: 300, outputTokens: 60, cost: expect.closeTo(3 * 27e-6, 12) },
  });
  expect(second.usage).toMatchObject({ inputTokens: 300, outputTokens: 60 });
  expect(second.summaries["relevance/v1"]).toEqual(first.summaries["relevance/v1"]);
});

test("answers of the model under test are kept where that is asked for", async () => {
  for (let run = 0; run < 2; run++) await at.evaluate({ ...evaluation(), cache: true });
  expect(sent()).toBe(6);
});

test("nothing is kept where that is asked for, or beyond its time", async () => {
  await at.evaluate(evaluation());
  await at.evaluate({ ...evaluation(), cache: false });
  expect(sent()).toBe(12);
  await at.evaluate({ ...evaluation(), cacheTtlMs: 0 });
  expect(sent()).toBe(18);
});

test("a judge at another temperature is asked every time", async () => {
  const warm = { ...evaluation(), extraMetrics: [judge(0.7)] };
  for (let run = 0; run < 2; run++) await at.evaluate(warm);
  expect(sent()).toBe(12);
});

test("repetitions of a row are asked one by one, and kept one by one", async () => {
  const repeated = { ...evaluation(), trials: 2, cache: true };
  await at.evaluate(repeated);
  expect(sent()).toBe(12);
  await at.evaluate(repeated);
  expect(sent()).toBe(12);
});

test("equal questions at the same time are sent once", async () => {
  const row = { question: "the same" };
  const result = await at.evaluate({
    ...evaluation(),
    data: Array.from({ length: 8 }, () => row),
    cache: true,
  });
  expect([sent(), result.cache?.hits]).toEqual([2, 14]);
  expect(result.judges?.["relevance/v1"]).toMatchObject({ calls: 8, cached: 7, attempts: 1 });
});

const UNUSABLE: [string, ProviderReply][] = [
  ["names no verdict", { text: "I would rather not say." }],
  ["is a refusal", { refusal: "I cannot help with that." }],
  ["was cut off", { text: '{"score":4,"rationale":"It is go', finishReason: "length" }],
];

test.each(UNUSABLE)(
  "a judge's reply that %s is not kept: the row is asked for again",
  async (_, unusable) => {
    let isMended = false;
    await server.close();
    server = await startProviderServer({
      reply: () => (isMended ? { text: '{"rationale":"fine","score":4}' } : unusable),
    });
    const judged = () =>
      at.evaluate({
        data: [{ question: "one", outputs: "1" }],
        predictions: "outputs",
        extraMetrics: [judge()],
        env: server.env,
      });
    await judged();
    const before = sent();
    isMended = true;
    const mended = await judged();
    expect(sent()).toBe(before + 1);
    expect(mended.metrics["relevance/v1/mean"]).toBe(4);
    expect(mended.cache).toBe(undefined);
    // What could be used is kept.
    await judged();
    expect(sent()).toBe(before + 1);
  },
);
