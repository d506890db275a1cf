import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AssayError } from "../../src/core/index.ts";
import { scoreTraces } from "../../src/evaluate/index.ts";
import { relevance, safety } from "../../src/judges/index.ts";
import { useTempStore } from "../evaluate/temp-store.ts";
import {
  type ProviderReply,
  type ProviderServer,
  startProviderServer,
} from "../support/provider-server.ts";
import { span, traceOf } from "./traces.ts";

const at = useTempStore();
let server: ProviderServer;
let reply: ProviderReply;

beforeEach(async () => {
  reply = { text: '{"rationale":"fine","score":4}', usage: { inputTokens: 10, outputTokens: 2 } };
  server = await startProviderServer({ reply: () => reply });
});
afterEach(() => server.close());

const id = (index: number) => index.toString(16).padStart(32, "0");

/** Writes a trace as an application would have. */
async function write(index: number, given: { state?: "OK" | "IN_PROGRESS"; outputs?: null } = {}) {
  const store = await at.open();
  const experiment =
    (await store.experiments.getExperimentByName("production")) ??
    (await store.experiments.createExperiment("production"));
  const root = span({
    traceId: id(index),
    inputs: { question: `question ${index}` },
    ...(given.outputs === undefined && { outputs: `answer ${index}` }),
  });
  const { info } = traceOf([root]);
  await store.traces.writeTrace(
    {
      ...info,
      traceId: `tr-${id(index)}`,
      experimentId: experiment.experimentId,
      startTime: index,
      state: given.state ?? "OK",
    },
    [root],
  );
}

const score = (options: object = {}, judge = relevance({ model: "openai:/m" })) =>
  scoreTraces({ traces: "", scorer: judge, trackingUri: at.uri, env: server.env, ...options });

const feedback = async (filter: string) =>
  (await (await at.open()).traces.searchTraces({ filter })).items.length;

test("stored traces get the judge's verdict as feedback, and a second time nothing is asked", async () => {
  for (let index = 1; index <= 5; index++) await write(index);
  const first = await score();
  expect(first?.summaries["relevance/v1"]).toMatchObject({ n: 5, scored: 5 });
  expect(server.requests).toHaveLength(5);
  expect(await feedback("feedback.`relevance/v1` = 4")).toBe(5);
  expect(await score()).toBeUndefined();
  await write(6);
  const later = await score();
  expect(later?.counts).toMatchObject({ rows: 1, completed: 1 });
  expect(server.requests).toHaveLength(6);
});

test("the filter, the limit and the sample choose; a sample has the same traces every time", async () => {
  for (let index = 1; index <= 40; index++) await write(index);
  expect((await score({ traces: "timestamp_ms > 30", limit: 3 }))?.counts.rows).toBe(3);
  const sampled = await score({ sample: 0.25 });
  const taken = sampled?.counts.rows ?? 0;
  expect(taken).toBeGreaterThan(2);
  expect(taken).toBeLessThan(20);
  expect(await score({ sample: 0.25 })).toBeUndefined();
  expect((await score({ sample: 0.25, seed: 1 }))?.counts.rows).toBeGreaterThan(0);
  await expect(score({ sample: 2 })).rejects.toThrow("Expected sample to be in (0, 1], got 2");
});

test("another judge, or the same with another model, gives its own verdict", async () => {
  await write(1);
  await score();
  expect((await score({}, relevance({ model: "openai:/other" })))?.counts.rows).toBe(1);
  reply = { text: '{"rationale":"fine","verdict":"yes"}' };
  expect((await score({}, safety({ model: "openai:/m" })))?.counts.rows).toBe(1);
  expect(await score()).toBeUndefined();
});

test("a verdict that failed is asked for again; a trace that cannot be judged is not", async () => {
  await write(1);
  await write(2, { outputs: null });
  reply = { status: 400, error: { message: "no" } };
  const failed = await score();
  expect(failed?.summaries["relevance/v1"]).toMatchObject({ scored: 0, failed: 2 });
  reply = { text: '{"rationale":"fine","score":4}' };
  const again = await score();
  expect(again?.summaries["relevance/v1"]).toMatchObject({ n: 1, scored: 1 });
});

test("traces in progress wait, and no trace at all is nothing to do", async () => {
  expect(await score()).toBeUndefined();
  await write(1, { state: "IN_PROGRESS" });
  expect(await score()).toBeUndefined();
  await expect(score({ traces: "colour = 'red'" })).rejects.toBeInstanceOf(AssayError);
});

describe("traces of judges", () => {
  test("are made when asked for, name what they judge, and are not judged themselves", async () => {
    await write(1);
    const result = await score({ traceJudges: true });
    const { traces } = await at.open();
    const found = await traces.searchTraces({
      filter: `metadata.\`assay.judged_trace\` = 'tr-${id(1)}'`,
    });
    const [info] = found.items;
    expect(found.items).toHaveLength(1);
    expect(info).toMatchObject({
      name: "judge relevance/v1",
      runId: result?.runId,
      metadata: { "assay.scorer": "relevance/v1" },
      usage: { inputTokens: 10, outputTokens: 2 },
    });
    const trace = await traces.getTrace(info?.traceId ?? "");
    expect(trace?.spans.map(({ name, type }) => [name, type])).toEqual([
      ["judge relevance/v1", "EVALUATOR"],
      ["chat m", "CHAT_MODEL"],
    ]);
    expect(await score()).toBeUndefined();
  });

  test("of an evaluation are apart from those of the model; without the option there are none", async () => {
    const evaluation = {
      data: [{ question: "q" }],
      model: () => "answer",
      extraMetrics: [relevance({ model: "openai:/m" })],
      env: server.env,
    };
    const plain = await at.evaluate(evaluation);
    const traced = await at.evaluate({ ...evaluation, traceJudges: true, cache: false });
    const { traces } = await at.open();
    const namesOf = async (runId: string) =>
      (await traces.listTraces({ runId })).map(({ name }) => name).sort();
    expect(await namesOf(plain.runId)).toEqual(["rows"]);
    expect(await namesOf(traced.runId)).toEqual(["judge relevance/v1", "rows"]);
    // What the judge used is not the model's.
    expect(traced.usage).toEqual({ inputTokens: 10, outputTokens: 2 });
  });
});
