import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { newProject, type Project } from "../support/run-cli.ts";
import { examplesIn } from "./sync.ts";

const README = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const example = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../examples/${name}`, import.meta.url)), "utf8");

describe("the README", () => {
  const examples = examplesIn(README);

  test("shows at least four examples", () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
  });

  test.each(examples)("shows $file#$region as the file has it", ({ shown, actual }) => {
    expect(shown).toBe(actual);
  });
});

describe("the page on judges", () => {
  const examples = examplesIn(
    readFileSync(new URL("../../docs/judges.md", import.meta.url), "utf8"),
  );

  test("shows its examples as the file has them", () => {
    expect(examples.length).toBe(2);
    for (const { shown, actual } of examples) expect(shown).toBe(actual);
  });
});

describe("the examples of the README", () => {
  let server: ProviderServer;
  let project: Project;

  beforeAll(async () => {
    server = await startProviderServer({
      reply: ({ body }) => ({
        text:
          body.response_format === undefined
            ? "A tool that tracks experiments."
            : JSON.stringify({
                rationale: "It answers the question.",
                score: 4,
                // For judges whose answer is a label.
                ...(JSON.stringify(body.response_format).includes('"verdict"') && {
                  verdict: JSON.stringify(body).includes("friendly") ? "friendly" : "yes",
                }),
              }),
        usage: { inputTokens: 12, outputTokens: 5 },
      }),
    });
  });
  afterAll(() => server.close());
  beforeEach(() => {
    project = newProject({ ...server.env });
  });
  afterEach(() => project.remove());

  test("evaluate-script.mjs prints the mean and passes its gate", async () => {
    project.write(
      "questions.jsonl",
      '{"question": "What is MLflow?", "ground_truth": "A tool."}\n',
    );
    const script = project.write("script.mjs", example("evaluate-script.mjs"));
    const { code, stdout, stderr } = await project.run(script, []);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^4\n/);
    expect(code).toBe(0);
  });

  test("judges.mjs makes judges of every kind, and each gives its verdict", async () => {
    const script = project.write("script.mjs", example("judges.mjs"));
    const { code, stdout, stderr } = await project.run(script, []);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      "answer_quality/v1/mean": 4,
      "guidelines/v1/mean": 1,
      "faithfulness_weighted/v1/mean": 4,
      "faithfulness_voted/v1/mean": 4,
      "faithfulness_panel/mean": 4,
    });
    expect(code).toBe(0);
  });

  test("custom-scorer.mjs scores outputs made beforehand", async () => {
    const script = project.write("script.mjs", example("custom-scorer.mjs"));
    expect(await project.run(script, [])).toEqual({ code: 0, stdout: "0.5\n", stderr: "" });
  });

  test("track-a-run.mjs leaves a run with its metric, its artifact and its trace", async () => {
    const script = project.write("script.mjs", example("track-a-run.mjs"));
    expect(await project.run(script, [])).toEqual({ code: 0, stdout: "", stderr: "" });
    const run = JSON.parse((await project.assay("runs", "show", "latest", "--json")).stdout);
    expect(run).toMatchObject({
      name: "shorter prompt",
      status: "FINISHED",
      params: { max_words: "30" },
      metrics: { answer_words: 9 },
      artifacts: [{ path: "answers/first.txt", size: 36 }],
    });
    const [trace] = JSON.parse((await project.assay("traces", "list", "--json")).stdout);
    expect(trace).toMatchObject({ name: "answer", runId: run.runId });
  });

  test("registered-dataset.mjs evaluates a version and finds the run again", async () => {
    const script = project.write("script.mjs", example("registered-dataset.mjs"));
    expect(await project.run(script, [])).toEqual({
      code: 0,
      stdout: "first draft 0.5 1\n",
      stderr: "",
    });
  });

  test("support.eval.ts runs under assay eval and passes its gate", async () => {
    project.write("support.eval.ts", example("support.eval.ts"));
    const { code, stdout } = await project.assay("eval", "support.eval.ts");
    expect(stdout).toContain("PASS");
    expect(code).toBe(0);
  });

  test("trace-langchain.mjs leaves a trace with the prompt, the model and its tokens", async () => {
    const script = project.write("script.mjs", example("trace-langchain.mjs"));
    const { stdout, stderr } = await project.run(script, []);
    expect(stderr).toBe("");
    expect(stdout).toBe("A tool that tracks experiments.\n");
    const [trace] = JSON.parse((await project.assay("traces", "list", "--json")).stdout);
    expect(trace).toMatchObject({ state: "OK", usage: { inputTokens: 12, outputTokens: 5 } });
    const shown = (await project.assay("traces", "show", trace.traceId)).stdout;
    expect(shown).toMatch(/ChatOpenAI {2}CHAT_MODEL/);
  });
});
