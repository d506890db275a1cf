import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isAssayError } from "../../src/core/index.ts";
import { evaluate, type MatrixOptions } from "../../src/evaluate/index.ts";
import { exactMatch } from "../../src/metrics/index.ts";
import {
  type ProviderRequest,
  type ProviderServer,
  startProviderServer,
} from "../support/provider-server.ts";
import { useTempStore } from "./temp-store.ts";

const at = useTempStore();

const right = ({ gold }: { gold: string }) => gold;
const wrong = () => "no";

const data = [
  { question: "a", gold: "x" },
  { question: "b", gold: "y" },
];

function matrix(options: Partial<MatrixOptions>) {
  return evaluate({
    trackingUri: at.uri,
    env: {},
    name: "matrix",
    data: data.map((row) => ({ inputs: row, expectations: { expected_response: row.gold } })),
    extraMetrics: [exactMatch()],
    ...options,
  } as MatrixOptions);
}

describe("several models", () => {
  test("are runs nested in one parent, with a result each", async () => {
    const result = await matrix({ model: { good: right, bad: wrong }, tags: { team: "red" } });
    expect(result.runs.map(({ cell, metrics }) => [cell, metrics["exact_match/v1"]])).toEqual([
      [{ model: "good" }, 1],
      [{ model: "bad" }, 0],
    ]);
    const store = await at.open();
    const parent = await store.runs.getRun(result.runId);
    expect(parent).toMatchObject({
      name: "matrix",
      status: "FINISHED",
      tags: { team: "red", "mlflow.runType": "evaluation", "assay.matrix": "matrix" },
    });
    for (const run of result.runs) {
      const child = await store.runs.getRun(run.runId);
      expect(child).toMatchObject({
        name: run.cell.model,
        experimentId: result.experimentId,
        tags: {
          team: "red",
          "mlflow.parentRunId": result.runId,
          "assay.cell.model": run.cell.model,
        },
      });
      const evaluation = await store.results.getEvaluation(run.runId);
      expect(evaluation?.name).toBe(`matrix [${run.cell.model}]`);
    }
    const table = await store.artifacts.read(parent?.artifactUri ?? "", "comparison.json");
    const { columns, data } = JSON.parse(new TextDecoder().decode(table));
    expect(columns.slice(0, 5)).toEqual(["model", "prompt", "run_id", "status", "decision"]);
    const at5 = columns.indexOf("exact_match/v1");
    expect(data.map((row: unknown[]) => [row[0], row[at5]])).toEqual([
      ["good", 1],
      ["bad", 0],
    ]);
  });

  test("in a list go by the names of their functions", async () => {
    const { runs } = await matrix({ model: [right, wrong] });
    expect(runs.map(({ cell }) => cell.model)).toEqual(["right", "wrong"]);
  });

  test("are gated each: one that fails fails all, unless one that passes is enough", async () => {
    const gates = ["exact_match/v1 >= 0.9"];
    const every = await matrix({ model: [right, wrong], gates });
    expect(every.runs.map(({ decision }) => decision)).toEqual(["pass", "fail"]);
    expect(every.decision).toBe("fail");
    const some = await matrix({ model: [right, wrong], gates, gateCells: "some" });
    expect(some.decision).toBe("pass");
    expect((await matrix({ model: [right, wrong] })).decision).toBeUndefined();
  });

  test("that are stopped leave the cells that were done, and a killed parent", async () => {
    const stop = new AbortController();
    const result = await matrix({
      model: {
        first: right,
        second: () => {
          stop.abort();
          return "x";
        },
        third: right,
      },
      concurrency: 1,
      signal: stop.signal,
    });
    expect(result.status).toBe("interrupted");
    expect(result.runs.map(({ cell }) => cell.model)).toEqual(["first", "second"]);
    const store = await at.open();
    expect((await store.runs.getRun(result.runId))?.status).toBe("KILLED");
  });
});

test.each([
  ["fails", { isOpen: true }, "every"],
  ["fails where one has to pass and none did", { isOpen: true, isWrong: true }, "some"],
  ["passes where one has to pass and did", { isOpen: false }, "some"],
] as const)("a matrix with gates of which a cell was never begun %s", async (_, is, gateCells) => {
  const stop = new AbortController();
  const { verdict, decision, runs } = await matrix({
    model: { first: "isWrong" in is ? wrong : right, second: right },
    gates: ["exact_match/v1 >= 5%"],
    gateCells,
    signal: stop.signal,
    onProgress: ({ kind }) => kind === "finished" && stop.abort(),
  });
  expect(runs.map(({ status }) => status)).toEqual(["finished"]);
  const open = { verdict: "undecided", decision: "fail" };
  expect({ verdict, decision }).toEqual(is.isOpen ? open : { verdict: "pass", decision: "pass" });
});

describe("a matrix that was stopped", () => {
  test("goes on where it was: cells that were done are not run again", async () => {
    const calls: string[] = [];
    const stop = new AbortController();
    const counted = (name: string, at: { readonly stops?: boolean } = {}) => {
      return ({ gold }: { gold: string }) => {
        calls.push(name);
        if (at.stops) stop.abort();
        return gold;
      };
    };
    const cut = await matrix({
      model: { a: counted("a"), b: counted("b", { stops: true }), c: counted("c") },
      concurrency: 1,
      gates: ["exact_match/v1 >= 1"],
      signal: stop.signal,
    });
    expect(calls).toEqual(["a", "a", "b"]);
    calls.length = 0;
    const model = { a: counted("a"), b: counted("b"), c: counted("c") };
    const resumed = await matrix({ model, gates: ["exact_match/v1 >= 1"], resume: true });
    expect(calls).toEqual(["b", "c", "c"]);
    expect(resumed.runId).toBe(cut.runId);
    expect(resumed).toMatchObject({ status: "finished", decision: "pass" });
    expect(
      resumed.runs.map(({ counts, metrics }) => [counts.completed, metrics["exact_match/v1"]]),
    ).toEqual([
      [2, 1],
      [2, 1],
      [2, 1],
    ]);
    expect(resumed.runs[0]?.runId).toBe(cut.runs[0]?.runId);
    expect(resumed.runs[1]?.runId).toBe(cut.runs[1]?.runId);
    expect(Object.keys(resumed.runs[0]?.artifacts ?? {})).toEqual(["eval_results_table"]);
    await expect(matrix({ model, resume: true })).rejects.toMatchObject({ code: "not-found" });
    await expect(matrix({ model, resume: "nonsense" })).rejects.toMatchObject({
      code: "not-found",
    });
  });
});

describe("a matrix of which a cell is finished", () => {
  const rows = data.map((row) => ({
    id: row.question,
    inputs: row,
    expectations: { expected_response: row.gold },
  }));

  /** Finishes the first cell and breaks off in the second; counts what the models are asked. */
  async function cutShort(options: Partial<MatrixOptions> = {}) {
    const stop = new AbortController();
    const asked: string[] = [];
    let isCut = false;
    const cell =
      (name: string, stops = false) =>
      ({ question, gold }: { question: string; gold: string }) => {
        asked.push(`${name} ${question}`);
        if (stops && !isCut) stop.abort();
        return gold;
      };
    const given = {
      model: { a: cell("a"), b: cell("b", true) },
      concurrency: 1,
      data: rows,
      ...options,
    };
    const cut = await matrix({ ...given, signal: stop.signal });
    expect(cut.runs.map(({ status }) => status)).toEqual(["finished", "interrupted"]);
    isCut = true;
    asked.length = 0;
    return { cut, asked, given };
  }

  const other = [...rows.slice(1), { id: "c", inputs: { question: "c", gold: "z" } }];
  test.each<[string, Partial<MatrixOptions>, RegExp]>([
    ["other data", { data: other }, /its data was .*--allow-changed-data/],
    [
      "other scorers",
      { extraMetrics: [exactMatch({ normalize: "squad" })] },
      /its scorer exact_match\/v1 was exact_match\/v1:\w+ and is now/,
    ],
    ["another seed", { seed: 7 }, /its seed was 0 and is now 7/],
  ])("is not resumed with %s, and no cell is run", async (_, change, message) => {
    const { cut, asked, given } = await cutShort();
    const store = await at.open();
    const [outcome] = await Promise.allSettled([matrix({ ...given, ...change, resume: true })]);
    const error = outcome.status === "rejected" ? outcome.reason : undefined;
    expect(isAssayError(error, "invalid-argument")).toBe(true);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain(cut.runs[0]?.runId);
    expect(asked).toEqual([]);
    expect((await store.runs.getRun(cut.runId))?.status).toBe("KILLED");
  });

  test("goes on with it where other data is allowed", async () => {
    const { cut, asked, given } = await cutShort();
    const resumed = await matrix({ ...given, data: other, resume: true, allowChangedData: true });
    expect(resumed.runs.map(({ runId }) => runId)).toEqual(cut.runs.map(({ runId }) => runId));
    expect(resumed.runs.map(({ status, counts }) => [status, counts.completed])).toEqual([
      ["finished", 2],
      ["finished", 2],
    ]);
    expect(asked.sort()).toEqual(["a c", "b b", "b c"]);
  });

  test("is decided again where other data is allowed and it is the same", async () => {
    const { cut, asked, given } = await cutShort();
    const resumed = await matrix({ ...given, resume: true, allowChangedData: true });
    expect(resumed.runs[0]?.runId).toBe(cut.runs[0]?.runId);
    expect(asked.every((call) => call.startsWith("b"))).toBe(true);
  });

  test("is not resumed with another row in data too long for a digest", async () => {
    const long = Array.from({ length: 10_001 }, (_, index) => ({ id: `r${index}`, question: "q" }));
    const stop = new AbortController();
    let isCut = false;
    const b = () => {
      if (!isCut) stop.abort();
      return "x";
    };
    const run = (rows: object[], options: Partial<MatrixOptions>) =>
      matrix({
        model: { a: () => "x", b },
        data: function many() {
          return rows;
        },
        modelType: "text",
        extraMetrics: [],
        ...options,
      });
    const cut = await run(long, { signal: stop.signal });
    expect(cut.runs[0]?.counts.completed).toBe(10_001);
    isCut = true;
    const changed = (rows: object[]) => run(rows, { resume: true });
    await expect(changed(long.slice(1))).rejects.toThrow("row 1 is another one");
    const longer = [...long, { id: "new", question: "q" }];
    await expect(changed(longer)).rejects.toThrow("row 10002 is new");
  });
});

test("a matrix that goes on decides all its cells on the gates that are given now", async () => {
  const stop = new AbortController();
  const b = () => {
    stop.abort();
    return "x";
  };
  const shared = { model: { a: right, b }, concurrency: 1 };
  await matrix({ ...shared, gates: ["exact_match/v1 >= 50%"], signal: stop.signal });
  const gates = ["exact_match/v1 >= 50%", "exact_match/v1 < 100%"];
  const resumed = await matrix({ ...shared, gates, resume: true });
  expect(resumed.runs.map((run) => run.gates.map(({ decision }) => decision))).toEqual([
    ["pass", "fail"],
    ["pass", "pass"],
  ]);
  expect(resumed.decision).toBe("fail");
});

test("a matrix that a limit stopped goes on", async () => {
  const slow = () => new Promise((resolve) => setTimeout(resolve, 20, "x"));
  const model = { a: slow, b: slow };
  const cut = await matrix({ model, concurrency: 1, runTimeoutMs: 1 });
  expect(cut.status).toBe("incomplete");
  const whole = await matrix({ model, resume: true });
  expect([whole.runId, whole.status]).toEqual([cut.runId, "finished"]);
  expect(whole.runs.map(({ counts }) => counts.completed)).toEqual([2, 2]);
  await expect(matrix({ model, resume: true })).rejects.toMatchObject({ code: "not-found" });
});

test("a finished matrix has the failures of its cells made again when it is asked to", async () => {
  const calls: string[] = [];
  let isCured = false;
  const failing = ({ question, gold }: { question: string; gold: string }) => {
    if (question === "a" && !isCured) throw new Error("bad luck");
    if (isCured) calls.push(question);
    return gold;
  };
  const options = { model: { m: failing, n: right }, maxFailed: 0.5 };
  const first = await matrix(options);
  expect(first.status).toBe("finished");
  isCured = true;
  const retried = await matrix({ ...options, resume: true, retryFailed: true });
  expect([retried.runId, calls]).toEqual([first.runId, ["a"]]);
  expect(retried.runs.map(({ counts }) => counts.failed)).toEqual([0, 0]);
});

describe("several prompts", () => {
  let provider: ProviderServer;
  const requests: ProviderRequest[] = [];
  beforeEach(async () => {
    requests.length = 0;
    provider = await startProviderServer({
      reply: (request) => {
        requests.push(request);
        return { text: request.text.startsWith("Say") ? "x" : "y" };
      },
    });
  });
  afterEach(() => provider.close());

  test("meet every model", async () => {
    const { runs } = await matrix({
      model: ["openai:/a", "openai:/b"],
      prompt: { short: "Say {{ question }}", long: "Please say {{ question }}" },
      env: provider.env,
    });
    expect(runs.map(({ cell, name }) => [name, cell])).toEqual([
      ["matrix [openai:/a, short]", { model: "openai:/a", prompt: "short" }],
      ["matrix [openai:/a, long]", { model: "openai:/a", prompt: "long" }],
      ["matrix [openai:/b, short]", { model: "openai:/b", prompt: "short" }],
      ["matrix [openai:/b, long]", { model: "openai:/b", prompt: "long" }],
    ]);
    expect(runs.map(({ metrics }) => metrics["exact_match/v1"])).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(requests.length).toBe(8);
  });

  test("are not resumed when one of the same name has another text", async () => {
    const model = "openai:/a";
    const stop = new AbortController();
    const gates = ["exact_match/v1 >= 0"];
    const common = { model, gates, env: provider.env, concurrency: 1 };
    await matrix({
      ...common,
      prompt: { short: "Say {{ question }}", long: "Please say {{ question }}" },
      signal: stop.signal,
      onProgress: (progress) => progress.kind === "finished" && stop.abort(),
    });
    const asked = requests.length;
    const prompt = { short: "Tell {{ question }}", long: "Please say {{ question }}" };
    await expect(matrix({ ...common, prompt, resume: true })).rejects.toThrow(
      /its prompt was \w+ and is now \w+\. Begin a new run/,
    );
    expect(requests.length).toBe(asked);
  });

  test("of one model are numbered when they have no names", async () => {
    const { runs } = await matrix({
      model: "openai:/a",
      prompt: ["Say {{ question }}", "Tell {{ question }}"],
      env: provider.env,
    });
    expect(runs.map(({ cell }) => cell)).toEqual([{ prompt: "prompt 1" }, { prompt: "prompt 2" }]);
  });
});

async function* once() {
  yield { question: "a", expectations: { expected_response: "x" } };
}

test.each<[string, Partial<MatrixOptions>, string]>([
  ["data that is gone once read", { model: [right, wrong], data: once() }, "can be read only once"],
  ["two models of one name", { model: [right, right] }, "Two of model are called right"],
  ["no model in the list", { model: [] }, "Expected model to hold at least one"],
  ["prompts of a function", { model: right, prompt: ["a", "b"] }, "Several prompts are for model"],
  ["a bad cell", { model: { a: right, b: "nonsense" } }, 'Cannot use the model URI "nonsense"'],
  ["a bad gateCells", { model: [right], gateCells: "any" as "some" }, 'got "any"'],
])("%s is refused before anything runs", async (_, options, message) => {
  const [outcome] = await Promise.allSettled([matrix(options)]);
  const error = outcome.status === "rejected" ? outcome.reason : undefined;
  expect(isAssayError(error, "invalid-argument")).toBe(true);
  expect((error as Error).message).toContain(message);
  const store = await at.open();
  const { experimentId } = await store.experiments.ensureExperiment("Default");
  expect((await store.runs.searchRuns({ experimentIds: [experimentId] })).items).toEqual([]);
});
