import { spawn } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BIN, newProject, type Project } from "../support/run-cli.ts";

const ENDLESS = `
import { defineEval } from "assay";
export default defineEval({
  name: "endless", targets: "gold", modelType: "question-answering", concurrency: 2,
  data: Array.from({ length: 1000 }, (_, i) => ({ question: "q" + i, gold: "a" })),
  model: async (_, { row }) => {
    if (row.ordinal === 5) process.send("running");
    // Answers come only after the parent has been told, so that the signal meets rows in flight.
    if (row.ordinal > 5) await new Promise((resolve) => process.once("message", resolve));
    return "a";
  },
});
`;

let project: Project;

beforeEach(() => {
  project = newProject();
  project.write("endless.eval.mjs", ENDLESS);
});
afterEach(() => project.remove());

test("a second signal ends at once and says how to go on", async () => {
  const child = spawn(process.execPath, [BIN, "eval", "endless.eval.mjs", "--quiet"], {
    cwd: project.folder,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
    if (String(chunk).includes("stopping:")) child.kill("SIGINT");
  });
  child.once("message", () => child.kill("SIGINT"));
  const code = await new Promise((resolve) => child.on("close", resolve));
  const [run] = JSON.parse((await project.assay("runs", "list", "--json")).stdout);
  expect([code, stderr.trim().split("\n").at(-1)]).toEqual([
    130,
    `stopped at once: what was finished is stored; the same command with --resume ${run.runId} goes on`,
  ]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s finishes and stores what is in flight and exits %i", async (signal, expected) => {
  const child = spawn(process.execPath, [BIN, "eval", "endless.eval.mjs"], {
    cwd: project.folder,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
    // Let the rows in flight answer once the signal has been understood.
    if (stderr.includes("stopping:")) child.send("go on");
  });
  child.once("message", () => child.kill(signal));
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code).toBe(expected);
  const [run] = JSON.parse((await project.assay("runs", "list", "--json")).stdout);
  expect(run.status).toBe("KILLED");
  const { evaluation } = JSON.parse(
    (await project.assay("runs", "show", run.runId, "--json")).stdout,
  );
  const rows = JSON.parse((await project.assay("runs", "rows", run.runId, "--json")).stdout);
  expect(evaluation.status).toBe("interrupted");
  expect(rows.length).toBeGreaterThanOrEqual(6);
  const summary = evaluation.outcome.summaries["exact_match/v1"];
  expect(summary).toMatchObject({ n: 1000, scored: rows.length, missing: 1000 - rows.length });
});
