import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ProviderServer, startProviderServer } from "../support/provider-server.ts";
import { newProject, type Project } from "../support/run-cli.ts";

const ROWS = [
  { question: "What is 2 + 2?", gold: "4" },
  { question: "What is 3 + 3?", gold: "6" },
  { question: "What is 4 + 4?", gold: "8" },
  { question: "What is 5 + 5?", gold: "10" },
];
const JSONL = ROWS.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Throws on the second half of the questions and is right on the first. */
const HALF_FAILING = `
import { defineEval } from "assay";
import { exactMatch } from "assay/metrics";
const gold = { "What is 2 + 2?": "4", "What is 3 + 3?": "6" };
export default defineEval({
  name: "half",
  data: "rows.jsonl",
  targets: "gold",
  model: ({ question }) => {
    if (gold[question] === undefined) throw new Error("out of memory");
    return gold[question];
  },
  extraMetrics: [exactMatch()],
  gates: ["exact_match/v1 >= 0.9"],
});
`;

let project: Project;
let server: ProviderServer | undefined;

beforeEach(() => {
  project = newProject();
  project.write("rows.jsonl", JSONL);
});

afterEach(async () => {
  project.remove();
  await server?.close();
  server = undefined;
});

/** A judge that gives every answer `score`, and a model that answers "4". */
async function startServer(score: number): Promise<void> {
  server = await startProviderServer({
    reply: ({ body }) => ({
      text:
        body.response_format === undefined
          ? "4"
          : JSON.stringify({ rationale: "As good as it gets.", score }),
      usage: { inputTokens: 10, outputTokens: 2 },
    }),
  });
  Object.assign(project.env, server.env);
}

describe("assay eval with a model and a judge behind OPENAI_BASE_URL", () => {
  test("passes a gate on the judged mean, exits 0 and reports MLflow's keys", async () => {
    await startServer(5);
    const { code, stdout } = await project.assay(
      ...["eval", "rows.jsonl", "--model", "openai:/gpt-4o-mini", "--targets", "gold"],
      ...["--judge", "relevance", "--judge-model", "openai:/gpt-4o-mini"],
      ...["--gate", "relevance/v1/mean >= 4", "--max-failed", "100%", "--json"],
    );
    const [evaluation] = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(evaluation).toMatchObject({
      name: "rows",
      status: "finished",
      decision: "pass",
      metrics: { "relevance/v1/mean": 5 },
      counts: { rows: 4, trials: 4, completed: 4, failed: 0 },
      // Four answers and four verdicts of 10 and 2 tokens each; the price is not known.
      usage: { inputTokens: 80, outputTokens: 16 },
    });
    expect(evaluation.usage.cost).toBeGreaterThan(0);
    expect(evaluation.gates[0]).toMatchObject({
      gate: "relevance/v1/mean >= 4",
      decision: "pass",
      estimate: 5,
      threshold: 4,
    });
  });

  test("exits 1 when the gate fails and says by how much", async () => {
    await startServer(2);
    const { code, stdout } = await project.assay(
      ...["eval", "rows.jsonl", "--model", "openai:/gpt-4o-mini", "--judge", "relevance"],
      ...["--judge-model", "openai:/gpt-4o-mini", "--gate", "relevance/v1/mean >= 4", "--prompt"],
      "Answer {{ question }}",
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/FAIL .*relevance\/v1\/mean is 2 .*4 scored.*must be at least 4/);
    expect(stdout).toContain("npx assay traces show tr-");
  });

  test("exits 3 under --strict when the interval does not decide", async () => {
    await startServer(5);
    const { code, stdout } = await project.assay(
      ...["eval", "rows.jsonl", "--model", "openai:/gpt-4o-mini", "--judge", "relevance"],
      ...["--judge-model", "openai:/gpt-4o-mini", "--gate", "relevance/v1/mean >= 4", "--prompt"],
      ...["Answer {{ question }}", "--strict", "--json"],
    );
    // Four fives: plus-two-t says [2.86, 5], which leaves 4 open.
    expect(JSON.parse(stdout)[0]).toMatchObject({ verdict: "undecided", decision: "fail" });
    expect(code).toBe(3);
  });

  test("exits 2 when the provider rejects the key, without showing it", async () => {
    server = await startProviderServer({
      reply: () => ({ status: 401, error: { message: "Incorrect API key provided: sk-fake" } }),
    });
    Object.assign(project.env, server.env);
    const { code, stderr } = await project.assay(
      ...["eval", "rows.jsonl", "--model", "openai:/m", "--targets", "gold", "--prompt"],
      "{{ question }}",
    );
    expect(code).toBe(2);
    expect(stderr).toContain("OPENAI_API_KEY");
    expect(stderr).not.toContain("sk-fake");
  });

  test("exits 4 when the model cannot be reached", async () => {
    const { code, stdout } = await project.run(
      join(project.folder, "node_modules/assay/dist/cli/bin.js"),
      [
        ...[
          "eval",
          "rows.jsonl",
          "--targets",
          "gold",
          "--limit",
          "1",
          "--prompt",
          "{{ question }}",
        ],
        ...["--model", "openai:/m"],
      ],
      { OPENAI_API_KEY: "fake", OPENAI_BASE_URL: "http://127.0.0.1:9/v1" },
    );
    expect(code).toBe(4);
    expect(stdout).toContain("INCOMPLETE");
  });
});

describe("with half the rows failing", () => {
  test("exits 4, says why, shows the failed rows and never prints a perfect mean", async () => {
    project.write("half.eval.mjs", HALF_FAILING);
    const { code, stdout } = await project.assay("eval", "half.eval.mjs");
    expect(code).toBe(4);
    expect(stdout).toContain("✗ Error: out of memory");
    expect(stdout).toMatch(/INCOMPLETE {2}the model failed on 2 of 4 rows/);
    expect(stdout).toMatch(/exact_match\/v1 +incomplete +2 +2 +0 +0/);
    expect(stdout).not.toMatch(/PASS|\b1(\.0+)?\b +\[/);
    expect(stdout).toContain("decision: fail");
  });

  test("keeps the failed rows in the store, counted beside the mean and not in it", async () => {
    project.write("half.eval.mjs", HALF_FAILING);
    const { stdout, stderr } = await project.assay("eval", "half.eval.mjs", "--json", "--quiet");
    const [{ status, summaries, metrics, runId }] = JSON.parse(stdout);
    expect(status).toBe("incomplete");
    expect(stderr).toMatch(/INCOMPLETE {2}\S.*: the model failed on 2 of 4 rows/);
    expect(metrics).not.toHaveProperty("exact_match/v1");
    expect((await project.assay("runs", "list")).stdout).not.toContain("exact_match/v1 1");
    expect(summaries["exact_match/v1"]).toMatchObject({ mean: 1, n: 4, scored: 2, failed: 2 });
    const rows = JSON.parse(
      (await project.assay("runs", "rows", runId, "--failed", "--json")).stdout,
    );
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({
      ordinal: 2,
      error: "Error: out of memory",
      scores: { "exact_match/v1": { kind: "unscored", reason: "model-failed" } },
    });
    expect(rows[0]).not.toHaveProperty("outputs");
    expect((await project.assay("runs", "show", runId)).stdout).toMatch(
      /exact_match\/v1 +incomplete/,
    );
  });
});

describe("bad input is one line, exit 2, and nothing in the store", () => {
  const model = ["--model", "offline:/reader"];
  test.each([
    ["a missing file", ["nope.jsonl", ...model], /No file at nope\.jsonl/],
    [
      "a malformed line",
      ["bad.jsonl", ...model, "--targets", "gold"],
      /bad\.jsonl line 2: .*malformed JSON/,
    ],
    [
      "a missing targets column",
      ["rows.jsonl", ...model, "--targets", "answer"],
      /no column "answer".*Available columns: question, gold/,
    ],
    [
      "an unknown provider",
      ["rows.jsonl", "--model", "acme:/m", "--targets", "gold"],
      /unknown provider "acme".*openai.*anthropic/,
    ],
    [
      "a missing key",
      ["rows.jsonl", "--model", "openai:/m", "--targets", "gold", "--prompt", "{{ question }}"],
      /OPENAI_API_KEY/,
    ],
    [
      "a missing key of another provider",
      ["rows.jsonl", "--model", "anthropic:/m", "--targets", "gold", "--prompt", "{{ question }}"],
      /ANTHROPIC_API_KEY/,
    ],
    [
      "a bad gate",
      ["rows.jsonl", ...model, "--targets", "gold", "--gate", "good"],
      /Gate "good": expected one of >= > <= < == at character 5, found the end/,
    ],
    [
      "a gate on something that is not measured",
      ["rows.jsonl", ...model, "--targets", "gold", "--gate", "bleu/v1/mean > 1"],
      /bleu\/v1\/mean is not measured here\..*exact_match\/v1/,
    ],
    ["an unknown judge", ["rows.jsonl", ...model, "--judge", "taste"], /"taste".*relevance/],
    [
      "a file of results that cannot be made",
      ["rows.jsonl", ...model, "--targets", "gold", "-o", "rows.jsonl/out.json"],
      /Cannot write rows\.jsonl\/out\.json: ENOTDIR/,
    ],
    ["an unknown flag", ["rows.jsonl", "--colour"], /unknown option '--colour'/],
    [
      "an unknown store",
      ["rows.jsonl", ...model, "--targets", "gold", "--tracking-uri", "mysql://u:secret@h/d"],
      /Expected a tracking URI/,
    ],
  ])("%s", async (_, args, message) => {
    project.write("bad.jsonl", '{"question": "fine", "gold": "x"}\n{"question": oops}\n');
    const { code, stdout, stderr } = await project.assay("eval", ...args);
    expect(stderr).toMatch(message);
    expect(stderr.split("\n").filter((text) => text.startsWith("error: "))).toHaveLength(1);
    expect(stderr).not.toContain("secret");
    expect(stdout).toBe("");
    expect(code).toBe(2);
    expect(existsSync(join(project.folder, "assay.db"))).toBe(false);
  });
});

describe("eval files and outputs", () => {
  test("a TypeScript file with syntax that Node cannot strip is run all the same", async () => {
    project.write(
      "enum.eval.ts",
      `import { defineEval } from "assay";
       enum Answer { Four = "4" }
       export default defineEval({ data: "rows.jsonl", targets: "gold", limit: 1,
         model: (): string => Answer.Four, modelType: "question-answering" });`,
    );
    const { code, stdout } = await project.assay("eval", "enum.eval.ts", "--json", "--quiet");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)[0]).toMatchObject({ name: "enum", metrics: { "exact_match/v1": 1 } });
  });

  test("an array of evaluations gives one object each, and the exit code of the worst", async () => {
    project.write(
      "two.eval.mjs",
      `import { defineEval } from "assay";
       const common = { data: "rows.jsonl", targets: "gold", modelType: "question-answering" };
       export default defineEval([
         { ...common, name: "good", model: () => "4", gates: ["exact_match/v1 >= 25%"] },
         { ...common, name: "poor", model: () => "no", gates: ["exact_match/v1/mean >= 25%"] },
       ]);`,
    );
    const { code, stdout } = await project.assay("eval", "two.eval.mjs", "--json", "--quiet");
    expect(JSON.parse(stdout).map((entry: { decision: string }) => entry.decision)).toEqual([
      "pass",
      "fail",
    ]);
    expect(code).toBe(1);
  });

  test("flags override the file, and --gate adds to its gates", async () => {
    project.write(
      "flags.eval.mjs",
      `export default { data: "rows.jsonl", targets: "gold", modelType: "question-answering",
         model: () => "4", gates: ["exact_match/v1 >= 0"], experiment: "from-file" };`,
    );
    const { stdout } = await project.assay(
      ...["eval", "flags.eval.mjs", "--limit", "2", "--experiment", "from-flag"],
      ...["--gate", "token_f1/v1/mean >= 0", "--json", "--quiet"],
    );
    const [evaluation] = JSON.parse(stdout);
    expect(evaluation.counts.rows).toBe(2);
    expect(evaluation.gates).toHaveLength(2);
    const experiments = JSON.parse((await project.assay("experiments", "list", "--json")).stdout);
    expect(experiments.map(({ name }: { name: string }) => name)).toEqual(["from-flag"]);
  });

  test("a config file sets defaults for the project", async () => {
    project.write(
      "assay.config.json",
      '{ "experiment": "configured", "gates": ["exact_match/v1 > 1"] }',
    );
    const { code } = await project.assay(
      "eval",
      "rows.jsonl",
      "--model",
      "offline:/reader",
      "--targets",
      "gold",
    );
    expect(code).toBe(1);
    const { stdout } = await project.assay("runs", "list", "--experiment", "configured", "--json");
    expect(JSON.parse(stdout)).toHaveLength(1);
  });

  test("-o writes the same array as --json, and one result per line to .jsonl and .csv", async () => {
    const { stdout } = await project.assay(
      ...["eval", "rows.jsonl", "--model", "offline:/reader", "--targets", "gold", "--json"],
      ...["--quiet", "-o", "all.json", "-o", "rows.out.jsonl", "-o", "rows.csv"],
    );
    const read = (name: string) => readFileSync(join(project.folder, name), "utf8");
    expect(JSON.parse(read("all.json"))).toEqual(JSON.parse(stdout));
    const lines = read("rows.out.jsonl")
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text));
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatchObject({
      ordinal: 0,
      trial: 0,
      inputs: { question: "What is 2 + 2?" },
      expectations: { expected_response: "4" },
      scores: { "exact_match/v1": { kind: "scored" } },
      traceId: expect.stringMatching(/^tr-[0-9a-f]{32}$/),
    });
    const { stdout: shown } = await project.assay("runs", "rows", "latest", "--json");
    expect(JSON.parse(shown)).toEqual(lines);
    expect(read("rows.csv").split("\r\n")[0]).toContain("rowKey,ordinal,trial,inputs");
  });

  test.skipIf(!existsSync("/dev/full"))(
    "a file of results that the disk has no room for is exit 2, and the results are stored",
    async () => {
      symlinkSync("/dev/full", join(project.folder, "rows.out.jsonl"));
      const { code, stderr } = await project.assay(
        ...["eval", "rows.jsonl", "--model", "offline:/reader", "--targets", "gold"],
        ...["--quiet", "-o", "rows.out.jsonl"],
      );
      expect(code).toBe(2);
      const [, run = ""] =
        /^error: Cannot write rows\.out\.jsonl: ENOSPC\. The results are stored: assay runs rows (\w+)\n$/.exec(
          stderr,
        ) ?? [];
      const { stdout } = await project.assay("runs", "rows", run, "--json");
      expect(JSON.parse(stdout)).toHaveLength(4);
    },
  );

  test("--dry-run tells what it would cost, at the prices of the config", async () => {
    // A dollar a token in, two a token out.
    const price = { input: 1e6, output: 2e6 };
    project.write("assay.config.json", JSON.stringify({ prices: { "openai:/m": price } }));
    project.write("two.jsonl", '{"q":"12345678"}\n{"q":"1234567890123456"}\n');
    project.env = { OPENAI_API_KEY: "unused" };
    const { stdout } = await project.assay(
      ...["eval", "two.jsonl", "--model", "openai:/m", "--trials", "2", "--dry-run", "--json"],
      ...[
        "--judge",
        "relevance",
        "--judge-model",
        "openai-compatible:/j?base_url=http://127.0.0.1:9",
      ],
    );
    // Eight and sixteen characters are two and four tokens; an answer is taken to be 256.
    expect(JSON.parse(stdout)[0]).toMatchObject({
      rows: 2,
      modelCalls: 4,
      judgeCalls: 4,
      cost: 2 * (2 + 4 + 2 * 2 * 256),
      withoutPrice: ["openai-compatible:/j?base_url=http://127.0.0.1:9"],
    });
  });

  test("--dry-run takes an endpoint, whose price only the config can know", async () => {
    const { code, stdout } = await project.assay(
      ...["eval", "rows.jsonl", "--model", "http://127.0.0.1:9/chat/completions"],
      ...["--prompt", "{{ question }}", "--targets", "gold", "--dry-run"],
    );
    expect(code).toBe(0);
    expect(stdout).toContain("4 model calls, 0 judge calls; cost: not known");
  });

  test("--dry-run counts rows and calls, and stores nothing", async () => {
    const { code, stdout } = await project.assay(
      ...["eval", "rows.jsonl", "--model", "offline:/reader", "--judge", "relevance"],
      ...["--judge-model", "offline:/lexical-judge", "--trials", "3", "--dry-run", "--json"],
      ...["--prompt", "{{ question }}"],
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)[0]).toMatchObject({
      rows: 4,
      trials: 3,
      modelCalls: 12,
      judgeCalls: 12,
    });
    expect(existsSync(join(project.folder, "assay.db"))).toBe(false);
  });
});

test("an option of a wrong type in an eval file is one line and exit 2", async () => {
  for (const [wrong, what] of [
    ["tags: { build: 123 }", "Expected tags to be an object of strings, got a number as build"],
    ["runName: 5", "Expected runName to be a string, got a number"],
    ["onProgress: 5", "Expected onProgress to be a function, got a number"],
  ] as const) {
    project.write(
      "wrong.eval.mjs",
      `export default { data: [{ q: 1 }], model: () => "a", modelType: "text", ${wrong} };`,
    );
    const { code, stderr } = await project.assay("eval", "wrong.eval.mjs", "--tag", "a=b");
    expect(stderr).toBe(`error: ${what}\n`);
    expect(code).toBe(2);
  }
});

test.each([
  ["question-answering", "rougeL"],
  ["text-summarization", "rougeLsum"],
])(
  "the worst rows of %s are those of a metric of quality, %s, not of length",
  async (type, worst) => {
    project.write(
      "defaults.eval.mjs",
      `export default { data: [{ q: "a b c", gold: "a b c" }, { q: "d", gold: "e" }], targets: "gold",
      model: ({ q }) => q, modelType: "${type}" };`,
    );
    const { stdout } = await project.assay("eval", "defaults.eval.mjs", "--quiet");
    expect(stdout).toMatch(new RegExp(`^\\nrow +input +output +${worst} `));
    expect(stdout).toMatch(new RegExp(`runs rows [0-9a-f]+ --worst ${worst}\\n`));
  },
);

test("a sum of millionths of a dollar is not shown as 0", async () => {
  const server = await startProviderServer({
    reply: () => ({ text: "x", usage: { inputTokens: 3, outputTokens: 2 } }),
  });
  project.env = { ...server.env };
  project.write("few.jsonl", '{"question":"a"}\n');
  const flags = [
    "--model",
    "openai:/gpt-4o-mini",
    "--model-type",
    "text",
    "--gate",
    "cost/total <= 1usd",
  ];
  const { stdout } = await project.assay("eval", "few.jsonl", ...flags, "-o", "report.md");
  await server.close();
  expect(stdout).toMatch(/cost\/total +\$0\.0000\d*[1-9]\n/);
  const report = readFileSync(join(project.folder, "report.md"), "utf8");
  for (const text of [stdout, report]) {
    expect(text).not.toMatch(/\$0\.0000(?!\d)/);
    expect(text).toMatch(/\$0\.0000\d*[1-9] · /);
  }
});

describe("a prompt in a file", () => {
  const flags = ["eval", "rows.jsonl", "--targets", "gold", "--quiet", "--model", "openai:/m"];

  test("is sent without the byte order mark that an editor left", async () => {
    const server = await startProviderServer({ reply: ({ text }) => ({ text }) });
    project.env = { ...server.env };
    project.write("p.txt", "\uFEFFAsk: {{ question }}");
    const long = `${"Please ".repeat(100)}{{ question }}`;
    for (const prompt of ["p.txt", long]) {
      const { stdout } = await project.assay(
        ...flags,
        "--prompt",
        prompt,
        "-o",
        "rows.csv",
        "--json",
      );
      expect(JSON.parse(stdout)[0].counts).toMatchObject({ completed: 4, failed: 0 });
      const rows = readFileSync(join(project.folder, "rows.csv"), "utf8");
      expect(rows).toContain(prompt === long ? ",Please Please" : ",Ask: What");
    }
    await server.close();
  });

  test("is missed where the path is wrong", async () => {
    project.env = { OPENAI_API_KEY: "k" };
    mkdirSync(join(project.folder, "prompts"));
    const wrong = await project.assay(...flags, "--prompt", "prompts/none.txt");
    expect([wrong.code, wrong.stderr]).toEqual([2, "error: No prompt file at prompts/none.txt\n"]);
    const folder = await project.assay(...flags, "--prompt", "prompts");
    expect([folder.code, folder.stderr]).toEqual([2, expect.stringContaining("names no input")]);
    project.write(
      "p.eval.mjs",
      `export default { data: "rows.jsonl", model: "openai:/m", prompt: "p.txt", modelType: "text" };`,
    );
    const text = await project.assay("eval", "p.eval.mjs");
    expect(text.stderr).toBe(
      'error: The prompt names no input of the row. It is the text "p.txt": read the file for it, or give it with --prompt\n',
    );
    expect(text.code).toBe(2);
  });
});
