import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { newProject } from "../support/run-cli.ts";
import { examplesIn } from "./sync.ts";

const DOCS = readFileSync(new URL("../../docs/tracing.md", import.meta.url), "utf8");

test("the page on tracing shows its examples as the files have them", () => {
  const examples = examplesIn(DOCS);
  expect(examples.length).toBeGreaterThan(0);
  for (const { shown, actual } of examples) expect(shown).toBe(actual);
});

test("its example by hand makes the trace that it speaks of", async () => {
  const project = newProject();
  const text = readFileSync(new URL("../examples/trace-by-hand.mjs", import.meta.url), "utf8");
  const run = await project.run(project.write("script.mjs", text), []);
  expect([run.stdout, run.stderr, run.code]).toEqual(["Refunds take 14 days.\n", "", 0]);
  const listed = await project.assay("traces", "list", "--json");
  project.remove();
  const [info] = JSON.parse(listed.stdout) as { [key: string]: unknown }[];
  expect(info).toMatchObject({
    name: "answer",
    spanCount: 3,
    tags: { channel: "web" },
    metadata: { "mlflow.trace.session": "chat-42", "mlflow.trace.user": "ann" },
    assessments: [{ name: "grounded", value: true }],
  });
});
