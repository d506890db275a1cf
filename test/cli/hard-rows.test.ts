import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startProviderServer } from "../support/provider-server.ts";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;

beforeEach(() => {
  project = newProject();
});
afterEach(() => project.remove());

/** Runs one evaluation whose options are written as code. */
function evaluate(options: string, ...flags: string[]) {
  project.write(
    "hard.eval.mjs",
    `import { defineEval } from "assay";
import { exactMatch } from "assay/metrics";
export default defineEval({ name: "hard", ${options} });
`,
  );
  return project.assay("eval", "hard.eval.mjs", "--quiet", ...flags);
}

test("half of the model's calls failing is printed beside every mean, and exits 4", async () => {
  const { code, stdout } = await evaluate(`
    data: [0, 1, 2, 3].map((i) => ({ i, gold: "x" })), targets: "gold", extraMetrics: [exactMatch()],
    model: ({ i }) => { if (i % 2) throw new Error("overloaded"); return "x"; },
    gates: ["exact_match/v1 >= 0.5"]`);
  expect(code).toBe(4);
  expect(stdout).toMatch(/2 +1 +✗ Error: overloaded +model-failed/);
  expect(stdout).toMatch(/exact_match\/v1 +incomplete +2 +2 +0 +0\n/);
  expect(stdout).toContain("INCOMPLETE  the model failed on 2 of 4 rows; at most 2 % may");
  expect(stdout).toContain("4 of 4 rows · 2 failed");
});

test("half of a scorer's calls failing is printed as its failures alone, and exits 4", async () => {
  const { code, stdout } = await evaluate(`
    data: [0, 1, 2, 3].map((i) => ({ i })), model: () => "x",
    scorers: [
      function brittle({ inputs }) { if (inputs.i % 2) throw new TypeError("odd row"); return 1; },
      function steady() { return 1; },
    ]`);
  expect(code).toBe(4);
  expect(stdout).toMatch(/brittle +incomplete +2 +2 +0 +0\n/);
  // Four equal numbers without a scale say nothing of how far others may lie from them.
  expect(stdout).toMatch(/steady +1 +4 +0 +0 +0\n/);
  expect(stdout).toContain("brittle: scorer-failed: TypeError: odd row");
  expect(stdout).toContain(
    "INCOMPLETE  brittle: 2 of 4 results have no score (2 failed, 0 missing)",
  );
});

test("a judge that cannot be understood is printed so, with no mean, and exits 4", async () => {
  const server = await startProviderServer({
    reply: ({ body }) => ({ text: body.response_format === undefined ? "x" : "no verdict" }),
  });
  try {
    Object.assign(project.env, server.env);
    project.write("rows.jsonl", '{"question":"a"}\n{"question":"b"}\n');
    const { code, stdout } = await project.assay(
      ...["eval", "rows.jsonl", "--quiet", "--model", "openai:/m", "--judge", "relevance"],
      ...["--judge-model", "openai:/j", "--gate", "relevance/v1/mean >= 3"],
    );
    expect(code).toBe(4);
    expect(stdout).toContain("judge-unparseable");
    expect(stdout).toMatch(/relevance\/v1 +incomplete +0 +2 +0 +0\n/);
    expect(stdout).toMatch(
      /FAIL \(undecided\) +relevance\/v1\/mean cannot be judged: 2 of 2 results/,
    );
  } finally {
    await server.close();
  }
});

test.each(["rows.jsonl", "rows.json", "rows.csv"])(
  "%s without rows is one line and exit 2",
  async (file) => {
    const content =
      { "rows.jsonl": "\n", "rows.json": "[]", "rows.csv": "question,gold\n" }[file] ?? "";
    project.write(file, content);
    const { code, stdout, stderr } = await project.assay("eval", file, "--model", "openai:/m");
    expect([code, stdout, stderr]).toEqual([2, "", `error: ${file} holds no rows\n`]);
    expect((await project.assay("runs", "list")).stdout).not.toContain("rows");
  },
);

test("one row is printed with the mean that it is, and a gate on it is decided by the point estimate", async () => {
  const { code, stdout } = await evaluate(`
    data: [{ q: "a" }], model: () => "x", scorers: [function count() { return 3; }],
    gates: ["count/mean >= 2"]`);
  expect(code).toBe(0);
  expect(stdout).toMatch(/count +3 +1 +0 +0 +0\n/);
  expect(stdout).toMatch(
    /PASS \(undecided\) +count\/mean is 3 \(1 scored\); it must be at least 2/,
  );
});

test("outputs that are empty, falsy or unknown to JSON are printed as what is stored", async () => {
  const { code, stdout } = await evaluate(
    `
    data: [0, 1, 2, 3, 4, 5].map((i) => ({ i })), maxFailed: 1, concurrency: 1,
    scorers: [function noted() { return 1; }],
    model: ({ i }) => {
      const cycle = {};
      cycle.self = cycle;
      return [undefined, null, "", 0, 10n, cycle][i];
    }`,
    ...["-o", "rows.jsonl", "-o", "rows.csv"],
  );
  expect(code).toBe(0);
  expect(stdout).toContain("6 of 6 rows · 1 failed");
  expect(stdout).toMatch(/1 +0 +✗ AssayError: The model returned nothing +model-failed/);
  expect(stdout).toMatch(/2 +1 +null +1\n/);
  expect(stdout).toMatch(/4 +3 +0 +1\n/);
  expect(stdout).toMatch(/5 +4 +10 +1\n/);
  expect(stdout).toMatch(/6 +5 +\{"self":"\[circular\]"\} +1\n/);
  const lines = readFileSync(join(project.folder, "rows.jsonl"), "utf8").trim().split("\n");
  const outputs = lines
    .map((line) => JSON.parse(line))
    .map(({ outputs, error }) => error ?? outputs);
  expect(outputs).toEqual([
    ...["AssayError: The model returned nothing", null, "", 0, "10", { self: "[circular]" }],
  ]);
});
