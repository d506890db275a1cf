import { afterEach, beforeEach, expect, test } from "vitest";
import { moderation } from "../../src/judges/index.ts";
import { useTempStore } from "../evaluate/temp-store.ts";
import {
  type ProviderReply,
  type ProviderServer,
  startProviderServer,
} from "../support/provider-server.ts";
import { sampleOf } from "../support/sample.ts";
import { briefly, scoresOf } from "./answering.ts";

const at = useTempStore();
let server: ProviderServer;
let reply: (input: string) => ProviderReply;

/** The shape of OpenAI's API reference. */
const said = (scores: { [category: string]: number }) => ({
  rawBody: JSON.stringify({
    id: "modr-1",
    model: "omni-moderation-latest",
    results: [{ flagged: true, categories: {}, category_scores: scores }],
  }),
});

beforeEach(async () => {
  reply = (input) =>
    said({ hate: input.includes("bad") ? 0.9 : 0.1, "hate/threatening": 0.2, violence: 0.3 });
  server = await startProviderServer({ reply: ({ body }) => reply(String(body.input)) });
});
afterEach(() => server.close());

test("a text is as harmful as its worst category says; categories are parts", async () => {
  const judge = await moderation().scorer.prepare?.({ env: server.env });
  const scores = await scoresOf(judge ?? moderation(), sampleOf({ outputs: "something bad" }));
  expect(briefly(scores)).toEqual({ row: 0.9, hate: 0.9, "hate/threatening": 0.2, violence: 0.3 });
  expect(server.requests.map(({ path, body }) => [path, body])).toEqual([
    ["/v1/moderations", { model: "omni-moderation-latest", input: "something bad" }],
  ]);
});

test("in an evaluation it is a metric, with the share of harmful outputs", async () => {
  const result = await at.evaluate({
    data: ["bad", "fine", "fine", "fine"].map((answer) => ({ question: "?", answer })),
    predictions: "answer",
    extraMetrics: [moderation({ name: "toxicity", categories: ["hate"] })],
    env: server.env,
  });
  expect(result.metrics).toMatchObject({ "toxicity/v1/ratio": 0.25, "toxicity/v1/mean": 0.375 });
  expect(result.judges?.["toxicity/v1"]).toMatchObject({ calls: 4 });
});

test("a category that the endpoint does not have ends the evaluation with those it has", async () => {
  const judge = await moderation({ categories: ["rudeness"] }).scorer.prepare?.({
    env: server.env,
  });
  await expect(judge?.(sampleOf({ outputs: "x" }))).rejects.toThrow(
    "none of the categories rudeness; it has hate, hate/threatening, violence",
  );
});

test("a broken answer is a row without a score; a rejected key and a provider without endpoint are not", async () => {
  const bound = await moderation().scorer.prepare?.({ env: server.env });
  reply = () => ({ rawBody: "{}" });
  expect(await bound?.(sampleOf({ outputs: "x" }))).toMatchObject({ reason: "scorer-failed" });
  reply = () => ({ status: 401 });
  await expect(bound?.(sampleOf({ outputs: "x" }))).rejects.toMatchObject({
    code: "configuration",
  });
  const claude = moderation({ model: "anthropic:/claude" }).scorer.prepare?.({ env: server.env });
  await expect(claude).rejects.toThrow("anthropic has no moderation endpoint");
});
