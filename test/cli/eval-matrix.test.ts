import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;
beforeEach(() => {
  project = newProject();
});
afterEach(() => project.remove());

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

describe("assay eval with several models and prompts", () => {
  let provider: ProviderServer;
  beforeEach(async () => {
    provider = await startProviderServer({
      reply: ({ model, text }) => ({
        text: model === "good" && text.startsWith("Say") ? "x" : "y",
      }),
    });
    project.env = { ...provider.env };
    project.write("rows.jsonl", lines([{ q: "a", gold: "x" }]));
    project.write("short.txt", "Say {{ q }}");
  });
  afterEach(() => provider.close());

  const flags = [
    ...["eval", "rows.jsonl", "--targets", "gold", "--quiet", "--gate", "exact_match/v1 >= 1"],
    ...["--model", "openai:/good", "--model", "openai:/poor"],
    ...["--prompt", "short.txt", "--prompt", "Tell {{ q }}"],
  ];

  test("gives one object per cell, and the exit code of the worst", async () => {
    const { code, stdout } = await project.assay(...flags, "--json");
    const found = JSON.parse(stdout) as { name: string; cell: object; decision: string }[];
    expect(found.map(({ name, cell, decision }) => [name, cell, decision])).toEqual([
      ["rows [openai:/good, short.txt]", { model: "openai:/good", prompt: "short.txt" }, "pass"],
      ["rows [openai:/good, prompt 2]", { model: "openai:/good", prompt: "prompt 2" }, "fail"],
      ["rows [openai:/poor, short.txt]", { model: "openai:/poor", prompt: "short.txt" }, "fail"],
      ["rows [openai:/poor, prompt 2]", { model: "openai:/poor", prompt: "prompt 2" }, "fail"],
    ]);
    expect(code).toBe(1);
  });

  test("holds each cell against its own baseline", async () => {
    const matrix = flags.filter((flag) => !flag.includes("exact_match") && flag !== "--gate");
    const saved = await project.assay(...matrix, "--json", "--save-baseline", "@main");
    expect(saved.stderr.trim().split("\n")).toHaveLength(4);
    const before = JSON.parse(saved.stdout) as { runId: string }[];
    const { code, stdout } = await project.assay(
      ...[...matrix, "--json", "--gate", "exact_match >= baseline", "--baseline", "@main"],
    );
    expect(code).toBe(0);
    const now = JSON.parse(stdout) as { gates: [{ baseline: { name: string } }] }[];
    expect(now.map(({ gates: [gate] }) => gate.baseline.name)).toEqual(
      before.map(({ runId }) => `@main, run ${runId.slice(0, 12)}`),
    );
    const file = await project.assay(...matrix, "--save-baseline", "main.baseline.json");
    expect([file.code, file.stderr]).toEqual([
      2,
      expect.stringContaining("give an @alias, which is kept for each"),
    ]);
  });

  test("names the runs of the cells where their parent's are asked for", async () => {
    const { stdout } = await project.assay(...flags, "--json");
    const [{ runId }] = JSON.parse(stdout);
    const cell = JSON.parse((await project.assay("runs", "show", runId, "--json")).stdout);
    const parent = cell.tags["mlflow.parentRunId"];
    const shown = await project.assay("runs", "show", parent);
    const rows = await project.assay("runs", "rows", parent);
    for (const text of [shown.stdout, rows.stdout]) {
      expect(text).toMatch(/\[openai:\/good, short\.txt\] +finished +pass/);
      expect(text).toContain(runId.slice(0, 12));
    }
    expect(rows.stderr).toBe("no rows of its own; see the runs below it:\n");
    const json = JSON.parse((await project.assay("runs", "show", parent, "--json")).stdout);
    expect(json.children).toContain(runId);
    expect(json.children).toHaveLength(4);
  });

  test("compares the cells in a table at the end, and counts them in a dry run", async () => {
    const { stdout } = await project.assay(...flags);
    expect(stdout).toMatch(/openai:\/good +short\.txt +0 +– +pass/);
    expect(stdout).toMatch(/openai:\/poor +prompt 2 +0 +– +fail/);
    expect(stdout).toMatch(/exact_match\/v1 +openai:\/good +short\.txt +1 /);
    expect(stdout).toMatch(/exact_match\/v1 +openai:\/poor +prompt 2 +0 /);
    const dry = await project.assay(...flags, "--dry-run", "--json");
    expect(JSON.parse(dry.stdout)).toHaveLength(4);
  });
});

test("several models that are interrupted are listed so, as the cell that was broken off is", async () => {
  project.write(
    "two.eval.mjs",
    `import { defineEval } from "assay";
     export default defineEval({
       name: "two", data: [{ q: "a" }, { q: "b" }], concurrency: 1, extraMetrics: [function one() { return 1; }],
       model: { first: () => "x", second: () => void process.kill(process.pid, "SIGINT") },
     });`,
  );
  expect((await project.assay("eval", "two.eval.mjs", "--quiet")).code).toBe(130);
  const { stdout } = await project.assay("runs", "list");
  expect(stdout.match(/ (?:interrupted|finished|killed) /g)).toEqual([
    " interrupted ",
    " finished ",
    " interrupted ",
  ]);
});

const CUT = `import { defineEval } from "assay";
const cut = async () => {
  if (process.env.CUT) process.kill(process.pid, "SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 300));
  return "x";
};
const one = (name, model) => defineEval({
  name, model, data: [{ q: "a" }], scorers: [function len({ outputs }) { return outputs.length; }],
});
`;

test.each([
  ["cells", `export default one("m", { first: cut, second: () => "x" });`],
  ["evaluations", `export default [one("first", cut), one("second", () => "x")];`],
  [
    "cells beside an evaluation",
    `export default [one("first", cut), one("m", { second: () => "x" })];`,
  ],
  [
    "evaluations beside a matrix",
    `export default [one("m", { first: cut }), one("second", () => "x")];`,
  ],
])("%s that were never begun are said to be left, and --resume begins them", async (_, text) => {
  project.write("cut.eval.mjs", CUT + text);
  project.env = { CUT: "1" };
  const broken = await project.assay("eval", "cut.eval.mjs", "--quiet", "--json");
  expect([broken.code, JSON.parse(broken.stdout).length]).toEqual([130, 1]);
  expect(broken.stderr).toContain(
    "interrupted: 1 of 2 evaluations are finished and stored, the others were not begun; the same command with --resume goes on\n",
  );
  project.env = {};
  const resumed = await project.assay("eval", "cut.eval.mjs", "--quiet", "--json", "--resume");
  const [first, second] = JSON.parse(resumed.stdout);
  expect([resumed.code, first.runId]).toEqual([0, JSON.parse(broken.stdout)[0].runId]);
  expect(second.counts.completed).toBe(1);
});

test("several models beside an evaluation go on with the latest run of the same configuration", async () => {
  const first = async (text: string, ...flags: string[]) => {
    project.write("both.eval.mjs", text);
    const done = await project.assay("eval", "both.eval.mjs", "--quiet", "--json", ...flags);
    expect(done.code).toBe(0);
    return JSON.parse(done.stdout)[0].runId;
  };
  const was = `${CUT}export default [one("m", { first: cut }), one("second", () => "x")];`;
  const is = was.replace('q: "a"', 'q: "b"');
  const [old, other] = [await first(was), await first(is, "--resume")];
  expect(other).not.toBe(old);
  expect([await first(is, "--resume"), await first(was, "--resume")]).toEqual([other, old]);
});

test("an evaluation that is finished when it is interrupted leaves nothing to resume", async () => {
  project.write("cut.eval.mjs", `${CUT}export default one("m", cut);`);
  project.env = { CUT: "1" };
  const { code, stderr } = await project.assay("eval", "cut.eval.mjs", "--quiet");
  expect(code).toBe(130);
  expect(stderr).toContain("interrupted, but all is finished: there is nothing to resume");
});

test("rows whose trials disagree are counted in the report and listed by runs rows --flaky", async () => {
  project.write(
    "flaky.eval.mjs",
    `import { defineEval, defineScorer } from "assay";
     export default defineEval({
       name: "flaky", data: [{ q: "steady" }, { q: "wavering" }], trials: 2, trialReducer: "pass_at_2",
       model: ({ q }) => q,
       extraMetrics: [defineScorer({ name: "right" }, ({ outputs, trial }) => outputs === "steady" || trial === 1)],
     });`,
  );
  const { stdout, code } = await project.assay("eval", "flaky.eval.mjs", "--quiet");
  expect(stdout).toMatch(/1 row is flaky \(2\): assay runs rows \w+ --flaky/);
  expect(code).toBe(0);
  // Each row passes in at least one of its two trials.
  expect(stdout).toMatch(/metric .*value\n─.*\nright\/pass_at_2 +1\n/);
  const shown = await project.assay("runs", "show", "latest");
  expect(shown.stdout).toMatch(/\nright\/pass_at_2 +1\n/);
  const listed = await project.assay("runs", "rows", "latest", "--flaky");
  expect(listed.stdout).toMatch(/2 +wavering +right +false true/);
  const json = await project.assay("runs", "rows", "latest", "--flaky", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject([{ ordinal: 1, scorers: ["right"] }]);
  expect((await project.assay("runs", "rows", "latest", "--flaky", "--failed")).code).toBe(2);
});

test("runs rows tells the trials of a row apart", async () => {
  project.write(
    "trials.eval.mjs",
    `export default { data: [{ q: "a" }], model: () => "x", trials: 2, modelType: "text" };`,
  );
  expect((await project.assay("eval", "trials.eval.mjs", "--quiet")).code).toBe(0);
  const { stdout } = await project.assay("runs", "rows", "latest");
  expect(stdout).toMatch(/^row +trial +input/);
  expect(stdout).toMatch(/\n +1 +1 +a.*\n +1 +2 +a/);
  expect(stdout).toMatch(/row 1, trial 2: npx assay traces show/);
});
