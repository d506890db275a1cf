import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { newProject, type Project } from "../support/run-cli.ts";
import { examplesIn } from "./sync.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/gates.md"), "utf8");
const example = (file: string) => readFileSync(join(ROOT, "test/examples", file), "utf8");

let project: Project;
beforeAll(() => {
  project = newProject();
});
afterAll(() => project.remove());

test("the page on gates shows its examples as the files have them", () => {
  const examples = examplesIn(PAGE);
  expect(examples.map(({ file }) => file)).toEqual([
    "gates-from-code.mjs",
    "gates-in-vitest.ts",
    "gates-in-node-test.mjs",
  ]);
  for (const { file, shown, actual } of examples) expect([file, shown]).toEqual([file, actual]);
  // Whatever is code comes from a file.
  expect(PAGE.match(/^```(ts|js)$/gm)).toHaveLength(examples.length);
});

describe("what the page on gates shows", () => {
  test("for code runs", async () => {
    const script = project.write("thresholds.mjs", example("gates-from-code.mjs"));
    const { code, stdout, stderr } = await project.run(script, []);
    expect([code, stderr]).toEqual([0, ""]);
    // Turned round, the candidate is the worse one.
    expect(stdout).toContain("exact_match/v1 is 0.75, and has to be at least 0.8");
  });

  test("for Vitest passes in a project's own", async () => {
    symlinkSync(
      join(ROOT, "node_modules/vitest"),
      join(project.folder, "node_modules/vitest"),
      "dir",
    );
    project.write("support.test.ts", example("gates-in-vitest.ts"));
    const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
    const { code, stdout } = await project.run(vitest, ["run", "--no-color", "support.test.ts"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/Tests {2}3 passed \(3\)/)]);
  });

  test("for node:test passes", async () => {
    project.write("short.test.mjs", example("gates-in-node-test.mjs"));
    const { code, stdout } = await project.run("--test", ["short.test.mjs"]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/pass 1\b/)]);
  });

  test("in commands are commands and flags that exist", async () => {
    const blocks = [...PAGE.matchAll(/^```(console|yaml)\n([\s\S]*?)^```$/gm)].map(
      ([, kind, text]) => {
        if (kind === "yaml") expect(parse(text as string)).toBeTypeOf("object");
        return text as string;
      },
    );
    const commands = blocks.flatMap((block) => [...block.matchAll(/\bassay ([a-z]+)([^\n|#]*)/g)]);
    expect(commands.length).toBeGreaterThan(6);
    for (const [line, name = "", rest = ""] of commands) {
      const { stdout } = await project.assay(name, "--help");
      // What stands in quotes is a gate.
      const flags = rest.replace(/"[^"]*"/g, "").match(/(?<=\s)--?[a-z][a-z-]*/g) ?? [];
      const known = flags.filter((flag) => new RegExp(`(^|[\\s,])${flag}\\b`, "m").test(stdout));
      expect([line, known]).toEqual([line, flags]);
    }
  });
});
