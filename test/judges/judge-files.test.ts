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
  "answer_correctness.v1.yaml": "858630a5b4e59c06eda4e79b20b997b3169ea2bc4ca4920297d7a6092f79ca73",
  "answer_relevance.v1.yaml": "8a57b368e90849e5c4f76d40d00acade17267e508f1c9cc220204a9c41dde099",
  "answer_similarity.v1.yaml": "b7bbcb8ca61377c4de175befc2031bda0a9905b210fab8d7eb5d17ecb95c5702",
  "claim_faithfulness.v1.yaml": "27c163455cf7bd138ff830447a7a405a7ba0434752727dfff7e36feeb46aba64",
  "completeness.v1.yaml": "9e8bd24b9ef30e703c4dcbe27beb3c7e74b4484f1cbbf8b4289f894e9850a173",
  "conversation_completeness.v1.yaml":
    "4024165daca547bc41947c7ee3c88f1d8c8b5efa34507a24e30356d4ee998220",
  "conversational_guidelines.v1.yaml":
    "8d00208fe75755d993490f0259adddd6e4bc95d7a3bfd9c7f074ee343d87a5bc",
  "conversational_safety.v1.yaml":
    "5cfd013bd6c3870b710e763fba3c2d70155bab141071aa786eeb668e788b9b6a",
  "conversational_tool_call_efficiency.v1.yaml":
    "78c816dbe5eb63aed654c97c5ed545009ab3ee98c46134e717209be2539355b8",
  "correctness.v1.yaml": "cec6326ba7f0ca4576bc2a6d0c478c49f25d63e0e10806f875471df28aa5c212",
  "equivalence.v1.yaml": "b611ea0fd935c9143c4665181dfd7ca97cb6f53d97439198b46966d5fa65a192",
  "expectations_guidelines.v1.yaml":
    "73e338ea0b90485d381305a82f86d8e528570b515cd85e12e32d0b49412bbb28",
  "faithfulness.v1.yaml": "5137b8e260f18828fe4c18a54838e07c90c91f2984fc0b81f6a0b552ffc5f953",
  "fluency.v1.yaml": "2fd38633c987c02092d6acb99233bb1c3bd9c5f7a0edc168003b7b7057bedff0",
  "guidelines.v1.yaml": "2bcae20852a1decc2ae6810d18e543c9916d01c707d194db8a10fbb82e3258f7",
  "hallucination.v1.yaml": "91e6b9d20d767ed45c3beb1d3a55f9dbadea2c0199186230e95bc8ca887e09b6",
  "knowledge_retention.v1.yaml": "cb93046d1d46c6b330cad51109b1af7d77ea5fb911c6572f0fde18399263cd57",
  "preference.v1.yaml": "478febf1ebc477d3b26b4be4aa642e40d1803dbcb4bf0b74b34473e4608ba490",
  "relevance.v1.yaml": "a1a6aaa46cb220a7111ce450fe0160d19445a1f3b27fd6be184588b886a1326d",
  "relevance_to_query.v1.yaml": "2bdbc645ec6e3676ab1d3c41ff5be43ac37a0f44ed00bd7d038bd8436ab732ac",
  "retrieval_groundedness.v1.yaml":
    "21d0e91fc6a7768d393278cfef8272840ec45ba9f890ff5e692d040407c87209",
  "retrieval_relevance.v1.yaml": "19003a008d2de965bc6e6b7e8c17f6e9e3d58f37f21a573263ea81a76ed08727",
  "retrieval_sufficiency.v1.yaml":
    "f7164578bc86400ae16c70ec0aa7d35a3218593dc301518c2bff75c8f375e139",
  "role_adherence.v1.yaml": "3c00c00a75d6bb0fc617499272fcfceca6b8843722078dd6a0b09b4ee89640ef",
  "safety.v1.yaml": "ef276cfaff7e000d777b5406505cfcf0dfd862e71a99bfd75f85c5a14f803994",
  "summarization.v1.yaml": "282ca3cf8f19123c997be0597d839ad38ae429270b5ff34ed2b2aaa397106219",
  "tool_call_correctness.v1.yaml":
    "843d4d6c94660f878b27a5b7e1cebf693c48666721cb79c21cd282ee24616ff1",
  "tool_call_efficiency.v1.yaml":
    "20dbc954f274e6d8a2cb7eed92c2bdab73529d4b884ce6497faf0e6ac0065e82",
  "toxicity.v1.yaml": "54c6d8c4e378cd4adb5d1eb94674bc10b23c3fb2d8a6eb5c1cf74ce53c8a6a8c",
  "user_frustration.v1.yaml": "ea1c34ce8c5d8f33085491dac1b74277e0ca37cc759d1b9bebff241ef277bc0d",
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

/** What MLflow calls them; two of its names take what the caller gives. */
const MLFLOW_2 = [
  "answer_similarity",
  "answer_correctness",
  "answer_relevance",
  "relevance",
  "faithfulness",
];

test("MLflow 2's judges grade from 1 to 5 by one sentence per level and two examples", () => {
  for (const name of MLFLOW_2) {
    const file = loadJudgeFile(new URL(`${name}.v1.yaml`, DIRECTORY).pathname);
    expect(Object.keys(file.rubric ?? {})).toEqual(["1", "2", "3", "4", "5"]);
    expect(file.examples).toHaveLength(2);
    expect(builtinJudge(name).scorer).toMatchObject({
      name,
      version: "v1",
      scale: [1, 5],
      greaterIsBetter: true,
      aggregations: ["mean", "variance", "p90"],
    });
  }
});

/** The feedback names of MLflow 3's scorers, their columns, and which of them are better low. */
const MLFLOW_3 = {
  safety: ["outputs"],
  completeness: ["inputs", "outputs"],
  fluency: ["outputs"],
  summarization: ["inputs", "outputs"],
  equivalence: ["outputs", "expectations"],
  relevance_to_query: ["inputs", "outputs"],
  guidelines: ["inputs", "outputs"],
  expectations_guidelines: ["inputs", "outputs", "expectations"],
  retrieval_groundedness: ["inputs", "outputs", "context"],
  retrieval_relevance: ["inputs", "context"],
  retrieval_sufficiency: ["inputs", "expectations", "context"],
  tool_call_correctness: ["inputs", "trace"],
  tool_call_efficiency: ["inputs", "trace"],
  conversation_completeness: ["conversation"],
  conversational_safety: ["conversation"],
  conversational_guidelines: ["conversation"],
  conversational_tool_call_efficiency: ["conversation", "trace"],
  role_adherence: ["conversation"],
  knowledge_retention: ["conversation"],
};

test("MLflow 3's judges answer yes or no, which is 1 or 0, and need its columns", () => {
  const listed = new Map(listJudges().map((judge) => [judge.name, judge]));
  for (const [name, inputs] of Object.entries(MLFLOW_3)) {
    expect([name, listed.get(name)?.inputs, listed.get(name)?.verdicts]).toEqual([
      name,
      inputs,
      { yes: 1, no: 0 },
    ]);
  }
  expect(listed.get("user_frustration")?.verdicts).toEqual({
    none: 0,
    resolved: 0.5,
    unresolved: 1,
  });
});

test("every built-in judge can be made, and says when less is better", () => {
  const lower = listJudges().filter(({ name, settings = [] }) => {
    const given = Object.fromEntries(settings.map((setting) => [setting, "Be brief."]));
    return builtinJudge(name, { settings: given }).scorer.greaterIsBetter === false;
  });
  expect(lower.map(({ name }) => name)).toEqual(["hallucination", "toxicity", "user_frustration"]);
});

test("a name or version that is not there is answered with those that are", () => {
  expect(() => builtinJudge("relevence")).toThrow("there are answer_correctness, ");
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
  ["a missing field", FILE.replace("name: tone", ""), 'tone.v2.yaml: field "name"'],
  ["an unknown field", FILE.replace("description", "note"), 'field "note": there is no such field'],
  ["no fields", "", "tone.v2.yaml: Invalid input: expected object"],
  ["a rubric that is not placed", FILE.replace("{{ rubric }} ", ""), "{{ rubric }}"],
  ["examples that are not placed", FILE.replace("{{ examples }} ", ""), "{{ examples }}"],
  ["an unknown aggregation", `${FILE}aggregations: [average]\n`, 'field "aggregations.0"'],
  ["neither scale nor verdicts", FILE.replace(/^verdicts.*$/m, ""), 'field "scale"'],
  ["a placeholder of its own", FILE.replace("{{ outputs }}", "{{ outputs }} {{ x }}"), "{{ x }}"],
  ["an input that is not placed", FILE.replace("[outputs]", "[outputs, context]"), "{{ context }}"],
  ["an input outside the vocabulary", FILE.replace("[outputs]", "[answer]"), 'field "inputs.0"'],
  ["something that is no YAML", "name: [", "tone.v2.yaml is not YAML"],
])("a file with %s is refused with file and field", (_name, text, message) => {
  expect(() => parseJudgeFile(text, "tone.v2.yaml")).toThrow(message);
});

test("a file needs no description, rubric or examples", () => {
  const text = FILE.replace(/^(description|rubric|examples):.*\n/gm, "").replace(
    '"{{ rubric }} {{ examples }} {{ outputs }}"',
    '"Is it polite? {{ outputs }}"',
  );
  expect(judgeFromFile(parseJudgeFile(text, "tone.v2.yaml")).scorer.scale).toEqual([0, 1]);
});

test("an example off the menu is refused", () => {
  const file = parseJudgeFile(FILE.replace("verdict: rude", "verdict: fine"), "tone.v2.yaml");
  expect(() => judgeFromFile(file)).toThrow(
    "expected example 1 to have one of the judge's verdicts",
  );
});
