import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { AssayError, defineScorer } from "../../src/core/index.ts";
import { type EvaluateOptions, StopWithin } from "../../src/evaluate/index.ts";
import { makeGenaiMetric } from "../../src/judges/index.ts";
import { closeStores } from "../../src/tracking/index.ts";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { numbered, rowsOf, useTempStore } from "./temp-store.ts";

const at = useTempStore();

let server: ProviderServer | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await server?.close();
});

function measured() {
  return 5;
}

/** Fails on the rows with an `i` below the count. */
const failingOn = (count: number) => (inputs: { i: number }) => {
  if (inputs.i < count) throw new Error(`no answer for ${inputs.i}`);
  return "fine";
};

describe("a row whose model fails", () => {
  test("in a manner of its own fails alone, and says what can be said", async () => {
    class Hostile extends Error {
      override get message(): string {
        throw new Error("never read me");
      }
    }
    const answers: readonly (() => unknown)[] = [
      () => {
        throw new Hostile();
      },
      () => {
        throw { code: 7 };
      },
      () => new Response("forgotten"),
      () => ({ text: Promise.resolve("forgotten") }),
    ];
    const result = await at.evaluate({
      data: numbered(4),
      model: ({ i }: { i: number }) => answers[i]?.(),
      scorers: [measured],
      maxFailed: 1,
    });
    expect((await rowsOf(result)).map(({ error, outputs }) => error ?? outputs)).toEqual([
      "an error that cannot be read",
      '{"code":7}',
      expect.stringContaining("return what it holds: await response.text()"),
      { text: "[promise that was not awaited]" },
    ]);
  });

  test("is counted and stored with its error, is in no mean, and no scorer is asked about it", async () => {
    const asked: unknown[] = [];
    const result = await at.evaluate({
      data: numbered(10),
      model: failingOn(5),
      scorers: [
        function high({ inputs }) {
          asked.push(inputs);
          return 5;
        },
      ],
      gates: ["high/mean >= 4", "latency/p90 <= 1000s"],
    });
    expect(result).toMatchObject({
      status: "incomplete",
      verdict: "undecided",
      decision: "fail",
      metrics: { "high/mean": 5 },
      counts: { rows: 10, trials: 10, completed: 10, failed: 5 },
      problems: [
        "the model failed on 5 of 10 rows; at most 2 % may",
        "high: 5 of 10 results have no score (5 failed, 0 missing); at most 2 % may",
        "for example: Error: no answer for 0",
      ],
    });
    expect(result.summaries.high).toMatchObject({ n: 10, scored: 5, failed: 5, missing: 0 });
    expect(result.gates[0]).toMatchObject({
      verdict: "undecided",
      decision: "fail",
      message:
        "high/mean cannot be judged: 5 of 10 results have no score (5 failed, 0 missing); demanded: high/mean >= 4",
    });
    expect(asked).toEqual(numbered(10).slice(5));
    const rows = await rowsOf(result);
    expect(rows[0]).toMatchObject({
      error: "Error: no answer for 0",
      scores: {
        high: { kind: "unscored", reason: "model-failed", detail: "Error: no answer for 0" },
      },
    });
    expect(rows[0]).not.toHaveProperty("outputs");
    expect(rows[0]?.traceId).toMatch(/^tr-/);
    const record = await (await at.open()).results.getEvaluation(result.runId);
    expect(record?.status).toBe("incomplete");
  });

  test.each([
    [1, undefined, "finished"],
    [2, undefined, "incomplete"],
    [2, 0.04, "finished"],
    [3, 0.04, "incomplete"],
    [1, 0, "incomplete"],
    [0, 0, "finished"],
    [50, 1, "finished"],
  ])(
    "%i of 50 times, with maxFailed %s, leaves the evaluation %s",
    async (failures, maxFailed, status) => {
      const result = await at.evaluate({
        data: numbered(50),
        model: failingOn(failures),
        scorers: [measured],
        ...(maxFailed !== undefined && { maxFailed }),
      });
      expect(result.status).toBe(status);
    },
  );

  test("counts among the rows a scorer applies to, not among all", async () => {
    const result = await at.evaluate({
      data: numbered(100),
      model: () => "x",
      scorers: [
        defineScorer({ name: "rare" }, ({ inputs }) => {
          const { i } = inputs as { i: number };
          if (i === 0) throw new Error("bug");
          return i < 10 ? 1 : null;
        }),
      ],
    });
    // 1 of 10 is more than 2 %, although 1 of 100 is not.
    expect(result).toMatchObject({
      status: "incomplete",
      problems: [
        "rare: 1 of 10 results have no score (1 failed, 0 missing); at most 2 % may",
        "most often (1 of 1 looked at): Error: bug",
      ],
    });
  });

  test("by taking too long is told so, and its signal is aborted", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let signal: AbortSignal | undefined;
    const result = await at.evaluate({
      data: numbered(1),
      model: (_, context) => {
        signal = context.signal;
        queueMicrotask(() => vi.advanceTimersByTime(30_000));
        return new Promise(() => undefined);
      },
      timeoutMs: 30_000,
      scorers: [measured],
    });
    expect(await rowsOf(result)).toMatchObject([
      { error: "TimeoutError: no answer within 30000 ms" },
    ]);
    expect(signal?.reason).toMatchObject({ name: "TimeoutError" });
  });

  test("with an error that only this row has does not end the run, whatever its code", async () => {
    const result = await at.evaluate({
      data: numbered(2),
      model: () => {
        throw new AssayError("unavailable", "the provider sleeps");
      },
      scorers: [measured],
    });
    expect(result.counts).toMatchObject({ completed: 2, failed: 2 });
  });
});

describe("a configuration that cannot work is an error before there is a run:", () => {
  const data = [{ question: "q", answer: "a" }];
  const model = () => "x";
  const judge = makeGenaiMetric({
    name: "relevance",
    definition: "Relevance.",
    gradingPrompt: "Score it from 1 to 5.",
  });
  const named = (name: string, more = {}) => defineScorer({ name, ...more }, () => 1);
  function twice() {
    return 1;
  }

  test.each<[string, Partial<EvaluateOptions> & object, string, string]>([
    ["unknown provider", { model: "acme:/m" }, "invalid-argument", 'unknown provider "acme"'],
    ["missing key", { model: "openai:/m" }, "configuration", "OPENAI_API_KEY is not set"],
    [
      "missing key of a judge",
      { scorers: [judge], judgeModel: "anthropic:/m" },
      "configuration",
      "ANTHROPIC_API_KEY",
    ],
    ["no judge model", { scorers: [judge] }, "configuration", 'Judge "relevance" has no model'],
    ["unknown model type", { modelType: "poetry" }, "invalid-argument", 'got "poetry"'],
    [
      "bad gate",
      { gates: ["measured/mean => 1"] },
      "invalid-argument",
      'expected a number or "baseline" at character 16, found "> 1"',
    ],
    ["gate without unit", { gates: ["latency/mean < 1"] }, "invalid-argument", "the unit s or ms"],
    [
      "unmeasured metric",
      { gates: ["other/v1/mean > 1"] },
      "invalid-argument",
      "the metric other/v1/mean is not measured here. There are measured/mean",
    ],
    ["unmeasured aggregation", { gates: ["measured/p95 > 1"] }, "invalid-argument", "measured/p95"],
    [
      "latency of nothing",
      { data: [{ outputs: 1 }], model: undefined as never, gates: ["latency/mean < 1s"] },
      "invalid-argument",
      "There are measured/mean",
    ],
    [
      "missing targets",
      { targets: "truth" },
      "invalid-argument",
      "Available columns: question, answer",
    ],
    [
      "metric without targets",
      { scorers: [named("m", { requires: ["facts"] })] },
      "invalid-argument",
      "m needs expectations.facts, which row 1 lacks",
    ],
    [
      "model type without targets",
      { scorers: [], modelType: "classifier" },
      "invalid-argument",
      "left out without targets: accuracy_score",
    ],
    ["nothing to measure", { scorers: [] }, "invalid-argument", "nothing to measure"],
    [
      "neither model nor outputs",
      { model: undefined as never },
      "invalid-argument",
      "row 1 has no outputs",
    ],
    [
      "no outputs in autoevals' form",
      { data: [{ input: 1, expected: 2 }], model: undefined as never },
      "invalid-argument",
      "Available columns: input, expected",
    ],
    [
      "metric without the one of its expectations",
      {
        data: [{ inputs: { q: 1 }, expectations: { a: 1 } }],
        scorers: [named("m", { requires: ["facts"] })],
      },
      "invalid-argument",
      "Available columns: inputs.q, expectations.a",
    ],
    ["two models", { predictFn: () => "y" }, "invalid-argument", "Give either model or predictFn"],
    ["a model that is none", { model: 42 as never }, "invalid-argument", "Expected `model` to be"],
    [
      "two scorers of one name",
      { scorers: [twice], extraMetrics: [named("twice")] },
      "invalid-argument",
      "Two scorers are called twice",
    ],
    [
      "two scorers of one metric",
      {
        scorers: [
          named("a", { version: "v1", aggregations: ["mean"], bareMean: true }),
          named("a", {
            aggregations: [
              function v1() {
                return 1;
              },
            ],
          }),
        ],
      },
      "invalid-argument",
      "Two scorers give the metric a/v1",
    ],
    [
      "an aggregation without a name",
      { scorers: [named("m", { aggregations: [[() => 1][0]] })] },
      "invalid-argument",
      "a function without a name",
    ],
    [
      "a scorer called latency",
      { scorers: [named("latency")] },
      "invalid-argument",
      "cannot be called latency",
    ],
    ["a scorer without a name", { scorers: [() => 1] }, "invalid-argument", "Scorer 1 has no name"],
    [
      "a scorer that is none",
      { scorers: [{} as never] },
      "invalid-argument",
      "Expected scorer 1 to be a function",
    ],
    [
      "an upside-down scale",
      { scorers: [named("m", { scale: [5, 1] })] },
      "invalid-argument",
      "Expected the scale of m",
    ],
    [
      "one aggregation twice",
      { scorers: [named("m", { aggregations: ["mean", "mean"] })] },
      "invalid-argument",
      "give m/mean",
    ],
    [
      "trials",
      { trials: 0 },
      "invalid-argument",
      "Expected trials to be an integer of at least 1, got 0",
    ],
    ["concurrency", { concurrency: 1.5 }, "invalid-argument", "Expected concurrency"],
    ["limit", { limit: -1 }, "invalid-argument", "Expected limit"],
    [
      "maxFailed",
      { maxFailed: 2 },
      "invalid-argument",
      "Expected maxFailed to be in [0, 1], got 2",
    ],
    ["timeoutMs", { timeoutMs: 0 }, "invalid-argument", "Expected timeoutMs"],
    [
      "a timeout beyond what a timer can",
      { timeoutMs: 2 ** 31 },
      "invalid-argument",
      "Expected timeoutMs",
    ],
    ["missing file", { data: "none.jsonl" }, "invalid-argument", "No data file"],
    [
      "a bad row far down",
      { data: [...data, { question: "q", tags: 3 }] },
      "invalid-argument",
      "row 2: expected tags",
    ],
    [
      "a bad first row of a stream",
      { data: new Set([["a"]]) },
      "invalid-argument",
      "row 1: expected a JSON object",
    ],
    ["an empty stream", { data: new Set<object>() }, "invalid-argument", "stream holds no rows"],
    [
      "a tracking URI",
      { trackingUri: "mysql://u:secret@h/d" },
      "configuration",
      "Expected a tracking URI",
    ],
  ])("%s", async (_, options, code, message) => {
    const error = await at.refuses({ data, model, scorers: [measured], ...options });
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    expect(String(error)).not.toContain("secret");
  });
});

test.each([
  ["started", 1],
  ["row", 2],
  ["finished", 22],
])(
  "an onProgress that throws when told %s ends nothing: it is not called again, and a note says so",
  async (kind, expected) => {
    let calls = 0;
    const result = await at.evaluate({
      data: numbered(20),
      model: () => "fine",
      scorers: [measured],
      onProgress: (progress) => {
        calls += 1;
        if (progress.kind === kind) throw new Error("the bar is broken");
      },
    });
    expect(calls).toBe(expected);
    expect(result.counts).toMatchObject({ completed: 20, failed: 0 });
    expect(result.notes).toContain(
      "onProgress failed and was not called again: Error: the bar is broken",
    );
  },
);

test("answers that were cut off at their token limit are counted in a note", async () => {
  server = await startProviderServer({
    reply: ({ index }) => ({ text: "The answer is", ...(index < 2 && { finishReason: "length" }) }),
  });
  const result = await at.evaluate({
    data: numbered(5).map(({ i }) => ({ question: `q${i}` })),
    model: "openai:/gpt-test",
    scorers: [measured],
    concurrency: 1,
    env: { OPENAI_API_KEY: "k", OPENAI_BASE_URL: `${server.url}/v1` },
  });
  expect(result.notes).toContainEqual(
    expect.stringMatching(/^a model was cut off at its token limit in 2 answers/),
  );
});

test("a scorer that gives numbers and words has no mean, and a note says why", async () => {
  const result = await at.evaluate({
    data: numbered(4),
    model: ({ i }: { i: number }) => i,
    scorers: [
      defineScorer({ name: "mixed" }, ({ outputs }) =>
        outputs === 0 ? "unsure" : Number(outputs),
      ),
    ],
  });
  expect(result.summaries.mixed).toMatchObject({ scored: 4 });
  expect(result.metrics).not.toHaveProperty("mixed/mean");
  expect(result.notes).toContain(
    "mixed has no mean: 1 of 4 verdicts are words, the others numbers",
  );
});

describe("what ends a run half-way keeps what was committed:", () => {
  async function failedRun(options: EvaluateOptions) {
    let runId = "";
    const failing = at.evaluate({
      concurrency: 1,
      ...options,
      onProgress: (progress) => {
        if (progress.kind === "started") runId = progress.runId;
        options.onProgress?.(progress);
      },
    });
    const [outcome] = await Promise.allSettled([failing]);
    const { runs, results } = await at.open();
    const record = await results.getEvaluation(runId);
    const rows = [];
    for await (const row of results.listResults(runId)) rows.push(row);
    expect((await runs.getRun(runId))?.status).toBe("FAILED");
    expect(record?.status).toBe("failed");
    return { error: outcome.status === "rejected" ? outcome.reason : undefined, record, rows };
  }

  test("a key that the provider rejects from the third call on", async () => {
    server = await startProviderServer({
      reply: ({ index }) =>
        index < 2 ? { text: "fine" } : { status: 401, error: { message: "no" } },
    });
    const { error, record, rows } = await failedRun({
      data: numbered(10).map(({ i }) => ({ question: `q${i}` })),
      model: "openai:/gpt-test",
      scorers: [measured],
      env: server.env,
    });
    expect(error).toMatchObject({ code: "configuration" });
    expect(rows.map(({ outputs, scores }) => [outputs, scores.measured])).toEqual([
      ["fine", { kind: "scored", value: 5 }],
      ["fine", { kind: "scored", value: 5 }],
    ]);
    expect(record?.outcome?.problems[0]).toContain("rejected the key (HTTP 401)");
    expect(server.requests).toHaveLength(3);
  });

  test("a key of a judge that the provider rejects; other scorers have committed by then", async () => {
    server = await startProviderServer({
      reply: () => ({ status: 401, error: { message: "no" } }),
    });
    const { error, rows } = await failedRun({
      data: numbered(3),
      model: () => "x",
      scorers: [
        makeGenaiMetric({
          name: "relevance",
          definition: "Relevance.",
          gradingPrompt: "Score it from 1 to 5.",
          model: "openai:/judge",
        }),
        measured,
      ],
      env: server.env,
    });
    expect(error).toMatchObject({ code: "configuration" });
    expect(rows).toMatchObject([{ outputs: "x", scores: { measured: { value: 5 } } }]);
  });

  test("a row of a stream that cannot be used, and a stream that breaks off", async () => {
    async function* stream(last: unknown) {
      yield* numbered(2);
      if (last instanceof Error) throw last;
      yield last as object;
    }
    const options = { model: () => "x", scorers: [measured] };
    const unusable = await failedRun({ ...options, data: stream("text") });
    expect(unusable.error).toMatchObject({
      message: "row 3: expected a JSON object, found a string",
    });
    expect(unusable.rows).toHaveLength(2);
    const broken = await failedRun({ ...options, data: stream(new Error("socket closed")) });
    expect(broken.error).toMatchObject({
      code: "invalid-argument",
      message: "The data could not be read: Error: socket closed",
    });
    expect(broken.rows).toHaveLength(2);
  });
});

describe("key-shaped strings", () => {
  const SECRET = "sk-abcdefghijklmnop1234567890";
  const options: EvaluateOptions = {
    data: [
      { id: "a", question: SECRET, answer: SECRET, fails: false },
      { id: "b", question: "q", answer: "a", fails: true },
    ],
    model: ({ fails }: { fails: boolean }) => {
      if (fails) throw new Error(`rejected ${SECRET}`);
      return { said: [SECRET] };
    },
    targets: "answer",
    scorers: [
      defineScorer({ name: "label" }, () => SECRET),
      defineScorer({ name: "parts" }, () => [
        { kind: "scored", value: 1, part: SECRET, rationale: SECRET },
      ]),
      function broken() {
        throw new Error(SECRET);
      },
      defineScorer({ name: "judge" }, ({ recordCall }) => {
        recordCall?.({ model: "m:/m", reply: SECRET, latencyMs: 1 });
        return 1;
      }),
    ],
    maxFailed: 1,
  };

  async function storedText(): Promise<string> {
    await closeStores();
    const folder = dirname(at.uri.replace("sqlite:///", ""));
    return readdirSync(folder)
      .filter((name) => name.startsWith("assay.db"))
      .map((name) => readFileSync(join(folder, name), "latin1"))
      .join("");
  }

  test("are masked everywhere in the store, and scorers see them as they are", async () => {
    const result = await at.evaluate(options);
    expect((await rowsOf(result))[0]).toMatchObject({
      inputs: { question: "[redacted]" },
      outputs: { said: ["[redacted]"] },
      expectations: { expected_response: "[redacted]" },
      scores: { label: { value: "[redacted]" } },
    });
    expect(await storedText()).not.toContain(SECRET);
  });

  test("are stored as they are with redact off", async () => {
    await at.evaluate({ ...options, redact: "off" });
    expect(await storedText()).toContain(SECRET);
  });
});

test("what a scorer broke on is said, also when another one was given up at the stop", async () => {
  const stop = new AbortController();
  const isStopped = new Promise((resolve) => stop.signal.addEventListener("abort", resolve));
  async function stuck() {
    return new Promise<number>(() => undefined);
  }
  async function broken(): Promise<number> {
    await isStopped;
    throw new AssayError("configuration", "the judge has no key");
  }
  const running = at.evaluate({
    data: numbered(1),
    model: () => {
      setImmediate(() => stop.abort(new StopWithin(0)));
      return "a";
    },
    scorers: [stuck, broken],
    signal: stop.signal,
  });
  await expect(running).rejects.toThrow("the judge has no key");
});
