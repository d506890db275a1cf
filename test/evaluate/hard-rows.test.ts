import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defineScorer, type JsonValue } from "../../src/core/index.ts";
import type { EvaluateOptions } from "../../src/evaluate/index.ts";
import { makeGenaiMetric } from "../../src/judges/index.ts";
import { exactMatch } from "../../src/metrics/index.ts";
import { scriptedChatModel } from "../../src/testing/index.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { expectWhole, numbered, rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

const scored = (value: JsonValue) => ({ kind: "scored", value });

test("a scorer that fails on half of the rows leaves the other scorer alone and its own mean undecided", async () => {
  const result = await at.evaluate({
    data: numbered(10),
    model: () => "x",
    scorers: [
      defineScorer({ name: "brittle" }, ({ inputs }) => {
        if ((inputs as { i: number }).i % 2 === 1) throw new TypeError("odd row");
        return 1;
      }),
      function steady() {
        return 5;
      },
    ],
    gates: ["brittle/mean >= 0.5", "steady/mean >= 4"],
  });
  expect(result).toMatchObject({
    status: "incomplete",
    decision: "fail",
    metrics: { "brittle/mean": 1, "steady/mean": 5 },
    counts: { rows: 10, trials: 10, completed: 10, failed: 0 },
    summaries: {
      brittle: { n: 10, scored: 5, failed: 5, notApplicable: 0, missing: 0 },
      steady: { n: 10, scored: 10, failed: 0, notApplicable: 0, missing: 0 },
    },
    problems: [
      "brittle: 5 of 10 results have no score (5 failed, 0 missing); at most 2 % may",
      "most often (5 of 5 looked at): TypeError: odd row",
    ],
    gates: [{ verdict: "undecided", decision: "fail" }, { decision: "pass" }],
  });
  const failed = { kind: "unscored", reason: "scorer-failed", detail: "TypeError: odd row" };
  expect((await rowsOf(result)).map(({ scores }) => scores)).toEqual(
    numbered(10).map(({ i }) => ({
      brittle: i % 2 === 1 ? failed : scored(1),
      steady: scored(5),
    })),
  );
});

test("a judge whose replies cannot be understood gives no mean: all are failed, and each reply is kept", async () => {
  // It is asked a second time before it is given up.
  const model = scriptedChatModel({
    replies: Array.from({ length: 8 }, () => ({
      text: "I would rather not say.",
      usage: { inputTokens: 7, outputTokens: 3 },
    })),
  });
  const result = await at.evaluate({
    data: numbered(4),
    model: () => "x",
    scorers: [
      makeGenaiMetric({
        name: "relevance",
        definition: "Relevance.",
        gradingPrompt: "1 to 5.",
        model,
      }),
    ],
    gates: ["relevance/v1/mean >= 3"],
  });
  expect(result).toMatchObject({
    status: "incomplete",
    verdict: "undecided",
    decision: "fail",
    counts: { completed: 4, failed: 0 },
    usage: { inputTokens: 56, outputTokens: 24 },
    problems: [
      "relevance/v1: 4 of 4 results have no score (4 failed, 0 missing); at most 2 % may",
      expect.stringMatching(/^most often \(4 of 4 looked at\): .*it names no verdict/),
    ],
  });
  expect(result.metrics).not.toHaveProperty("relevance/v1/mean");
  expect(result.summaries["relevance/v1"]).toEqual({
    ...{ n: 4, scored: 0, failed: 4, notApplicable: 0, missing: 0 },
  });
  for (const { scores } of await rowsOf(result)) {
    expect(scores["relevance/v1"]).toMatchObject({
      kind: "unscored",
      reason: "judge-unparseable",
      detail: expect.stringContaining("I would rather not say."),
    });
  }
});

test("one row has a mean, and an interval only where one value gives any", async () => {
  const result = await at.evaluate({
    data: [{ question: "q", gold: "x" }],
    targets: "gold",
    model: () => "x",
    scorers: [
      exactMatch(),
      function count() {
        return 3;
      },
    ],
    gates: ["count/mean >= 2"],
  });
  expect(result).toMatchObject({
    status: "finished",
    verdict: "undecided",
    decision: "pass",
    counts: { rows: 1, trials: 1, completed: 1, failed: 0 },
    metrics: { "exact_match/v1": 1, "count/mean": 3 },
  });
  expect(result.summaries.count).toEqual({
    ...{ mean: 3, n: 1, scored: 1, failed: 0, notApplicable: 0, missing: 0 },
  });
  // Wilson's interval of 1 of 1: z² = 3.8415, lower end 1 / (1 + z²).
  expect(result.summaries["exact_match/v1"]?.interval?.lower).toBeCloseTo(0.20655, 5);
});

test("equal rows are rows each, told apart by their position among equals, and resumed as such", async () => {
  const rows = ["a", "a", "b", "a"].map((question) => ({ question, gold: "x" }));
  const stop = new AbortController();
  let calls = 0;
  const options = {
    name: "equals",
    data: rows,
    targets: "gold",
    concurrency: 1,
    scorers: [exactMatch()],
    model: () => {
      calls += 1;
      if (calls === 2) stop.abort();
      return calls < 4 ? "x" : "y";
    },
  };
  await at.evaluate({ ...options, signal: stop.signal });
  const result = await at.evaluate({ ...options, resume: true });
  expect(calls).toBe(4);
  expect(result.summaries["exact_match/v1"]).toMatchObject({ mean: 0.75, n: 4, scored: 4 });
  const stored = await rowsOf(result);
  const [a, , b] = stored.map(({ rowKey }) => rowKey);
  expect(a).not.toBe(b);
  expect(stored.map(({ rowKey, ordinal, outputs }) => [rowKey, ordinal, outputs])).toEqual([
    [a, 0, "x"],
    [`${a}#2`, 1, "x"],
    [b, 2, "x"],
    [`${a}#3`, 3, "y"],
  ]);
});

const cycle: { [key: string]: unknown } = { a: 1 };
cycle.self = cycle;

const ODD: readonly [returned: unknown, stored: JsonValue, isExact: boolean][] = [
  [null, null, false],
  ["", "", false],
  [0, 0, true],
  [false, false, false],
  [10n, "10", false],
  [Number.NaN, "NaN", false],
  [cycle, { a: 1, self: "[circular]" }, false],
  [{ a: undefined }, {}, false],
];

test("outputs that are empty, falsy or unknown to JSON are answers: stored, scored and counted", async () => {
  const seen: unknown[] = [];
  const result = await at.evaluate({
    data: ODD.map((_, i) => ({ i, gold: "0" })),
    targets: "gold",
    concurrency: 1,
    model: ({ i }: { i: number }) => ODD[i]?.[0],
    scorers: [
      exactMatch(),
      function noted({ outputs }) {
        seen.push(outputs);
        return 1;
      },
    ],
  });
  expect(result).toMatchObject({
    status: "finished",
    counts: { completed: ODD.length, failed: 0 },
    summaries: { noted: { n: ODD.length, scored: ODD.length, failed: 0 } },
  });
  expect(seen).toEqual(ODD.map(([, stored]) => stored));
  expect(
    (await rowsOf(result)).map(({ outputs, scores }) => [outputs, scores["exact_match/v1"]]),
  ).toEqual(ODD.map(([, stored, isExact]) => [stored, scored(isExact)]));
});

test("a model that returns undefined has failed; no other row has", async () => {
  const result = await at.evaluate({
    data: numbered(2),
    model: ({ i }: { i: number }) => (i === 0 ? undefined : "x"),
    scorers: [
      function noted() {
        return 1;
      },
    ],
  });
  expect(result).toMatchObject({
    status: "incomplete",
    counts: { completed: 2, failed: 1 },
    summaries: { noted: { n: 2, scored: 1, failed: 1, missing: 0 } },
  });
  const [failed, answered] = await rowsOf(result);
  expect(failed).toMatchObject({ error: "AssayError: The model returned nothing" });
  expect(failed).not.toHaveProperty("outputs");
  expect(answered).toMatchObject({ outputs: "x" });
});

test("of outputs made beforehand empty and 0 are outputs, and null or a missing one is a failed row", async () => {
  const result = await at.evaluate({
    data: [{ answer: "x" }, { answer: null }, { answer: "" }, { answer: 0 }, { other: 1 }],
    predictions: "answer",
    maxFailed: 1,
    scorers: [
      function noted() {
        return 1;
      },
    ],
  });
  expect(result.counts).toMatchObject({ rows: 5, completed: 5, failed: 2 });
  expect(result.summaries.noted).toMatchObject({ n: 5, scored: 3, failed: 2 });
  const stored = await rowsOf(result);
  const missing = "the row has no outputs";
  expect(stored.map(({ outputs, error }) => error ?? outputs)).toEqual([
    ...["x", missing, "", 0, missing],
  ]);
});

test.each<[string, Partial<EvaluateOptions> & Pick<EvaluateOptions, "data">]>([
  ["null", { data: [{ answer: null }, { answer: "x" }], predictions: "answer" }],
  [
    "null in outputs",
    {
      data: [
        { q: 1, outputs: null },
        { q: 2, outputs: "x" },
      ],
    },
  ],
  [
    "null in a stream",
    {
      data: [
        { q: 1, outputs: null },
        { q: 2, outputs: "x" },
      ].values(),
    },
  ],
  [
    "null for autoevals",
    {
      data: [
        { input: 1, output: null },
        { input: 2, output: "x" },
      ],
    },
  ],
  ["an empty cell", { data: "answers.csv", mapping: { predictions: "answer" } }],
])("a first row without its output, %s, is a failed row as any other", async (_, options) => {
  const baseDir = tempFolder();
  writeFileSync(join(baseDir, "answers.csv"), "question,answer\nq1,\nq2,x\n");
  const result = await at.evaluate({ baseDir, maxFailed: 1, scorers: [exactly(1)], ...options });
  expect((await rowsOf(result)).map(({ outputs, error }) => error ?? outputs)).toEqual([
    "the row has no outputs",
    "x",
  ]);
});

test("a row of 10 MB on either side is stored whole, in many turns of the event loop", async () => {
  const long = "Many words: one after-the other. ".repeat(310_000);
  const secret = `sk-proj-${"a1B2".repeat(20)}`;
  const store = await at.open();
  const before = await at.evaluate({ data: numbered(1), model: () => "x", scorers: [exactly(1)] });
  let turns = 0;
  const count = () => {
    turns += 1;
    immediate = setImmediate(count);
  };
  const { runId } = before;
  let immediate = setImmediate(count);
  await store.results.commitResult(runId, {
    ...{ rowKey: "long", ordinal: 1, trial: 0, expectations: {}, scores: [] },
    inputs: { question: long },
    outcome: { outputs: `${long}${secret}` },
  });
  clearImmediate(immediate);
  // Between the passes of the rules that take secrets out.
  expect(turns).toBeGreaterThan(5);
  const [, row] = await rowsOf(before);
  expect(row?.inputs).toEqual({ question: long });
  expect(row?.outputs).toBe(`${long}[redacted]`);

  const result = await at.evaluate({
    data: [
      { question: long, gold: long },
      { question: "short", gold: "short" },
    ],
    targets: "gold",
    model: ({ question }: { question: string }) => question,
    scorers: [exactMatch()],
  });
  expect(result.summaries["exact_match/v1"]).toMatchObject({ mean: 1, n: 2, scored: 2 });
  const stored = await rowsOf(result);
  expect(stored.map(({ outputs }) => outputs === long)).toEqual([true, false]);
});

test.each([
  ["of base64", Buffer.alloc(7_500_000, 7).toString("base64")],
  ["in a data URL", `data:image/png;base64,${Buffer.alloc(7_500_000, 7).toString("base64")}`],
  ["of one letter", "x".repeat(10_000_000)],
  ["behind the name of a password", `password=${"a1B2".repeat(2_500_000)}`],
])("10 MB without a break, %s, end no row, given or answered", async (_, long) => {
  const result = await at.evaluate({
    data: [{ text: long }, { text: "short" }],
    model: ({ text }: { text: string }) => (text === "short" ? long : "short"),
    scorers: [exactly(1)],
  });
  expect(result.counts).toMatchObject({ completed: 2, failed: 0 });
  const rows = await rowsOf(result);
  expect(rows.map(({ traceId }) => traceId !== undefined)).toEqual([true, true]);
  const stored = long.startsWith("password") ? "password=[redacted]" : long;
  expect([rows[0]?.inputs, rows[1]?.outputs]).toEqual([{ text: stored }, stored]);
});

function exactly(value: number) {
  return defineScorer({ name: "exactly" }, () => value);
}

test("every summary accounts for every planned score, whatever fails", async () => {
  const result = await at.evaluate({
    data: numbered(20),
    trials: 2,
    maxFailed: 1,
    model: ({ i }: { i: number }) => {
      if (i % 4 === 0) throw new Error("no answer");
      return i;
    },
    scorers: [
      defineScorer({ name: "rare" }, ({ outputs }) => {
        if (outputs === 1) throw new Error("bug");
        return (outputs as number) % 2 === 0 ? null : 1;
      }),
    ],
  });
  expect(result.summaries.rare).toMatchObject({
    ...{ n: 40, scored: 18, failed: 12, notApplicable: 10, missing: 0 },
  });
  for (const summary of Object.values(result.summaries)) expectWhole(summary);
});
