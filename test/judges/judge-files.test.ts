import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  builtinJudge,
  judgeFileJsonSchema,
  judgeFromFile,
  listJudges,
  loadJudgeFile,
} from "../../src/judges/index.ts";
import { parseJudgeFile } from "../../src/judges/judge-file.ts";

const DIRECTORY = new URL("../../judges/", import.meta.url);

// A published version never changes: a new wording is a new file, with its own line here.
const PUBLISHED = {
  "correctness.v1.yaml": "cec6326ba7f0ca4576bc2a6d0c478c49f25d63e0e10806f875471df28aa5c212",
  "faithfulness.v1.yaml": "5137b8e260f18828fe4c18a54838e07c90c91f2984fc0b81f6a0b552ffc5f953",
  "relevance.v1.yaml": "a1a6aaa46cb220a7111ce450fe0160d19445a1f3b27fd6be184588b886a1326d",
};

test("a published judge never changes", () => {
  const files = readdirSync(DIRECTORY).filter((file) => file.endsWith(".yaml"));
  const hashes = files.map((file) => [
    file,
    createHash("sha256")
      .update(readFileSync(new URL(file, DIRECTORY)))
      .digest("hex"),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(PUBLISHED);
});

test("the published schema is the one that files are checked with", () => {
  const published = readFileSync(new URL("schema.json", DIRECTORY), "utf8");
  expect(JSON.parse(published)).toEqual(judgeFileJsonSchema());
});

test("the built-in judges are listed with what they need", () => {
  expect(
    listJudges().map(({ name, version, scale, inputs }) => [name, version, scale, inputs]),
  ).toEqual([
    ["correctness", "v1", [1, 5], ["inputs", "outputs", "expectations"]],
    ["faithfulness", "v1", [1, 5], ["outputs", "context"]],
    ["relevance", "v1", [1, 5], ["inputs", "outputs"]],
  ]);
});

test.each(listJudges())(
  "$name has one sentence per level and examples on its scale",
  ({ name }) => {
    const file = loadJudgeFile(new URL(`${name}.v1.yaml`, DIRECTORY).pathname);
    expect(Object.keys(file.rubric)).toEqual(["1", "2", "3", "4", "5"]);
    expect(file.examples).toHaveLength(2);
    expect(builtinJudge(name).scorer).toMatchObject({
      name,
      version: "v1",
      scale: [1, 5],
      greaterIsBetter: true,
      aggregations: ["mean", "variance", "p90"],
    });
  },
);

test("a name or version that is not there is answered with those that are", () => {
  expect(() => builtinJudge("relevence")).toThrow("there are correctness, faithfulness, relevance");
  expect(() => builtinJudge("relevance", { version: "v9" })).toThrow(
    'no version "v9"; there are v1.',
  );
});

const FILE = `
name: tone
version: 2
description: Whether the answer is polite.
verdicts: { rude: 0, polite: 1 }
inputs: [outputs]
rubric: { rude: It offends., polite: It does not. }
examples: [{ outputs: Go away., rationale: It offends., verdict: rude }]
prompt: "{{ rubric }} {{ examples }} {{ outputs }}"
source: { from: a test, licence: MIT }
`;

test("a judge file with labels becomes a judge whose scale is what the labels are worth", () => {
  const judge = judgeFromFile(parseJudgeFile(FILE, "tone.v2.yaml"));
  expect(judge.scorer).toMatchObject({ name: "tone", version: "v2", scale: [0, 1] });
});

test.each([
  ["a missing field", FILE.replace("description", "note"), 'tone.v2.yaml: field "description"'],
  ["an unknown aggregation", `${FILE}aggregations: [average]\n`, 'field "aggregations.0"'],
  ["neither scale nor verdicts", FILE.replace(/^verdicts.*$/m, ""), 'field "scale"'],
  ["a placeholder of its own", FILE.replace("{{ outputs }}", "{{ outputs }} {{ x }}"), "{{ x }}"],
  ["an input that is not placed", FILE.replace("[outputs]", "[outputs, context]"), "{{ context }}"],
  ["an input outside the vocabulary", FILE.replace("[outputs]", "[answer]"), 'field "inputs.0"'],
  ["something that is no YAML", "name: [", "tone.v2.yaml is not YAML"],
])("a file with %s is refused with file and field", (_name, text, message) => {
  expect(() => parseJudgeFile(text, "tone.v2.yaml")).toThrow(message);
});

test("an example off the menu is refused", () => {
  const file = parseJudgeFile(FILE.replace("verdict: rude", "verdict: fine"), "tone.v2.yaml");
  expect(() => judgeFromFile(file)).toThrow(
    "expected example 1 to have one of the judge's verdicts",
  );
});
