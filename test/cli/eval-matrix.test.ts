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
