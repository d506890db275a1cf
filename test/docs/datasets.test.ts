import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { newProject } from "../support/run-cli.ts";
import { examplesIn } from "./sync.ts";

const DOCS = readFileSync(new URL("../../docs/datasets.md", import.meta.url), "utf8");

test("the page on data shows its example as the file has it, and it runs", async () => {
  const [{ shown, actual, file } = { shown: "", actual: "none", file: "" }] = examplesIn(DOCS);
  expect(shown).toBe(actual);
  const project = newProject();
  const rows = Array.from({ length: 40 }, (_, i) => ({
    data: { query: `q${i}`, gold: "yes" },
    reply: "yes",
    lang: i % 2 === 0 ? "en" : "de",
  }));
  const content = gzipSync(rows.map((row) => JSON.stringify(row)).join("\n"));
  writeFileSync(join(project.folder, "answers.jsonl.gz"), content);
  const text = readFileSync(new URL(`../examples/${file}`, import.meta.url), "utf8");
  const { code, stdout, stderr } = await project.run(project.write("script.mjs", text), []);
  project.remove();
  expect(stderr).toBe("");
  // Of the 20 rows in English, those that the seed chooses.
  expect(stdout).toMatch(/^([1-9]|1\d) 1\n$/);
  expect(code).toBe(0);
});

test("every option of data has its place on the page", () => {
  const options = ["targets", "predictions", "mapping", "colMapping", "limit", "sample", "seed"];
  const more = ["filter", "only", "skip", "--map", "--sample", "--seed", "--traces"];
  expect([...options, ...more].filter((name) => !DOCS.includes(`\`${name}`))).toEqual([]);
});
