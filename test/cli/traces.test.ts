import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;
beforeEach(() => {
  project = newProject();
});
afterEach(() => project.remove());

const MAKE = `
import { flushTraces, logExpectation, logFeedback, withSpan } from "assay";
const ask = (question, answer, tokens) =>
  withSpan(async () => {
    await withSpan(() => answer, {
      name: "call",
      type: "CHAT_MODEL",
      attributes: {
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.provider.name": "openai",
        "gen_ai.usage.input_tokens": tokens,
      },
    });
    await logExpectation({ name: "expected_response", value: "Paris" });
    await logFeedback({ name: "liked", value: true, source: { type: "HUMAN", id: "ann" } });
    await logFeedback({ name: "length", value: answer.length });
    return answer;
  }, { name: "answer", type: "CHAIN", inputs: { question } });
await ask("France?", "Paris", 1000000);
await ask("Capital of France?", "Lyon", 3000000);
await flushTraces();
`;

async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.assay(...args);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
}

test("traces become a dataset that can be evaluated without asking the model again", async () => {
  await project.run(project.write("make.mjs", MAKE), []);
  await run("datasets", "create", "asked");
  const filter = "span.model = 'gpt-4o-mini'";
  expect(await run("datasets", "add", "asked", "--traces", filter)).toContain("2 inserted");
  const records = JSON.parse(await run("datasets", "records", "asked", "--json")) as {
    inputs: unknown;
    outputs: unknown;
    expectations: unknown;
    metadata: { trace_id: string };
  }[];
  const byAnswer = Object.fromEntries(records.map((record) => [record.outputs, record]));
  expect(byAnswer.Lyon).toMatchObject({
    inputs: { question: "Capital of France?" },
    // What a person said is among it, what code said is not.
    expectations: { expected_response: "Paris", liked: true },
    metadata: { trace_id: expect.stringMatching(/^tr-[0-9a-f]{32}$/) },
  });
  const data = ["--data", "datasets:/asked", "--model-type", "question-answering"];
  const [evaluated] = JSON.parse(await run("eval", ...data, "--json", "--quiet"));
  expect(evaluated.metrics["exact_match/v1"]).toBe(0.5);
  const wrong = await project.assay("datasets", "add", "asked");
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("or --traces")]);
});

test("traces are counted by model, and go out and back in as OTLP and as MLflow's JSON", async () => {
  await project.run(project.write("make.mjs", MAKE), []);
  const [model] = JSON.parse(await run("traces", "stats", "--by", "model", "--json"));
  expect(model).toMatchObject({ group: "gpt-4o-mini", count: 2, errors: 0 });
  // 0.15 US dollars per million input tokens, by OpenAI's price list.
  expect(model.usage).toEqual({ inputTokens: 4_000_000, cost: expect.closeTo(0.6, 10) });
  expect(model.durationMs.p50).toBeGreaterThan(0);
  const before = JSON.parse(await run("traces", "list", "--json")) as { traceId: string }[];
  const show = async (id: string, ...more: string[]) =>
    JSON.parse(await run("traces", "show", id, "--json", ...more));
  for (const format of ["otlp", "mlflow"] as const) {
    expect(await run("traces", "export", "out.jsonl", "--format", format)).toContain("exported 2");
    const [line = ""] = readFileSync(join(project.folder, "out.jsonl"), "utf8").split("\n");
    expect(Object.keys(JSON.parse(line))).toEqual([format === "otlp" ? "resourceSpans" : "spans"]);
    const other = ["--tracking-uri", `sqlite:///${format}.db`];
    expect(await run("traces", "import", "out.jsonl", ...other)).toBe(
      'imported 2 traces with 4 spans into "Default"\n',
    );
    for (const { traceId } of before.slice(0, 1)) {
      const [given, found] = [await show(traceId), await show(traceId, ...other)];
      const tree = (trace: typeof given) =>
        trace.spans.map((span: { [key: string]: unknown }) => [
          span.name,
          span.type,
          span.inputs,
          span.outputs,
          span.parentSpanId,
        ]);
      expect(tree(found)).toEqual(tree(given));
      expect(found.usage).toEqual(given.usage);
    }
  }
});

test("a file that holds no traces is refused", async () => {
  project.write("bad.json", "no json");
  const { code, stderr } = await project.assay("traces", "import", "bad.json");
  expect([code, stderr]).toEqual([2, expect.stringContaining("OTLP's or MLflow's JSON")]);
});
