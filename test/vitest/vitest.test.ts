import { AssertionError } from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defineScorer, type ResultRow } from "../../src/core/index.ts";
import { type EvaluateResult, evaluate, type Inputs } from "../../src/evaluate/index.ts";
import { closeStores, storeAt } from "../../src/tracking/index.ts";
import {
  AssayReporter,
  assertPassesGate,
  assertScoresAtLeast,
  describeEval,
  type TestRunner,
} from "../../src/vitest/index.ts";

const value = defineScorer({ name: "value", version: "v1", scale: [1, 5] }, ({ outputs }) =>
  outputs === 3
    ? { kind: "unscored", reason: "refused", detail: "no" }
    : { kind: "scored", value: outputs as number, rationale: "because" },
);
const options = () => ({
  name: "in tests",
  data: [{ i: 1 }, { i: 2 }, { i: 3 }, { i: 4 }],
  model: async ({ i }: Inputs) => i,
  scorers: [value],
  maxFailed: 0.5,
  env: {},
});

// One for all tests of the file: suites are told where to store before any test runs.
const folder = mkdtempSync(join(tmpdir(), "assay-vitest-"));
const uri = `sqlite:///${join(folder, "assay.db")}`;
let result: EvaluateResult;
beforeAll(async () => {
  result = await evaluate({ ...options(), trackingUri: uri });
});
afterAll(async () => {
  await closeStores();
  rmSync(folder, { recursive: true, force: true });
});

async function rows(): Promise<ResultRow[]> {
  const found: ResultRow[] = [];
  for await (const row of result.rows()) found.push(row);
  return found;
}

describe("importing assay/vitest", () => {
  test("gives expect(result).toPassGate", async () => {
    await expect(result).toPassGate("value >= 2");
    await expect(result).not.toPassGate("value >= 4");
    await expect(expect(result).toPassGate("value/v1/mean >= 4")).rejects.toThrow(
      /value\/v1\/mean is 2\.333 .*it must be at least 4: missed here/,
    );
    await expect(expect(result).toPassGate("value >= 2", { strict: true })).rejects.toThrow(
      /strict demands proof/,
    );
    // Not proven is not proven to be missed.
    await expect(expect(result).not.toPassGate("value >= 2", { strict: true })).rejects.toThrow(
      /strict demands proof/,
    );
    const misspelt = { stict: true } as object;
    await expect(expect(result).toPassGate("value >= 2", misspelt)).rejects.toThrow(
      "Gates have no option stict. Did you mean strict?",
    );
    await expect(
      assertPassesGate(result, "value >= 2", { guarantee: "exakt" as never }),
    ).rejects.toThrow('Expected guarantee to be "standard" or "exact", got "exakt"');
    await expect(expect(result).toPassGate("valu >= 2")).rejects.toThrow(/Did you mean value/);
  });

  test("gives expect(row).toScoreAtLeast", async () => {
    const [first, second, third] = await rows();
    expect(second).toScoreAtLeast("value", 2);
    expect(first).not.toScoreAtLeast("value/v1", 2);
    for (const least of [Number.NaN, undefined as never]) {
      const refused = "Expected the least score of value to be a number";
      expect(() => expect(first).not.toScoreAtLeast("value", least)).toThrow(refused);
      expect(() => expect(first).toScoreAtLeast("value", least)).toThrow(refused);
    }
    expect(() => expect(first).toScoreAtLeast("value", 2)).toThrow(
      "value/v1 is 1, and has to be at least 2: because",
    );
    expect(() => expect(third).toScoreAtLeast("value", 1)).toThrow(
      "value/v1 gave no score: refused: no",
    );
    expect(() => expect(third).toScoreAtLeast("other", 1)).toThrow(
      "the row has no score of other; it has value/v1",
    );
    expect(() => expect(3).toScoreAtLeast("value", 1)).toThrow(/expects a row/);
  });

  test("finds what was not measured neither good enough nor not", async () => {
    const [, , third] = await rows();
    expect(() => expect(third).not.toScoreAtLeast("other", 1)).toThrow(/no score of other/);
    expect(() => expect(third).not.toScoreAtLeast("value", 4)).toThrow(/gave no score: refused/);
    const incomplete = { ...result, status: "incomplete" as const };
    for (const passes of [expect(incomplete), expect(incomplete).not]) {
      await expect(passes.toPassGate("value >= 2")).rejects.toThrow(
        "the evaluation is incomplete, so no gate passes",
      );
    }
  });

  test("compares with a baseline", async () => {
    const { runId: baseline } = result;
    await expect(result).toPassGate("value >= baseline", { baseline });
    await expect(result).not.toPassGate("value >= baseline + 0.1", { baseline });
    await assertPassesGate(result, "value >= baseline", { baseline });
    await expect(assertPassesGate(result, "value >= baseline")).rejects.toThrow(/none is given/);
  });
});

describe("plain functions for node:test and Jest", () => {
  test("throw an AssertionError that says what was found", async () => {
    await assertPassesGate(result, "value >= 2");
    const refusal = assertPassesGate(result, "value >= 4");
    await expect(refusal).rejects.toBeInstanceOf(AssertionError);
    await expect(refusal).rejects.toMatchObject({ expected: "value >= 4" });
    const [first] = await rows();
    if (first === undefined) throw new Error("no row");
    assertScoresAtLeast(first, "value", 1);
    expect(() => assertScoresAtLeast(first, "value", 2)).toThrow(AssertionError);
  });
});

describe("describeEval", () => {
  test("makes a suite with a test for each gate", async () => {
    const tests = new Map<string, () => Promise<void> | void>();
    const before: (() => Promise<void>)[] = [];
    const runner: TestRunner = {
      describe: (_name, define) => define(),
      test: (name, run) => tests.set(name, run),
      beforeAll: (run) => before.push(run),
    };
    describeEval(
      "suite",
      {
        ...options(),
        trackingUri: uri,
        gates: ["value >= 2", "value >= 4"],
        tests: (found) => runner.test("of my own", () => void found().metrics),
      },
      runner,
    );
    expect([...tests.keys()]).toEqual(["is complete", "value >= 2", "value >= 4", "of my own"]);
    expect(() => tests.get("is complete")?.()).toThrow(/has not run/);
    for (const run of before) await run();
    tests.get("is complete")?.();
    tests.get("value >= 2")?.();
    tests.get("of my own")?.();
    expect(() => tests.get("value >= 4")?.()).toThrow(/it must be at least 4: missed here/);
  });
});

// A suite of the runner that this file is run by.
describeEval("an evaluation within Vitest", {
  ...options(),
  trackingUri: uri,
  gates: ["value >= 2"],
});

describe("the reporter", () => {
  test("stores a test run as a run, with every test in a table", async () => {
    const reporter = new AssayReporter({ trackingUri: uri });
    const tested = (fullName: string, state: string, message?: string) => ({
      fullName,
      result: () => ({ state, errors: message === undefined ? undefined : [{ message }] }),
      diagnostic: () => ({ duration: 12 }),
    });
    const all = [
      tested("a > b", "passed"),
      tested("a > c", "failed", "boom"),
      tested("d", "skipped"),
    ];
    reporter.onTestRunStart();
    await reporter.onTestRunEnd([{ moduleId: "x.test.ts", children: { allTests: () => all } }]);
    const store = await storeAt(uri);
    const [run] = await store.runs.listRuns({ limit: 1 });
    expect(run).toMatchObject({
      status: "FAILED",
      metrics: { tests: 3, passed: 1, failed: 1, skipped: 1, pass_rate: 0.5 },
    });
    const files = await store.artifacts.list(run?.artifactUri ?? "");
    expect(files.map(({ path }) => path)).toContain("tests.json");
  });
});
