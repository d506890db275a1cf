import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { unsupportedNode } from "../../src/cli/support/version.ts";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;

beforeEach(() => {
  project = newProject();
});
afterEach(() => project.remove());

test("--version prints the version of the package", async () => {
  expect(await project.assay("--version")).toEqual({
    code: 0,
    stdout: `${manifest.version}\n`,
    stderr: "",
  });
});

test("help lists every command, and each of them explains itself", async () => {
  const { code, stdout } = await project.assay("--help");
  expect(code).toBe(0);
  const commands = [...stdout.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name]) => name as string);
  expect(commands.length).toBeGreaterThanOrEqual(7);
  for (const command of commands) {
    const help = await project.assay(command, "--help");
    expect(help.code).toBe(0);
    expect(help.stdout).toContain(`Usage: assay ${command}`);
  }
});

test("an unknown command names the known ones and exits 2", async () => {
  const { code, stderr } = await project.assay("evaluate");
  expect(code).toBe(2);
  expect(stderr).toContain("Commands: eval, score, gate, runs");
});

test("init writes an evaluation that runs as init says, and overwrites nothing", async () => {
  const { code: written, stdout: said } = await project.assay("init");
  expect(written).toBe(0);
  expect(existsSync(join(project.folder, ".github/workflows/eval.yml"))).toBe(true);
  const [, offline = ""] = /without a key.*\n {2}npx assay (.+)\n/.exec(said) ?? [];
  const { code, stdout } = await project.assay(...offline.split(" "));
  expect(stdout).toContain("decision: pass");
  expect(code).toBe(0);
  expect((await project.assay("init")).stdout).toContain("kept     evals/capitals.eval.mjs");
});

test("what init writes is refused without a key, and falls back to nothing", async () => {
  await project.assay("init");
  const { code, stderr } = await project.assay("eval", "evals/capitals.eval.mjs");
  expect(stderr).toMatch(/^error: .*OPENAI_API_KEY.*\n$/);
  expect(code).toBe(2);
});

test.each(["20.20.2", "22.17.9", "18.0.0"])(
  "Node %s is refused with the version it needs",
  (version) => {
    expect(unsupportedNode(version)).toContain(`needs Node.js 22.18 or newer, this is ${version}`);
  },
);

test.each(["22.18.0", "24.0.0", "26.1.0"])("Node %s is good enough", (version) => {
  expect(unsupportedNode(version)).toBeUndefined();
});
