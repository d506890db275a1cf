import { describe, expect, test } from "vitest";
import {
  makeGenaiMetric,
  makeJudge,
  panel,
  preference,
  relevance,
} from "../../src/judges/index.ts";
import { logprobVerdict } from "../../src/judges/logprob-verdict.ts";
import { labelShape, scaleShape } from "../../src/judges/verdict-shape.ts";
import type { ChatResponse } from "../../src/models/index.ts";
import { scriptedChatModel } from "../../src/testing/index.ts";
import { sampleOf } from "../support/sample.ts";
import { answering, briefly, scoresOf } from "./answering.ts";

const sample = sampleOf({ inputs: { question: "Which port?" }, outputs: "443" });
const verdict = (score: number) => JSON.stringify({ rationale: "Because.", score });

/** A reply of one token with the alternatives that it could have been. */
const token = (logprobs: { [token: string]: number }): ChatResponse => {
  const alternatives = Object.entries(logprobs).map(([token, logprob]) => ({ token, logprob }));
  const [first] = alternatives;
  if (first === undefined) throw new Error("expected a token");
  return { text: first.token, logprobs: [{ ...first, alternatives }] };
};

const metric = (options: object) =>
  makeGenaiMetric({ name: "g", definition: "d", gradingPrompt: "p", ...options });

describe("log probabilities", () => {
  // By hand: e^-.5 + e^-5 on 4, e^-1.2 on 5, e^-3.2 on 3, e^-6 on 2 are .957704 in all; Σ k·p(k) is 4.086290.
  const golden = { "4": -0.5, "5": -1.2, "3": -3.2, "2": -6, " 4": -5, The: -4 };

  test("are weighted over the scale, spellings of a grade together, and normalised by their mass", () => {
    const { logprobs = [] } = token(golden);
    const found = logprobVerdict(logprobs, scaleShape([1, 5], true));
    expect(found?.mass).toBeCloseTo(0.957704, 6);
    expect(found?.value).toBeCloseTo(4.266757, 6);
  });

  test("give the score of one call without a rationale, with the mass as a part", async () => {
    const model = scriptedChatModel({ replies: [token(golden)] });
    const scores = await scoresOf(relevance({ model, scoring: "logprobs" }), sample);
    expect(briefly(scores)).toEqual({
      row: expect.closeTo(4.266757, 6),
      mass: expect.closeTo(0.957704, 6),
    });
    const [call] = model.calls;
    expect(call).toMatchObject({ topLogprobs: 20, parameters: { temperature: 0, maxTokens: 8 } });
    expect(call?.responseSchema).toBeUndefined();
    expect(call?.messages[1]?.content).toMatch(
      /Reply with the score alone and nothing else: a whole number from 1 to 5\.$/,
    );
  });

  test("below a mass of .8 are no verdict, and the judge is asked to explain and grade", async () => {
    // e^-0.3 = .741 on a word that is no grade.
    const unsure = token({ The: -0.3, "4": -1.5 });
    const model = scriptedChatModel({ replies: [unsure, verdict(2)] });
    const judge = metric({ model, scoring: "logprobs" });
    expect(briefly(await scoresOf(judge, sample))).toEqual({ row: 2 });
    const lenient = scriptedChatModel({ replies: [unsure] });
    const scores = await scoresOf(
      metric({ model: lenient, scoring: "logprobs", minMass: 0.2 }),
      sample,
    );
    expect(briefly(scores)).toEqual({ row: 4, mass: expect.closeTo(Math.exp(-1.5), 9) });
  });

  test("that a provider does not give are asked for once", async () => {
    const model = scriptedChatModel({ replies: ["4", verdict(4), verdict(3)] });
    const judge = metric({ model, scoring: "logprobs" });
    expect(briefly(await scoresOf(judge, sample))).toEqual({ row: 4 });
    expect(briefly(await scoresOf(judge, sample))).toEqual({ row: 3 });
    expect(model.calls.map(({ topLogprobs }) => topLogprobs)).toEqual([20, undefined, undefined]);
  });

  test.each([
    ["labels by their beginnings", { unfaith: -0.1, faith: -3 }, Math.exp(-3)],
    ["labels in another case", { Faithful: -0.2, UNFAITHFUL: -2 }, Math.exp(-0.2)],
    ["a space token passed over", { " faithful": -0.1, " unfaithful": -2.4 }, Math.exp(-0.1)],
  ])("%s", (_name, logprobs, onFaithful) => {
    const shape = labelShape({ unfaithful: 0, faithful: 1 });
    const found = logprobVerdict(token(logprobs).logprobs ?? [], shape);
    const mass = Object.values(logprobs).reduce((sum, lp) => sum + Math.exp(lp), 0);
    expect(found?.value).toBeCloseTo(onFaithful / mass, 9);
  });

  test("of a digit that begins a longer number are no verdict", () => {
    const { logprobs = [] } = token({ "1": -0.01 });
    const ten = [...logprobs, { token: "0", logprob: 0, alternatives: [] }];
    expect(logprobVerdict(ten, scaleShape([1, 10], true))).toBeUndefined();
    expect(logprobVerdict(logprobs, scaleShape([1, 10], true))?.value).toBe(1);
  });

  test("are refused where they cannot be had or make no number", async () => {
    const never = { ...answering(() => "4"), hasLogprobs: false };
    const prepare = metric({ model: never, scoring: "logprobs" }).scorer.prepare;
    await expect(prepare?.({ env: {} })).rejects.toThrow(
      "which test:/test never gives; use `samples`",
    );
    const instructions = "{{ outputs }}";
    expect(() => makeJudge({ name: "j", instructions, scoring: "logprobs" })).toThrow(
      "its verdict is a text",
    );
    expect(() => metric({ scale: [0, 0.5], scoring: "logprobs" })).toThrow(
      "does not go from one whole number to another",
    );
  });
});

describe("several samples", () => {
  test("are votes, whose mean is the score on a scale, at temperature 1", async () => {
    const model = scriptedChatModel({ replies: [verdict(4), verdict(5), verdict(5)] });
    const scores = await scoresOf(relevance({ model, samples: 3 }), sample);
    expect(briefly(scores)).toEqual({
      row: 14 / 3,
      "vote 1": 4,
      "vote 2": 5,
      "vote 3": 5,
    });
    expect(scores[0]).toMatchObject({ rationale: "Mean of 3 votes: 5 × 2, 4 × 1." });
    expect(model.calls.map(({ draw, parameters }) => [draw, parameters?.temperature])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  });

  test("of labels are decided by majority; an even vote between numbers is their mean", async () => {
    const judge = (labels: readonly string[], feedbackValueType?: readonly string[]) => {
      const replies = labels.map((label) => JSON.stringify({ verdict: label }));
      const menu =
        feedbackValueType === undefined ? { verdicts: { bad: 0, good: 1 } } : { feedbackValueType };
      const model = scriptedChatModel({ replies });
      return makeJudge({
        name: "j",
        instructions: "{{ outputs }}",
        samples: labels.length,
        model,
        ...menu,
      });
    };
    const row = async (...labels: string[]) => (await scoresOf(judge(labels), sample))[0];
    expect(await row("good", "bad", "good")).toMatchObject({ value: 1 });
    expect(await row("good", "bad")).toMatchObject({ value: 0.5 });
    const [even] = await scoresOf(judge(["a", "b"], ["a", "b"]), sample);
    expect(even).toMatchObject({
      kind: "unscored",
      detail: expect.stringContaining("no majority"),
    });
  });

  test("without a verdict from more than half of them are no verdict", async () => {
    const lost = { text: "", refusal: "no" };
    const twoOfThree = scriptedChatModel({ replies: [verdict(4), lost, verdict(2)] });
    const [score] = await scoresOf(relevance({ model: twoOfThree, samples: 3 }), sample);
    expect(score).toMatchObject({ value: 3, rationale: expect.stringContaining("1 without") });
    const oneOfThree = scriptedChatModel({ replies: [verdict(4), lost, lost] });
    const [none] = await scoresOf(relevance({ model: oneOfThree, samples: 3 }), sample);
    expect(none).toMatchObject({
      reason: "refused",
      detail: expect.stringMatching(/^1 of 3 votes/),
    });
  });
});

describe("a panel", () => {
  const member = (score: number | undefined, name: string) =>
    relevance({
      model: answering(
        () => (score === undefined ? { text: "", refusal: "no" } : verdict(score)),
        name,
      ),
    });

  test("gives the mean of its judges and keeps their votes", async () => {
    const judges = [member(5, "a"), member(4, "b"), member(3, "c")];
    const scores = await scoresOf(panel({ name: "relevance_panel", judges }), sample);
    expect(briefly(scores)).toEqual({
      row: 4,
      "relevance/v1 test:/a": 5,
      "relevance/v1 test:/b": 4,
      "relevance/v1 test:/c": 3,
    });
  });

  test("or their majority; a judge that failed is left out while most are there", async () => {
    const judges = [member(5, "a"), member(undefined, "b"), member(5, "c"), member(2, "c")];
    const scores = await scoresOf(panel({ name: "p", judges, reduce: "majority" }), sample);
    expect(briefly(scores)).toEqual({
      row: 5,
      "relevance/v1 test:/a": 5,
      "relevance/v1 test:/b": "refused",
      "relevance/v1 test:/c (3)": 5,
      "relevance/v1 test:/c (4)": 2,
    });
  });

  test("is a judge: scale, source and fingerprint are those of its members together", async () => {
    const make = (name: string) => panel({ name: "p", judges: [member(5, "a"), member(5, name)] });
    expect(make("b").scorer).toMatchObject({
      scale: [1, 5],
      greaterIsBetter: true,
      source: { kind: "judge", model: "test:/a + test:/b" },
    });
    expect(make("b").scorer.fingerprint).toBe(make("b").scorer.fingerprint);
    expect(make("b").scorer.fingerprint).not.toBe(make("c").scorer.fingerprint);
    const unbound = panel({ name: "p", judges: [relevance(), relevance()] });
    const bound = await unbound.scorer.prepare?.({ env: {}, judgeModel: "offline:/lexical-judge" });
    expect(unbound.scorer.fingerprint).toBeUndefined();
    expect(bound?.scorer.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each([
    ["one judge", () => [member(5, "a")], "two `judges` or more"],
    [
      "several scales",
      () => [
        member(5, "a"),
        makeJudge({ name: "j", instructions: "{{ outputs }}", scale: [0, 1] }),
      ],
      "one scale",
    ],
  ])("of %s is refused", (_name, judges, message) => {
    expect(() => panel({ name: "p", judges: judges() })).toThrow(message);
  });
});

test("at most so many rows are judged at once as maxWorkers says", async () => {
  let [now, most] = [0, 0];
  const model = async () => {
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    now -= 1;
    return verdict(3);
  };
  const judge = metric({ model, maxWorkers: 2 });
  await Promise.all(Array.from({ length: 9 }, () => judge(sample)));
  expect(most).toBe(2);
});

test("fingerprints tell scoring modes apart, and name what they are of", () => {
  const of = (options: object) => relevance({ model: "openai:/m", ...options }).scorer;
  const modes = [{}, { scoring: "logprobs" }, { samples: 3 }, { parameters: { temperature: 0.5 } }];
  expect(new Set(modes.map((mode) => of(mode).fingerprint)).size).toBe(4);
  expect(of({ samples: 3 }).aspects).toEqual({
    provider: "openai",
    model: "m",
    parameters: '{"temperature":1}',
    template: expect.stringMatching(/^[0-9a-f]{64}$/),
    samples: "3",
  });
});

test("what a judge would ask is told beforehand, call by call", () => {
  const calls = (judge: ReturnType<typeof relevance>) =>
    [judge.scorer.estimate?.(sample) ?? []].flat().map(({ model }) => model);
  const model = "openai:/m";
  expect(calls(relevance({ model }))).toEqual([model]);
  expect(calls(relevance({ model, samples: 3 }))).toEqual([model, model, model]);
  const judges = [relevance({ model }), relevance({ model: "openai:/n" })];
  expect(calls(panel({ name: "p", judges }))).toEqual([model, "openai:/n"]);
  const paired = preference({ model, against: "x" });
  expect(calls(paired)).toEqual([model, model]);
  const other = preference({ model, against: "y" });
  expect(other.scorer.fingerprint).not.toBe(paired.scorer.fingerprint);
});
