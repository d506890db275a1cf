import { describe, expect, test } from "vitest";
import { parseBlocks } from "../../src/core/index.ts";
import {
  type EvaluationExample,
  type GenaiMetricOptions,
  makeGenaiMetric,
  makeGenaiMetricFromPrompt,
} from "../../src/judges/index.ts";
import { scriptedChatModel } from "../../src/testing/index.ts";
import { sampleOf } from "../support/sample.ts";

const example = {
  input: "What is MLflow?",
  output: "It is a {{ outputs }} tool.",
  score: 2,
  justification: "Too vague.",
} satisfies EvaluationExample;

const options = (extra: Partial<GenaiMetricOptions> = {}): GenaiMetricOptions => ({
  name: "relevance",
  definition: "Relevance measures how well the answer addresses the question.",
  gradingPrompt: "Score the relevance from 1-5. 1 is irrelevant, 5 is perfect.",
  examples: [example],
  model: "openai:/gpt-4o-mini",
  ...extra,
});

const four = '{"rationale":"Good.","score":4}';
const row = { inputs: { question: "What is HTTP?" }, outputs: "A protocol." };

describe("makeGenaiMetric", () => {
  test("has MLflow's defaults", () => {
    expect(makeGenaiMetric(options()).scorer).toMatchObject({
      name: "relevance",
      version: "v1",
      aggregations: ["mean", "variance", "p90"],
      greaterIsBetter: true,
      scale: [1, 5],
      source: { kind: "judge", model: "openai:/gpt-4o-mini" },
    });
    expect(makeGenaiMetric(options({ aggregations: [] })).scorer.aggregations).toHaveLength(3);
  });

  test("shows definition, rubric, examples, and the row in blocks", async () => {
    const model = scriptedChatModel({ replies: [four] });
    expect(await makeGenaiMetric(options({ model }))(sampleOf(row))).toEqual({
      kind: "scored",
      value: 4,
      rationale: "Good.",
    });
    const prompt = model.calls[0]?.messages[1]?.content ?? "";
    expect(prompt).toContain(options().definition);
    expect(prompt).toContain(options().gradingPrompt);
    expect(prompt).toContain(
      'outputs: It is a {{ outputs }} tool.\nreply: {"rationale":"Too vague.","score":2}',
    );
    expect(parseBlocks(prompt)).toEqual([
      { name: "inputs", text: "What is HTTP?" },
      { name: "outputs", text: "A protocol." },
    ]);
    expect(model.calls[0]?.parameters).toEqual({ temperature: 0 });
  });

  test("without the input, a row needs none", async () => {
    const model = scriptedChatModel({ replies: [four] });
    await makeGenaiMetric(options({ model, includeInput: false }))(
      sampleOf({ outputs: "A protocol." }),
    );
    expect(parseBlocks(model.calls[0]?.messages[1]?.content ?? "").map(({ name }) => name)).toEqual(
      ["outputs"],
    );
  });

  test("grading columns come from expectations, columns, inputs and context", async () => {
    const model = scriptedChatModel({ replies: [four] });
    const columns = ["targets", "Source 2", "question", "context"];
    const metric = makeGenaiMetric(
      options({ model, examples: [], gradingContextColumns: columns }),
    );
    await metric(
      sampleOf({
        ...row,
        expectations: { expected_response: "The web's protocol." },
        columns: { "Source 2": "RFC 9110" },
        context: "Documents.",
      }),
    );
    expect(parseBlocks(model.calls[0]?.messages[1]?.content ?? "").slice(2)).toEqual([
      { name: "targets", text: "The web's protocol." },
      { name: "source_", text: "RFC 9110" },
      { name: "question", text: "What is HTTP?" },
      { name: "context", text: "Documents." },
    ]);
  });

  test("a grading column that the row does not have is an error that names what it has", async () => {
    const model = scriptedChatModel({ replies: [] });
    const metric = makeGenaiMetric(
      options({ model, examples: [], gradingContextColumns: "ground_truth" }),
    );
    const judging = Promise.resolve(metric(sampleOf({ ...row, columns: { topic: "web" } })));
    await expect(judging).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(judging).rejects.toThrow(
      'needs the column "ground_truth", which row 1 does not have. Available: topic, question, inputs, outputs',
    );
  });

  test("given parameters replace the defaults as a whole", async () => {
    const model = scriptedChatModel({ replies: [four] });
    await makeGenaiMetric(options({ model, parameters: { maxTokens: 50 } }))(sampleOf(row));
    expect(model.calls[0]?.parameters).toEqual({ maxTokens: 50 });
  });

  test("every part of the definition changes the fingerprint, no row does", () => {
    const of = (extra: Partial<GenaiMetricOptions>) =>
      makeGenaiMetric(options(extra)).scorer.fingerprint;
    const variants = [
      of({}),
      of({ definition: "Another." }),
      of({ gradingPrompt: "Another." }),
      of({ examples: [] }),
      of({ examples: [{ ...example, score: 3 }] }),
      of({ scale: [0, 5] }),
      of({ includeInput: false, examples: [] }),
      of({ parameters: { temperature: 1 } }),
    ];
    expect(new Set(variants).size).toBe(variants.length);
    expect(of({})).toBe(variants[0]);
  });

  test.each([
    ["an empty name", { name: " " }, "`name`"],
    ["a name with a slash", { name: "a/b" }, "`name`"],
    ["an empty definition", { definition: "" }, "`definition`"],
    ["an empty gradingPrompt", { gradingPrompt: "" }, "`gradingPrompt`"],
    ["a version without v", { version: "2" }, "`version`"],
    ["a scale upside down", { scale: [5, 1] }, "`scale`"],
    ["a scale of one value", { scale: [1, 1] }, "`scale`"],
    [
      "an unknown aggregation",
      { aggregations: ["avg" as "mean"] },
      'unknown aggregation "avg"; use mean, variance',
    ],
    [
      "an example off the scale",
      { examples: [{ ...example, score: 6 }] },
      "a score from 1 to 5, got 6",
    ],
    [
      "an example without its context",
      { gradingContextColumns: "context" },
      "exactly the grading columns (context), got none",
    ],
  ] satisfies [string, Partial<GenaiMetricOptions>, string][])(
    "%s is refused at construction",
    (_name, extra, message) => {
      expect(() => makeGenaiMetric(options(extra))).toThrow(message);
    },
  );
});

describe("makeGenaiMetricFromPrompt", () => {
  test.each([
    "Ease of {inputs}: {outputs}, for {audience}?",
    "Ease of {{ inputs }}: {{outputs}}, for {{ audience }}?",
  ])("the variables of %s are columns", async (judgePrompt) => {
    const model = scriptedChatModel({ replies: [four] });
    const metric = makeGenaiMetricFromPrompt({ name: "ease", judgePrompt, model });
    expect(metric.scorer.version).toBeUndefined();
    await metric(sampleOf({ ...row, columns: { audience: "pupils" } }));
    expect(parseBlocks(model.calls[0]?.messages[1]?.content ?? "")).toEqual([
      { name: "inputs", text: "What is HTTP?" },
      { name: "outputs", text: "A protocol." },
      { name: "audience", text: "pupils" },
    ]);
  });

  test("JSON in the prompt is not taken for a variable", async () => {
    const model = scriptedChatModel({ replies: [four] });
    const judgePrompt = 'Grade {outputs}, as in {"score": 1}.';
    await makeGenaiMetricFromPrompt({ name: "ease", judgePrompt, model })(sampleOf(row));
    expect(model.calls[0]?.messages[1]?.content).toContain('as in {"score": 1}.');
  });

  test("a prompt that names nothing to judge is refused", () => {
    expect(() => makeGenaiMetricFromPrompt({ name: "ease", judgePrompt: "Grade it." })).toThrow(
      "{inputs} and {outputs}",
    );
  });
});
