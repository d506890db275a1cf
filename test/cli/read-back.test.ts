import { afterAll, beforeAll, expect, test } from "vitest";
import { newProject, type Project } from "../support/run-cli.ts";

const CHAIN = `
import { FakeListChatModel } from "@langchain/core/utils/testing";
import { StringOutputParser } from "@langchain/core/output_parsers";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { defineEval } from "assay";
const chain = ChatPromptTemplate.fromTemplate("Answer: {question}")
  .pipe(new FakeListChatModel({ responses: ["\\u001b[31mParis\\u001b[0m"] }))
  .pipe(new StringOutputParser());
export default defineEval({ data: [{ question: "Capital of France?", gold: "Paris" },
  { question: "Capital of Italy?", gold: "Rome" }], targets: "gold", model: chain,
  modelType: "question-answering", name: "capitals" });
`;

let project: Project;

beforeAll(async () => {
  project = newProject();
  project.write("capitals.eval.mjs", CHAIN);
  expect((await project.assay("eval", "capitals.eval.mjs")).code).toBe(0);
});

afterAll(() => project.remove());

test("runs list shows the run with its evaluation, and as JSON its metrics", async () => {
  expect((await project.assay("runs", "list")).stdout).toMatch(/capitals +finished/);
  const [run] = JSON.parse((await project.assay("runs", "list", "--json")).stdout);
  expect(run).toMatchObject({ status: "FINISHED", metrics: { "exact_match/v1": 0 } });
});

test("off a terminal no list is cut", async () => {
  const { stdout } = await project.assay("runs", "list");
  expect(stdout).not.toContain("…");
  expect(stdout).toMatch(/.{101}/);
  expect(stdout).toContain("exact_match/v1 0");
});

test("runs show takes the beginning of an id", async () => {
  const [{ runId }] = JSON.parse((await project.assay("runs", "list", "--json")).stdout);
  const { stdout } = await project.assay("runs", "show", runId.slice(0, 8), "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    runId,
    evaluation: { name: "capitals", status: "finished", rows: 2 },
  });
});

test("runs rows --worst names the scorers there are when it does not know one", async () => {
  const { code, stderr } = await project.assay("runs", "rows", "latest", "--worst", "taste");
  expect(code).toBe(2);
  expect(stderr).toMatch(/no scorer "taste".*exact_match\/v1/);
});

test("traces list has one trace per row, each linked to the run", async () => {
  const [{ runId }] = JSON.parse((await project.assay("runs", "list", "--json")).stdout);
  const traces = JSON.parse(
    (await project.assay("traces", "list", "--run", runId, "--json")).stdout,
  );
  expect(traces).toHaveLength(2);
  expect(new Set(traces.map((trace: { runId: string }) => trace.runId))).toEqual(new Set([runId]));
});

test("a filter of traces stays within the run, and is found fault with as it was typed", async () => {
  const list = (filter: string) =>
    project.assay("traces", "list", "--run", "latest", "--filter", filter, "--json");
  expect((await list("name = 'zz') OR (name LIKE '%'")).stderr).toMatch(
    /at position 12: found "\)"/,
  );
  expect((await list("nmae = 'zz'")).stderr).toMatch(/at position 1: found "nmae"/);
  expect(JSON.parse((await list("name = 'zz' OR name LIKE '%'")).stdout)).toHaveLength(2);
});

test("traces show prints the chain as a tree, with inputs and outputs and no terminal codes", async () => {
  const rows = JSON.parse((await project.assay("runs", "rows", "latest", "--json")).stdout);
  const { stdout } = await project.assay("traces", "show", rows[0].traceId);
  expect(stdout).toMatch(/└─ capitals {2}CHAIN/);
  expect(stdout).toMatch(/├─ ChatPromptTemplate {2}PROMPT/);
  expect(stdout).toMatch(/├─ FakeListChatModel {2}CHAT_MODEL/);
  expect(stdout).toMatch(/└─ StrOutputParser {2}PARSER/);
  expect(stdout).toContain("Capital of France?");
  expect(stdout).not.toContain("\u001b");
});

test("traces show --json has every span with its parent and nanoseconds as text", async () => {
  const rows = JSON.parse((await project.assay("runs", "rows", "latest", "--json")).stdout);
  const trace = JSON.parse(
    (await project.assay("traces", "show", rows[0].traceId, "--json")).stdout,
  );
  const roots = trace.spans.filter(
    (span: { parentSpanId?: string }) => span.parentSpanId === undefined,
  );
  expect(roots).toHaveLength(1);
  expect(trace.spans).toHaveLength(5);
  expect(trace.spans[0].startNs).toMatch(/^\d{19}$/);
});

test("reading where there is no store says so and makes none", async () => {
  const empty = newProject();
  const { code, stderr } = await empty.assay("runs", "list");
  expect(code).toBe(2);
  expect(stderr).toContain("no tracking store at assay.db");
  empty.remove();
});
