import { describe, expect, test } from "vitest";
import { parseBlocks, type Span, type Trace } from "../../src/core/index.ts";
import { type JudgeOptions, makeJudge } from "../../src/judges/index.ts";
import { scriptedChatModel } from "../../src/testing/index.ts";
import { sampleOf } from "../support/sample.ts";

const row = { inputs: { question: "What is HTTP?" }, outputs: "A protocol." };

async function judged(reply: string, options: Partial<JudgeOptions> = {}, sample = sampleOf(row)) {
  const model = scriptedChatModel({ replies: [reply, reply] });
  const instructions = "Is {{ outputs }} a good answer to {{ inputs }}?";
  const score = await makeJudge({ name: "good", instructions, model, ...options })(sample);
  return { score, model, prompt: model.calls[0]?.messages[1]?.content ?? "" };
}

describe("the verdict's type", () => {
  test("is text unless given, as in MLflow", async () => {
    const { score } = await judged('{"rationale":"r","verdict":"mostly"}');
    expect(score).toEqual({ kind: "scored", value: "mostly", rationale: "r" });
  });

  test("boolean", async () => {
    const { score, model } = await judged('{"rationale":"r","verdict":true}', {
      feedbackValueType: "boolean",
    });
    expect(score).toMatchObject({ value: true });
    expect(model.calls[0]?.responseSchema?.schema).toMatchObject({
      properties: { verdict: { type: "boolean" } },
    });
  });

  test("number, bounded or not", async () => {
    expect((await judged('{"score":73}', { feedbackValueType: "number" })).score).toMatchObject({
      value: 73,
    });
    expect((await judged('{"score":73}', { scale: [0, 10] })).score).toMatchObject({
      reason: "judge-unparseable",
    });
  });

  test("one of the labels, in the label's own spelling", async () => {
    const labels = { feedbackValueType: ["Yes", "Partly", "No"] };
    expect((await judged('{"verdict":"partly"}', labels)).score).toMatchObject({ value: "Partly" });
    expect((await judged('{"verdict":"perhaps"}', labels)).score).toMatchObject({
      kind: "unscored",
    });
  });

  test("labels that are worth something give numbers and a scale", async () => {
    const verdicts = { bad: 0, fine: 0.5, good: 1 };
    const { score, model } = await judged('{"verdict":"fine"}', { verdicts });
    expect(score).toMatchObject({ value: 0.5 });
    expect(model.calls[0]?.responseSchema?.schema).toMatchObject({
      properties: { verdict: { enum: ["good", "fine", "bad"] } },
    });
    expect(makeJudge({ name: "j", instructions: "{{ outputs }}", verdicts }).scorer.scale).toEqual([
      0, 1,
    ]);
  });
});

describe("the template variables", () => {
  test("singular forms are accepted, and one that occurs twice is filled twice", async () => {
    const { prompt } = await judged('{"verdict":"x"}', {
      instructions: "{{ input }} / {{ output }} / {{output}}",
    });
    expect(parseBlocks(prompt).map(({ text }) => text)).toEqual([
      "What is HTTP?",
      "A protocol.",
      "A protocol.",
    ]);
  });

  test("expectations are the sole one's text, else all of them as JSON", async () => {
    const instructions = "{{ expectations }}";
    const one = await judged(
      '{"verdict":"x"}',
      { instructions },
      sampleOf({ ...row, expectations: { tone: "kind" } }),
    );
    expect(parseBlocks(one.prompt)[0]?.text).toBe("kind");
    const expectations = { tone: "kind", length: 3 };
    const two = await judged(
      '{"verdict":"x"}',
      { instructions },
      sampleOf({ ...row, expectations }),
    );
    expect(JSON.parse(parseBlocks(two.prompt)[0]?.text ?? "")).toEqual(expectations);
  });

  test("a conversation is its messages and the answer", async () => {
    const messages = [
      { role: "user", content: "Hi" },
      { role: "assistant", content: "Hello" },
      { role: "user", content: "What is HTTP?" },
    ];
    const sample = sampleOf({ inputs: { messages }, outputs: "A protocol." });
    const { prompt } = await judged(
      '{"verdict":"x"}',
      { instructions: "{{ conversation }}" },
      sample,
    );
    expect(parseBlocks(prompt)[0]?.text).toBe(
      "user: Hi\n\nassistant: Hello\n\nuser: What is HTTP?\n\nassistant: A protocol.",
    );
  });

  test("a trace is the indented list of its spans", async () => {
    const span = (spanId: string, name: string, extra: Partial<Span> = {}): Span => ({
      traceId: "t",
      spanId,
      name,
      type: "CHAIN",
      startNs: 0n,
      endNs: 2_000_000n,
      status: "OK",
      attributes: {},
      events: [],
      ...extra,
    });
    const spans = [
      span("a", "answer", { inputs: { question: "What?" } }),
      span("b", "search", {
        parentSpanId: "a",
        type: "RETRIEVER",
        status: "ERROR",
        statusMessage: "gone",
      }),
    ];
    const trace = { info: {} as Trace["info"], spans };
    const { prompt } = await judged(
      '{"verdict":"x"}',
      { instructions: "{{ trace }}" },
      sampleOf({ ...row, trace }),
    );
    expect(parseBlocks(prompt)[0]?.text).toBe(
      '- CHAIN answer (OK, 2 ms)\n  inputs: {"question":"What?"}\n  - RETRIEVER search (ERROR gone, 2 ms)',
    );
  });

  test("a row without the text is not applicable", async () => {
    const { score } = await judged("", { instructions: "{{ trace }}" });
    expect(score).toMatchObject({
      reason: "not-applicable",
      detail: expect.stringContaining("trace the model"),
    });
  });
});

test.each([
  ["no variable", { instructions: "Is it good?" }, "{{ inputs }} and {{ outputs }}"],
  ["an unknown variable", { instructions: "{{ answer }}" }, "unknown variable {{ answer }}"],
  ["a scale of labels", { scale: [1, 5], feedbackValueType: "boolean" }, "several that disagree"],
  ["verdicts and a scale", { scale: [1, 5], verdicts: { a: 0, b: 1 } }, "several that disagree"],
  ["one label", { feedbackValueType: ["yes"] }, "at least two labels"],
  ["equal labels", { feedbackValueType: ["yes", "yes "] }, "at least two labels"],
] satisfies [string, Partial<JudgeOptions>, string][])(
  "%s is refused at construction",
  (_name, extra, message) => {
    const options = { name: "good", instructions: "{{ outputs }}", ...extra };
    expect(() => makeJudge(options)).toThrow(message);
  },
);
