import { describe, expect, test } from "vitest";
import {
  AssayError,
  defineScorer,
  type JudgeCall,
  parseBlocks,
  type Score,
  type Scorer,
  type ScorerEnvironment,
} from "../../src/core/index.ts";
import { correctness, faithfulness, relevance } from "../../src/judges/index.ts";
import { scriptedChatModel } from "../../src/testing/index.ts";
import { sampleOf } from "../support/sample.ts";

const QUESTION = { question: "Which port does HTTPS use?" };
const verdict = (score: number, rationale = "Because.") => JSON.stringify({ rationale, score });

/** The blocks that a judge showed to its model, by name. */
function shown(model: ReturnType<typeof scriptedChatModel>, call = 0) {
  const prompt = model.calls[call]?.messages[1]?.content ?? "";
  return Object.fromEntries(parseBlocks(prompt).map(({ name, text }) => [name, text]));
}

describe("what a judge is shown", () => {
  test("relevance sees inputs and outputs, and the context where there is one", async () => {
    const model = scriptedChatModel({ replies: [verdict(4), verdict(4)] });
    const judge = relevance({ model });
    await judge(sampleOf({ inputs: QUESTION, outputs: "Port 443." }));
    await judge(sampleOf({ inputs: QUESTION, outputs: "Port 443.", context: "HTTPS: 443" }));
    expect(shown(model, 0)).toEqual({ inputs: QUESTION.question, outputs: "Port 443." });
    expect(shown(model, 1)).toMatchObject({ context: "HTTPS: 443" });
  });

  test("faithfulness numbers retrieved documents and sees the question", async () => {
    const model = scriptedChatModel({ replies: [verdict(5)] });
    const context = [{ id: "tls.md", content: "TLS uses 443." }, { content: "Other." }];
    await faithfulness({ model })(sampleOf({ inputs: QUESTION, outputs: "443", context }));
    expect(shown(model)).toEqual({
      inputs: QUESTION.question,
      outputs: "443",
      context: "[1] tls.md\nTLS uses 443.\n\n[2]\nOther.",
    });
  });

  test("correctness sees the expected response alone, or the expected facts as a list", async () => {
    const model = scriptedChatModel({ replies: [verdict(5), verdict(5)] });
    const judge = correctness({ model });
    const expectations = { expected_response: "443", relevant_ids: ["a"] };
    await judge(sampleOf({ inputs: QUESTION, outputs: "443", expectations }));
    const facts = { expected_facts: ["It is 443.", "It is TCP."] };
    await judge(sampleOf({ inputs: QUESTION, outputs: "443", expectations: facts }));
    expect(shown(model, 0)).toMatchObject({ expectations: "443" });
    expect(shown(model, 1)).toMatchObject({ expectations: "- It is 443.\n- It is TCP." });
  });

  test("an answer that is no text is shown as JSON, an empty one as it is", async () => {
    const model = scriptedChatModel({ replies: [verdict(1), verdict(1)] });
    const judge = relevance({ model });
    await judge(sampleOf({ inputs: QUESTION, outputs: { port: 443 } }));
    await judge(sampleOf({ inputs: QUESTION, outputs: "" }));
    expect(JSON.parse(shown(model, 0).outputs ?? "")).toEqual({ port: 443 });
    expect(shown(model, 1).outputs).toBe("");
  });

  test("the rationale comes before the score, in the prompt and in the schema", async () => {
    const model = scriptedChatModel({ replies: [verdict(4)] });
    await relevance({ model })(sampleOf({ inputs: QUESTION, outputs: "443" }));
    const [call] = model.calls;
    const prompt = call?.messages[1]?.content ?? "";
    expect(prompt.lastIndexOf('"rationale"')).toBeLessThan(prompt.lastIndexOf('"score"'));
    expect(Object.keys(call?.responseSchema?.schema.properties ?? {})).toEqual([
      "rationale",
      "score",
    ]);
    expect(call?.parameters).toEqual({ temperature: 0 });
    expect(prompt).not.toMatch(/\{\{|\n\n\n/);
  });

  test("the same row gives the same request, another row another nonce", async () => {
    const model = scriptedChatModel({ replies: [verdict(4), verdict(4), verdict(4)] });
    const judge = relevance({ model });
    await judge(sampleOf({ inputs: QUESTION, outputs: "443" }));
    await judge(sampleOf({ inputs: QUESTION, outputs: "443" }));
    await judge(sampleOf({ inputs: QUESTION, outputs: "444" }));
    // All that is sent, and what is kept under it.
    const [first, second] = model.calls.map((call) => ({ ...call, isUsable: undefined }));
    expect(second).toEqual(first);
    const nonces = model.calls.map(
      ({ messages }) => /<outputs-(\w{16})>/.exec(messages[1]?.content ?? "")?.[1],
    );
    expect(nonces[2]).not.toBe(nonces[0]);
  });
});

describe("a row that lacks what a judge needs is not applicable, with what to add", () => {
  const model = scriptedChatModel({ replies: [] });
  test.each([
    [faithfulness, { inputs: QUESTION, outputs: "443" }, "`context` column"],
    [faithfulness, { inputs: QUESTION, outputs: "443", context: [] }, "`context` column"],
    [correctness, { inputs: QUESTION, outputs: "443" }, "`expected_response`"],
    [relevance, { outputs: "443" }, "`question`"],
  ] as const)("%o", async (judge, given, advice) => {
    expect(await judge({ model })(sampleOf(given))).toEqual({
      kind: "unscored",
      reason: "not-applicable",
      detail: expect.stringContaining(advice),
    });
    expect(model.calls).toEqual([]);
  });
});

describe("what a reply becomes", () => {
  const row = { inputs: QUESTION, outputs: "443" };
  const judged = (
    replies: Parameters<typeof scriptedChatModel>[0]["replies"],
    recorded: JudgeCall[] = [],
  ) => {
    const model = scriptedChatModel({ replies });
    const sample = sampleOf({ ...row, recordCall: (call) => recorded.push(call) });
    return { model, score: Promise.resolve(relevance({ model })(sample)) };
  };

  test("a verdict becomes a score with its rationale, fractions kept", async () => {
    const { score } = judged([verdict(3.5, "In between.")]);
    expect(await score).toEqual({ kind: "scored", value: 3.5, rationale: "In between." });
  });

  test("a reply without a verdict is sent back once, with what was wrong", async () => {
    const { model, score } = judged(["Well, it depends.", verdict(4)]);
    expect(await score).toMatchObject({ kind: "scored", value: 4 });
    expect(model.calls[1]?.messages.slice(2)).toEqual([
      { role: "assistant", content: "Well, it depends." },
      { role: "user", content: expect.stringContaining("cannot be used: it names no verdict") },
    ]);
  });

  test("an empty reply is asked again without an empty turn", async () => {
    const { model, score } = judged(["", verdict(4)]);
    expect(await score).toMatchObject({ value: 4 });
    expect(model.calls[1]?.messages.map(({ role }) => role)).toEqual(["system", "user", "user"]);
  });

  test("two replies without a verdict are unscored; the replies go to the record, an excerpt to the detail", async () => {
    const calls: JudgeCall[] = [];
    const long = `sk-abcdefghijklmnopqrstuvwx ${"so long ".repeat(40)}`;
    const { score } = judged(["no", { text: long, finishReason: "length" }], calls);
    const unscored = await score;
    expect(unscored).toMatchObject({ kind: "unscored", reason: "judge-unparseable" });
    const { detail } = unscored as { detail: string };
    expect(detail).toContain("[redacted] so long");
    expect(detail).toContain("cut off");
    expect(/Reply: "(.*)"$/.exec(detail)?.[1]?.length).toBe(80);
    expect(calls.map(({ reply }) => reply)).toEqual(["no", long]);
  });

  test("a score off the scale twice is no score", async () => {
    const { score } = judged([verdict(9), verdict(0)]);
    expect(await score).toMatchObject({
      reason: "judge-unparseable",
      detail: expect.stringContaining("its score is outside 1 to 5"),
    });
  });

  test("a refusal is its own reason and is not asked again", async () => {
    const { model, score } = judged([{ text: "", refusal: "I can't judge this." }]);
    expect(await score).toEqual({
      kind: "unscored",
      reason: "refused",
      detail: `The judge's model declined: "I can't judge this."`,
    });
    expect(model.calls).toHaveLength(1);
  });

  test.each(["unavailable", "provider"] as const)(
    "a call that fails as %s leaves this row unscored",
    async (code) => {
      const { score } = judged([new AssayError(code, "openai kept answering HTTP 503.")]);
      expect(await score).toEqual({
        kind: "unscored",
        reason: "scorer-failed",
        detail: "openai kept answering HTTP 503.",
      });
    },
  );

  test.each(["configuration", "cancelled", "invalid-argument"] as const)(
    "a call that fails as %s ends the evaluation",
    async (code) => {
      const { score } = judged([new AssayError(code, "stop")]);
      await expect(score).rejects.toMatchObject({ code });
    },
  );

  test("an error of a model object that is none of ours leaves this row unscored", async () => {
    const { score } = judged([new TypeError("x is not a function")]);
    expect(await score).toMatchObject({
      reason: "scorer-failed",
      detail: "TypeError: x is not a function",
    });
  });

  test("each call is recorded with the model that answered, its latency and usage", async () => {
    const calls: JudgeCall[] = [];
    const reply = verdict(4);
    const usage = { inputTokens: 200, outputTokens: 30 };
    await judged([{ text: reply, model: "gpt-4o-mini-2024-07-18", usage }], calls).score;
    expect(calls).toEqual([
      {
        model: "scripted:/scripted-model",
        answeredBy: "gpt-4o-mini-2024-07-18",
        reply,
        latencyMs: expect.any(Number),
        usage,
      },
    ]);
  });
});

describe("the fingerprint", () => {
  const of = (...args: Parameters<typeof relevance>) => relevance(...args).scorer.fingerprint;
  const uri = "openai:/gpt-4o-mini";

  test("is the same for the same judge and differs by model, parameters and judge", () => {
    expect(of({ model: uri })).toMatch(/^[0-9a-f]{64}$/);
    expect(of({ model: uri })).toBe(of({ model: uri }));
    const others = [
      of({ model: "openai:/gpt-4o" }),
      of({ model: "anthropic:/gpt-4o-mini" }),
      of({ model: uri, parameters: { temperature: 1 } }),
      faithfulness({ model: uri }).scorer.fingerprint,
    ];
    expect(new Set([of({ model: uri }), ...others]).size).toBe(5);
  });

  test("speaks of the model that prepare found, as the source does", async () => {
    const judge = relevance();
    const judgeModel = "offline:/lexical-judge";
    const bound = await judge.scorer.prepare?.({ env: {}, judgeModel });
    expect(bound?.scorer.fingerprint).toBe(of({ model: judgeModel }));
    expect(bound?.scorer.source).toEqual({ kind: "judge", model: judgeModel });
  });

  test("is absent as long as no model is known, and preparing one evaluation leaves others alone", async () => {
    const shared = relevance();
    const first = await shared.scorer.prepare?.({ env: {}, judgeModel: "offline:/lexical-judge" });
    const second = await shared.scorer.prepare?.({ env: {}, judgeModel: "offline:/reader" });
    expect(shared.scorer.fingerprint).toBeUndefined();
    expect(first?.scorer.source).toMatchObject({ model: "offline:/lexical-judge" });
    expect(second?.scorer.source).toMatchObject({ model: "offline:/reader" });
  });
});

describe("the judge's model", () => {
  const row = sampleOf({ inputs: QUESTION, outputs: "HTTPS uses port 443." });

  test("its option wins over the evaluation's, which wins over the environment's", async () => {
    const own = relevance({ model: scriptedChatModel({ replies: [] }) });
    const source = async (judge: Scorer, environment: ScorerEnvironment) =>
      (await judge.scorer.prepare?.(environment))?.scorer.source;
    expect(await source(own, { env: {}, judgeModel: "offline:/reader" })).toMatchObject({
      model: "scripted:/scripted-model",
    });
    const given = relevance();
    const env = { ASSAY_JUDGE_MODEL: "offline:/lexical-judge" };
    expect(await source(given, { env, judgeModel: "offline:/reader" })).toMatchObject({
      model: "offline:/reader",
    });
    expect(await source(given, { env })).toMatchObject({ model: "offline:/lexical-judge" });
  });

  test("none at all is a configuration error that names every place to set it", async () => {
    const preparing = relevance().scorer.prepare?.({ env: {} });
    await expect(preparing).rejects.toMatchObject({ code: "configuration" });
    await expect(preparing).rejects.toThrow(
      /`model` option, --judge-model, or set ASSAY_JUDGE_MODEL/,
    );
  });

  test("a missing key fails in prepare, before the first row", async () => {
    const preparing = relevance({ model: "openai:/m" }).scorer.prepare?.({ env: {} });
    await expect(preparing).rejects.toThrow("OPENAI_API_KEY is not set");
  });

  test("a model URI that cannot be is refused at construction", () => {
    expect(() => relevance({ model: "gpt-4o" })).toThrow('expected "<provider>:/<model>"');
  });

  test("the offline judge really measures: a supported answer beats an unsupported one", async () => {
    const judge = faithfulness({ model: "offline:/lexical-judge" });
    const context = "HTTPS uses TCP port 443 by default.";
    const good = await judge(
      sampleOf({ inputs: QUESTION, outputs: "HTTPS uses port 443.", context }),
    );
    const bad = await judge(
      sampleOf({ inputs: QUESTION, outputs: "Bananas grow in Ecuador.", context }),
    );
    expect(good).toMatchObject({ kind: "scored", value: 5 });
    expect(bad).toMatchObject({ kind: "scored", value: 1 });
    expect(await relevance({ model: "offline:/lexical-judge" })(row)).toMatchObject({
      kind: "scored",
    });
  });
});

test("a scorer that wraps a judge and spreads its options stays itself when it is prepared", async () => {
  const judge = relevance();
  const halved = defineScorer(
    { ...judge.scorer, name: "halved", scale: [0.5, 2.5] },
    async (sample) => {
      const score = (await judge(sample)) as Score;
      return score.kind === "scored" ? Number(score.value) / 2 : score;
    },
  );
  const model = "offline:/lexical-judge";
  expect(await halved.scorer.prepare?.({ env: {}, judgeModel: model }, halved)).toBe(halved);
  const sample = sampleOf({
    inputs: { question: "Which port does DNS use?" },
    outputs: "DNS uses port 53.",
  });
  const [whole, half] = [(await judge(sample)) as Score, await halved(sample)];
  expect(whole).toMatchObject({ kind: "scored" });
  expect(half).toBe(whole.kind === "scored" ? Number(whole.value) / 2 : undefined);
});
