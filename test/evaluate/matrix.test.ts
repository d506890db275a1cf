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
