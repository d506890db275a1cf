import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;
beforeAll(() => {
  project = newProject();
  const rows = [1, 0, 1, 1].map((right, at) => ({
    q: `q${at}`,
    gold: "yes",
    said: right ? "yes" : "no",
  }));
  project.write("rows.jsonl", rows.map((row) => JSON.stringify(row)).join("\n"));
});
afterAll(() => project.remove());

const evaluate = (...args: string[]) =>
  project.assay(
    ...["eval", "rows.jsonl", "--targets", "gold", "--predictions", "said", "--quiet", ...args],
  );

async function runOf(...args: string[]): Promise<string> {
  const { stdout } = await evaluate("--json", ...args);
  return JSON.parse(stdout)[0].runId;
}

describe("assay gate", () => {
  test("exits as the evaluation did, and prints its gates", async () => {
    const passed = await runOf("--gate", "exact_match/v1/mean >= 0.2");
    const gate = await project.assay("gate", passed);
    expect(gate.stdout).toMatch(/^PASS {2}exact_match.*\ndecision: pass\n$/);
    expect([gate.code, gate.stderr]).toEqual([0, ""]);

    await runOf("--gate", "exact_match/v1/mean >= 0.8");
    const failed = await project.assay("gate", "latest");
    expect([failed.code, failed.stdout]).toEqual([
      1,
      expect.stringMatching(/^FAIL .*\ndecision: fail\n$/),
    ]);

    const unproven = await runOf("--gate", "exact_match/v1/mean >= 0.7", "--strict");
    expect((await project.assay("gate", unproven.slice(0, 12))).code).toBe(3);
  });

  test("exits with 2 for a run that is not there", async () => {
    const { code, stderr } = await project.assay("gate", "feedbeef");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: No run has the id/)]);
  });
});

describe("a shared run", () => {
  test("is planned, worked on and judged by commands of their own", async () => {
    const gate = ["--gate", "exact_match/v1/mean >= 0.8"];
    const planned = await evaluate(...gate, "--plan-only");
    expect([planned.code, planned.stderr]).toEqual([0, ""]);
    const runId = planned.stdout.trim();
    expect(runId).toMatch(/^[0-9a-f]{32}$/);

    const open = await project.assay("gate", runId);
    expect([open.code, open.stdout]).toEqual([
      4,
      `INCOMPLETE  rows in run ${runId} is running: 0 of 4 results are stored\nnot decided: exact_match/v1/mean >= 0.8\n`,
    ]);

    // The gate fails, which is not for the worker to say.
    const worker = await evaluate(...gate, "--run", runId, "--worker");
    expect(worker.code).toBe(0);
    expect(worker.stdout).toContain("FAIL");
    expect((await project.assay("gate", runId, "--json")).code).toBe(1);
    expect((await evaluate(...gate, "--run", runId, "--worker")).code).toBe(0);
  });

  test("that one process begins tells how others take part", async () => {
    const { code, stderr } = await evaluate("--shared");
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^other processes take part with the same command and --run [0-9a-f]{32} --worker\n$/,
    );
  });

  test("takes no worker that would do something else, which exits with 2", async () => {
    const runId = (await evaluate("--plan-only")).stdout.trim();
    const { code, stderr } = await evaluate("--run", runId, "--worker", "--limit", "2");
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: This worker cannot join run .*Start it with the eval file/);
    expect((await evaluate("--run", runId)).code).toBe(2);
  });
});
