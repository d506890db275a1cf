import { describe, expect, test } from "vitest";
import { defineScorer, type ResultRow } from "../../src/core/index.ts";
import type { EvaluateOptions } from "../../src/evaluate/index.ts";
import { makeGenaiMetric, makeJudge } from "../../src/judges/index.ts";
import { exactMatch, tokenF1 } from "../../src/metrics/index.ts";
import { scriptedChatModel } from "../../src/testing/index.ts";
import { numbered, useTempStore } from "./temp-store.ts";

const at = useTempStore();
const scorers = [exactMatch()];

describe("options that cannot be meant are refused before anything is stored", () => {
  test.each<[string, object, RegExp]>([
    ["a misspelt gate", { gate: ["exact_match/v1 >= 1"] }, /no option "gate"\. Options: .*gates/],
    ["a timeout without its unit", { timeout: 5 }, /no option "timeout".*timeoutMs/],
    ["a model beside predictions", { predictions: "q" }, /Give either a model or predictions/],
    ["two names of the model", { predictFn: () => "b" }, /Give either model or predictFn/],
    [
      "a tag that is a number",
      { tags: { a: "b", build: 1 } },
      /^Expected tags to be an object of strings, got a number as build$/,
    ],
    ["tags in a list", { tags: ["a"] }, /^Expected tags to be an object of strings, got an array$/],
    ["a number for a name", { runName: 5 }, /^Expected runName to be a string, got a number$/],
    [
      "tags of several models",
      { model: [() => 1, () => 2], tags: 5 },
      /^Expected tags to be .*, got a number$/,
    ],
    ["no signal", { signal: 5 }, /^Expected signal to be an AbortSignal, got a number$/],
    ["no listener", { onProgress: {} }, /^Expected onProgress to be a function, got an Object$/],
    [
      "no prompt",
      { model: "offline:/reader", prompt: 5 },
      /^Expected prompt to be a string, got a number$/,
    ],
  ])("%s", async (_, wrong, message) => {
    const data = [{ q: "a", expectations: { expected_response: "a" } }];
    const options = { data, model: () => "a", scorers, ...wrong } as EvaluateOptions;
    expect(await at.refuses(options)).toMatchObject({
      code: "invalid-argument",
      message: expect.stringMatching(message),
    });
  });
});

test("a percentage is refused for a metric that is not scored from 0 to 1", async () => {
  const outOfFive = defineScorer({ name: "out_of_five", scale: [1, 5] }, () => 4);
  const options = { data: [{ q: "a" }], model: () => "a", scorers: [outOfFive] };
  expect(await at.refuses({ ...options, gates: ["out_of_five/mean >= 80%"] })).toMatchObject({
    message: expect.stringContaining("is scored from 1 to 5"),
  });
});

test("a pass or fail judge is a rate, with Wilson's interval", async () => {
  const replies = ["pass", "pass", "fail"].map((verdict) => ({
    text: JSON.stringify({ rationale: "So.", verdict }),
  }));
  const judge = makeJudge({
    name: "polite",
    instructions: "Is {{ outputs }} polite?",
    verdicts: { pass: 1, fail: 0 },
    model: scriptedChatModel({ replies }),
  });
  const { summaries } = await at.evaluate({
    data: numbered(3),
    model: () => "a",
    scorers: [judge],
    concurrency: 1,
  });
  // Wilson for 2 of 3, the mirror of 1 of 3: [.061492, .792340].
  expect(summaries.polite?.interval).toMatchObject({ method: "wilson" });
  expect(summaries.polite?.interval?.lower).toBeCloseTo(1 - 0.79234, 5);
});

test("several scores in a list without parts are averaged, none is dropped", async () => {
  const { metrics, rows } = await at.evaluate({
    data: numbered(1),
    model: () => "a",
    scorers: [
      defineScorer({ name: "votes" }, () => [
        { kind: "scored" as const, value: 1 },
        { kind: "scored" as const, value: 3 },
      ]),
    ],
  });
  expect(metrics["votes/mean"]).toBe(2);
  for await (const row of rows()) expect(row.scores.votes).toMatchObject({ value: 2 });
});

test.each(["Answer Quality", "a/b", "a>b", ""])("a scorer cannot be called %o", (name) => {
  expect(() => defineScorer({ name }, () => 1)).toThrow(/Expected a scorer name/);
});

test("targets alone ask for the question-answering metrics", async () => {
  const { metrics } = await at.evaluate({
    data: [{ question: "q", gold: "a" }],
    model: () => "a",
    targets: "gold",
  });
  expect(metrics).toMatchObject({ "exact_match/v1": 1, "rougeL/v1/mean": 1 });
});

test("a scorer that hangs fails when the time is up, and its signal is aborted", async () => {
  const signals: AbortSignal[] = [];
  const { summaries } = await at.evaluate({
    data: numbered(2),
    model: () => "a",
    timeoutMs: 20,
    scorers: [
      function hangs({ signal }) {
        if (signal !== undefined) signals.push(signal);
        return new Promise<never>(() => undefined);
      },
    ],
  });
  expect(summaries.hangs).toMatchObject({ n: 2, failed: 2 });
  expect(signals.map((signal) => signal.aborted)).toEqual([true, true]);
});

test("a wrapper that took over the options of a quick metric and hangs fails when the time is up", async () => {
  const wrapper = defineScorer(exactMatch().scorer, () => new Promise<never>(() => undefined));
  const { summaries } = await at.evaluate({
    data: [{ q: "a", expectations: { expected_response: "a" } }],
    model: () => "a",
    timeoutMs: 20,
    scorers: [wrapper],
  });
  expect(summaries["exact_match/v1"]).toMatchObject({ n: 1, failed: 1 });
});

test("a scorer that changes its sample changes neither what the next one sees nor what is stored", async () => {
  const { rows, metrics } = await at.evaluate({
    data: [
      { inputs: { turns: ["one"] }, expectations: { sources: ["b", "a"] }, outputs: [3, 1, 2] },
    ],
    scorers: [
      function spoils({ inputs, outputs, expectations, row }) {
        (outputs as number[]).sort();
        (expectations.sources as string[]).sort();
        (inputs as { turns: string[] }).turns.push("two");
        (row.inputs.turns as string[]).push("three");
        return true;
      },
      function sees({ inputs, output, expectations, row }) {
        return JSON.stringify([inputs, output, expectations, row.inputs]);
      },
    ],
  });
  expect(metrics["spoils/mean"]).toBe(1);
  const stored: ResultRow[] = [];
  for await (const row of rows()) stored.push(row);
  const [row] = stored;
  const [inputs, expectations, outputs] = [{ turns: ["one"] }, { sources: ["b", "a"] }, [3, 1, 2]];
  expect(row).toMatchObject({ inputs, expectations, outputs });
  const seen = JSON.stringify([inputs, outputs, expectations, inputs]);
  expect(row?.scores.sees).toEqual({ kind: "scored", value: seen });
});

describe("a scorer called by itself", () => {
  test("takes what an evaluation would give, in part and under either vocabulary", async () => {
    const f1 = tokenF1()({ output: "Barack Obama", expected: "Barack Hussein Obama" });
    expect(f1).toBeCloseTo(0.8, 12);
    const expectations = { expected_response: "Paris" };
    expect(exactMatch()({ outputs: "Paris", expectations })).toBe(true);
  });

  test("shows a judge the inputs, whatever they are called", async () => {
    const model = scriptedChatModel({
      replies: Array.from({ length: 2 }, () => ({ text: '{"rationale":"Fine.","score":4}' })),
    });
    const judge = makeGenaiMetric({
      name: "clarity",
      definition: "How clear the answer is.",
      gradingPrompt: "1 is unclear, 5 is clear.",
      model,
    });
    const asked = { inputs: { question: "Why is the sky blue?" }, outputs: "Rayleigh scattering." };
    expect(await judge(asked)).toMatchObject({ kind: "scored", value: 4 });
    expect(await judge({ input: "Why is the sky blue?", output: "Rayleigh scattering." })).toEqual(
      await Promise.resolve({ kind: "scored", value: 4, rationale: "Fine." }),
    );
    const prompts = model.calls.map(({ messages }) => messages.at(-1)?.content);
    expect(prompts[0]).toContain("Why is the sky blue?");
    expect(prompts[1]).toBe(prompts[0]);
  });
});
