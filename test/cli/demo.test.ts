import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ResultRow, Span, TraceInfo } from "../../src/core/index.ts";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { type CliResult, newProject, type Project } from "../support/run-cli.ts";

type ShownTrace = TraceInfo & { spans: (Span & { durationMs: number })[] };

describe("the demo without a key", () => {
  let project: Project;
  let demo: CliResult;
  let rows: ResultRow[];

  beforeAll(async () => {
    project = newProject();
    demo = await project.assay("demo");
    rows = JSON.parse((await project.assay("runs", "rows", "latest", "--json")).stdout);
  });
  afterAll(() => project.remove());

  test("says that it is an offline baseline, shows the table, the gate and what to run next", () => {
    expect(demo.stderr).toContain("an offline baseline, not an LLM");
    expect(demo.stderr).toMatch(/140 of 140 rows/);
    expect(demo.stdout).toMatch(/relevance\/v1 +\d\.\d+ +\[\d\.\d+, \d\.\d+\] +140 +0 +0 +0/);
    expect(demo.stdout).toMatch(/PASS {2}relevance\/v1\/mean/);
    expect(demo.stdout).toMatch(/npx assay runs rows \w+ --worst relevance/);
    expect(demo.stdout).toMatch(/npx assay traces show tr-\w+/);
    expect(demo.code).toBe(0);
  });

  test("prints what the README shows", () => {
    const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
    const block = /<!-- output: demo -->\n```text\n([\s\S]*?)```/.exec(readme)?.[1];
    expect(block?.split("\n").length).toBeGreaterThan(5);
    expect(demo.stdout).toContain(block);
  });

  test("the questions are too hard for the baseline to score near the top", () => {
    const scores = rows.map(({ scores }) => scores["relevance/v1"]);
    const values = scores.map((score) => (score?.kind === "scored" ? Number(score.value) : 5));
    expect(values).toHaveLength(140);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeLessThan(3.5);
    const exact = rows.filter(({ scores }) => {
      const score = scores["exact_match/v1"];
      return score?.kind === "scored" && score.value === true;
    });
    expect(exact.length).toBeLessThan(28);
  });

  test("leaves one trace per row, linked from the row and to the run", async () => {
    const traces: TraceInfo[] = JSON.parse(
      (await project.assay("traces", "list", "--limit", "1000", "--json")).stdout,
    );
    expect(traces).toHaveLength(140);
    expect(new Set(traces.map(({ traceId }) => traceId))).toEqual(
      new Set(rows.map(({ traceId }) => traceId)),
    );
    expect(new Set(traces.map(({ runId }) => runId)).size).toBe(1);
  });

  test("a trace has the chain's own tree: retriever with documents, prompt, chat model, parser", async () => {
    const id = rows[0]?.traceId as string;
    const trace: ShownTrace = JSON.parse(
      (await project.assay("traces", "show", id, "--json")).stdout,
    );
    const byType = (type: string) => trace.spans.filter((span) => span.type === type);
    const nameOf = (spanId?: string) => trace.spans.find((span) => span.spanId === spanId)?.name;
    expect(byType("RETRIEVER")).toHaveLength(1);
    expect(byType("RETRIEVER")[0]?.outputs).toHaveLength(3);
    expect(nameOf(byType("RETRIEVER")[0]?.parentSpanId)).toBe("retrieve");
    for (const type of ["PROMPT", "PARSER"]) {
      expect(byType(type).map((span) => nameOf(span.parentSpanId))).toEqual(["rag chain"]);
    }
    const parents = byType("CHAT_MODEL").map((span) => nameOf(span.parentSpanId));
    expect(parents).toContain("rag chain");
    expect(trace.spans.filter((span) => span.parentSpanId === undefined)).toHaveLength(1);
  });
});

describe("the demo with a key", () => {
  let server: ProviderServer;
  let project: Project;

  beforeAll(async () => {
    server = await startProviderServer({
      reply: ({ body, protocol }) => ({
        text:
          body.response_format === undefined && body.output_config === undefined
            ? "The documents do not say."
            : JSON.stringify({ rationale: "It declines.", score: 2 }),
        usage: { inputTokens: 100, outputTokens: 5 },
        model: protocol === "openai" ? "gpt-4o-mini" : "claude-haiku-4-5",
      }),
    });
    project = newProject();
  });
  afterAll(async () => {
    project.remove();
    await server.close();
  });

  test.each([
    ["OPENAI", "openai:/gpt-4o-mini"],
    ["ANTHROPIC", "anthropic:/claude-haiku-4-5"],
  ])("%s_API_KEY makes both chain and judge use that provider", async (name, uri) => {
    project.env = {
      [`${name}_API_KEY`]: server.env[`${name}_API_KEY`] as string,
      [`${name}_BASE_URL`]: server.env[`${name}_BASE_URL`] as string,
    };
    const before = server.requests.length;
    const { code, stdout, stderr } = await project.assay("demo", "--limit", "3", "--json");
    expect(stderr).toContain(`Using the model that ${name}_API_KEY stands for.`);
    const [evaluation] = JSON.parse(stdout);
    expect(evaluation).toMatchObject({
      status: "finished",
      decision: "fail",
      metrics: { "relevance/v1/mean": 2 },
      usage: { inputTokens: 600, outputTokens: 30 },
    });
    expect(code).toBe(1);
    expect(server.requests.length - before).toBe(6);
    const shown = JSON.parse((await project.assay("runs", "show", "latest", "--json")).stdout);
    expect(shown.tags).toMatchObject({ answers: uri, verdicts: uri });
  });
});
