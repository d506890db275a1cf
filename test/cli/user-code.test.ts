import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startProviderServer } from "../support/provider-server.ts";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;

beforeEach(() => {
  project = newProject();
});
afterEach(() => project.remove());

/** An eval file with one row that `model` answers; `before` stands above it. */
function evalFile(model: string, before = ""): string {
  return `${before}
    export default { name: "one", data: [{ question: "q", gold: "a" }], targets: "gold",
      modelType: "question-answering", gates: ["exact_match/v1 >= 0.5"], model: ${model} };`;
}

test("an ES module that a project makes Node take for CommonJS is an error with a way out", async () => {
  project.write("package.json", '{ "type": "commonjs" }');
  project.write("assay.config.js", 'export default { experiment: "mine" };');
  const { code, stderr } = await project.assay("eval", "rows.jsonl", "--model", "offline:/reader");
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /error: Cannot load assay\.config\.js: .* Name it assay\.config\.mjs, or write "type": "module" into package\.json\n$/,
  );
});

test("an env file may begin with a byte order mark", async () => {
  project.write("rows.jsonl", '{"question":"q","gold":"a"}\n');
  project.write(".env.test", "\uFEFFASSAY_EXPERIMENT_NAME=marked\n");
  const flags = ["--model", "offline:/reader", "--targets", "gold", "--env-file", ".env.test"];
  expect((await project.assay("eval", "rows.jsonl", ...flags)).code).toBe(0);
  const { stdout } = await project.assay("runs", "list", "--experiment", "marked", "--json");
  expect(JSON.parse(stdout)).toHaveLength(1);
});

test("nothing that rows say steers a terminal or GitHub Actions", async () => {
  const hostile = "x\\n::error file=README.md,line=1::pwned\\x1b[31m\\x9b0;t";
  project.write(
    "hostile.eval.mjs",
    `const bad = "${hostile}";
    export default { name: "hostile", data: [{ id: bad, question: bad }, { id: "b", question: bad }],
      model: () => bad, scorers: [function low() { throw new Error(bad); }],
      gates: ["every row: low >= 3"] };`,
  );
  const twice = `const id = "${hostile}"; export default { data: [{ id, q: 1 }, { id, q: 2 }], model: () => 1,
    scorers: [function one() { return 1; }] };`;
  project.write("twice.eval.mjs", twice);
  for (const file of ["hostile.eval.mjs", "twice.eval.mjs"]) {
    const { stdout, stderr } = await project.assay("eval", file);
    for (const output of [stdout, stderr]) {
      expect(output).not.toMatch(/^\s*::/m);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
      expect(output).not.toMatch(/[\x1b\x9b]/);
    }
    expect(stdout + stderr).toContain("pwned");
  }
});

test("what evaluated code prints goes to stderr, and stdout holds the results alone", async () => {
  const prints = 'console.log("at the top");\n';
  project.write("loud.eval.mjs", evalFile('() => { console.log("asked"); return "a"; }', prints));
  const { stdout, stderr, code } = await project.assay("eval", "loud.eval.mjs", "--json");
  expect(JSON.parse(stdout)).toMatchObject([{ name: "one", status: "finished" }]);
  expect(stderr).toContain("at the top\n");
  expect(stderr).toContain("asked\n");
  expect(code).toBe(0);
});

test("TypeScript runs in a project of CommonJS as well, which npm init makes", async () => {
  project.write("package.json", '{ "type": "commonjs" }');
  project.write(
    "ts.eval.ts",
    `import { defineEval } from "assay";
    const model = (inputs: { question: string }): string => inputs.question;
    export default defineEval({ data: [{ question: "q", gold: "q" }], targets: "gold", model });`,
  );
  expect(await project.assay("eval", "ts.eval.ts", "--quiet")).toMatchObject({ code: 0 });
});

describe("an error at the import of an eval file says where it is", () => {
  test.each([
    ["a module that does not parse", "export const a = 1;\nthis is no code;", "helpers/a.mjs:2"],
    [
      "a module that throws",
      "export const a = 1;\n\nthrow new Error('at import');",
      "helpers/a.mjs:3",
    ],
    ["a name that is not exported", "export const b = 1;", "import.eval.mjs:2"],
    ["a name that is defined twice", "const a = 1;\nconst a = 2;", "helpers/a.mjs:2"],
  ])("%s", async (_, helper, place) => {
    project.write("helpers/a.mjs", helper);
    project.write(
      "import.eval.mjs",
      `console.log("ran");
      import { a } from "./helpers/a.mjs";
      export default a;`,
    );
    const { code, stderr } = await project.assay("eval", "import.eval.mjs");
    expect(stderr).toMatch(/^error: Cannot load import\.eval\.mjs: .+\n$/);
    expect(stderr).toContain(` (${place})\n`);
    expect(code).toBe(2);
  });
});

describe("what the evaluated code does behind its own back is not a failed gate", () => {
  test("a rejection that nobody handles is a warning", async () => {
    project.write(
      "a.eval.mjs",
      evalFile('() => { Promise.reject(new Error("background")); return "a"; }'),
    );
    const { code, stdout, stderr } = await project.assay("eval", "a.eval.mjs");
    expect(stderr).toContain(
      "warning: a promise was rejected and nobody noticed: Error: background",
    );
    expect(stdout).toContain("decision: pass");
    expect(code).toBe(0);
  });

  /** Twenty rows, two at a time; `act` happens while the eleventh is asked. */
  const inRow10 = (act: string) =>
    evalFile(`async ({ n }) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (n === 10 && process.env.ACT === "yes") ${act}
      await new Promise((resolve) => setTimeout(resolve, 20));
      return "a"; }, concurrency: 2`).replace(
      /data: \[.*?\]/,
      'data: Array.from({ length: 20 }, (_, n) => ({ n, gold: "a" }))',
    );

  test.each([
    ["an exception outside any row", "setTimeout(() => { throw new Error('late'); }, 1);"],
    ["the end of the process", "process.exit(0);"],
    ["the end of the process as if a gate had failed", "process.exit(1);"],
  ])("%s is incomplete, and the run can be resumed", async (_, act) => {
    project.write("a.eval.mjs", inRow10(act));
    project.env = { ACT: "yes" };
    const { code, stderr } = await project.assay("eval", "a.eval.mjs");
    expect(stderr).toMatch(
      act.includes("throw")
        ? /error: an exception outside any row: Error: late\n/
        : /error: the evaluated code ended the process \(process\.exit\([01]\)\) before the verdict; what/,
    );
    expect(code).toBe(4);
    const [, runId] = /with --resume ([0-9a-f]{32}) goes on\n$/.exec(stderr) ?? [];
    const stored = JSON.parse((await project.assay("runs", "rows", "latest", "--json")).stdout);
    expect(stored.length).toBeGreaterThan(8);
    project.env = {};
    const resumed = await project.assay("eval", "a.eval.mjs", "--resume", String(runId), "--json");
    expect(JSON.parse(resumed.stdout)).toMatchObject([{ runId, counts: { completed: 20 } }]);
    expect(resumed.code).toBe(0);
  });

  test("an exception outside any row whose row never ends waits for no longer than --grace", async () => {
    const model = "() => new Promise(() => setTimeout(() => { throw new Error('late'); }, 1))";
    project.write("a.eval.mjs", evalFile(model));
    const { code, stderr } = await project.assay("eval", "a.eval.mjs", "--grace", "20ms");
    expect(stderr).toContain("error: an exception outside any row: Error: late");
    expect(code).toBe(4);
  });

  test("an exception outside any row that Assay's own code throws is a defect of Assay", async () => {
    const before = `import { sentenceBleu } from "assay/metrics";
      setTimeout(() => sentenceBleu(5, 5), 1);`;
    project.write("a.eval.mjs", evalFile("() => new Promise(() => {})", before));
    const { code, stderr } = await project.assay("eval", "a.eval.mjs");
    expect(stderr).toContain("error: a defect in Assay, please report it: TypeError");
    expect(code).toBe(70);
  });

  test("an eval file that ends the process is no success either", async () => {
    project.write("a.eval.mjs", evalFile('() => "a"', "process.exit(0);"));
    const { code, stderr } = await project.assay("eval", "a.eval.mjs");
    expect(stderr).toBe(
      "error: the evaluated code ended the process (process.exit(0)) before the verdict\n",
    );
    expect(code).toBe(4);
  });

  test("a model whose promise can never settle is incomplete, not a success", async () => {
    project.write("a.eval.mjs", evalFile("() => new Promise(() => {})"));
    const { code, stderr } = await project.assay("eval", "a.eval.mjs");
    expect(stderr).toContain("never answered");
    expect(code).toBe(4);
  });

  test("a timer left open does not keep the finished command running", async () => {
    project.write("a.eval.mjs", evalFile('() => "a"', "setInterval(() => {}, 1_000_000);"));
    expect((await project.assay("eval", "a.eval.mjs")).code).toBe(0);
  });

  test("--timeout fails the rows of a model that hangs", async () => {
    project.write(
      "a.eval.mjs",
      evalFile("() => new Promise(() => setInterval(() => {}, 1_000_000))"),
    );
    const { code, stdout } = await project.assay("eval", "a.eval.mjs", "--timeout", "50ms");
    expect(stdout).toContain("TimeoutError: no answer within 50 ms");
    expect(code).toBe(4);
  });

  test("a key that the provider of the user's own client rejects is exit 2", async () => {
    const rejected = 'Object.assign(new Error("401 Incorrect API key"), { status: 401 })';
    project.write("a.eval.mjs", evalFile(`() => { throw ${rejected}; }`));
    const { code, stderr } = await project.assay("eval", "a.eval.mjs");
    expect(stderr).toMatch(/error: .*rejected the key \(HTTP 401\)/);
    expect(code).toBe(2);
  });
});

describe("a judge on the command line without a model of its own", () => {
  test("is asked of the model under test", async () => {
    const server = await startProviderServer({
      reply: ({ body }) => ({
        text:
          body.response_format === undefined
            ? "An answer."
            : JSON.stringify({ rationale: "Direct.", score: 5 }),
      }),
    });
    project.env = { ...server.env };
    project.write("my.jsonl", '{"question":"Why?"}\n');
    const { code, stdout } = await project.assay(
      ...["eval", "my.jsonl", "--model", "openai:/gpt-4o-mini", "--judge", "relevance"],
      ...["--gate", "relevance/v1/mean >= 4"],
    );
    await server.close();
    expect(stdout).toMatch(/PASS .*relevance\/v1\/mean is 5/);
    expect(code).toBe(0);
  });
});

describe("several evaluations in one command", () => {
  const TWO = `
    const common = { data: [{ question: "q", gold: "a" }], targets: "gold", modelType: "question-answering" };
    export default [
      { ...common, name: "first", model: () => "a" },
      { ...common, name: "second", model: MODEL },
    ];`;

  test("are all checked before the first of them runs", async () => {
    project.write("two.eval.mjs", TWO.replace("MODEL", '"openai:/m"'));
    const { code, stdout, stderr } = await project.assay("eval", "two.eval.mjs", "--json");
    expect(stdout).toBe("");
    expect(stderr).toContain("OPENAI_API_KEY");
    expect(code).toBe(2);
    expect(existsSync(join(project.folder, "assay.db"))).toBe(false);
  });

  test("hand over the first one's results when the second one's key is rejected", async () => {
    const rejected = 'Object.assign(new Error("401"), { status: 401 })';
    project.write("two.eval.mjs", TWO.replace("MODEL", `() => { throw ${rejected}; }`));
    const { code, stdout, stderr } = await project.assay("eval", "two.eval.mjs", "--json");
    expect(JSON.parse(stdout)).toMatchObject([
      { name: "first", status: "finished" },
      {
        name: "second",
        runId: expect.stringMatching(/^[0-9a-f]{32}$/),
        status: "failed",
        problems: [expect.stringContaining("rejected the key")],
      },
    ]);
    expect(stderr).toContain("rejected the key");
    expect(code).toBe(2);
  });

  test("a scorer with the name of another column has one of its own in .csv", async () => {
    const scorers = ["error", "outputs", "quality"].map(
      (name) => `function ${name}() { return 1; }`,
    );
    project.write(
      "named.eval.mjs",
      `export default { data: [{ q: 1 }], model: () => "a", extraMetrics: [${scorers}] };`,
    );
    await project.assay("eval", "named.eval.mjs", "-o", "rows.csv");
    const [header = "", row = ""] = readFileSync(join(project.folder, "rows.csv"), "utf8").split(
      "\r\n",
    );
    expect(header).toMatch(
      /,outputs,error,expectations,scores\.error,scores\.outputs,quality,latencyMs,/,
    );
    expect(new Set(header.split(",")).size).toBe(header.split(",").length);
    expect(row).toMatch(/,a,,\{\},1,1,1,/);
  });

  test("are told apart in .csv and .jsonl", async () => {
    project.write("two.eval.mjs", TWO.replace("MODEL", '() => { throw new Error("no"); }'));
    await project.assay("eval", "two.eval.mjs", "-o", "rows.csv", "-o", "rows.jsonl");
    const read = (name: string) => readFileSync(join(project.folder, name), "utf8");
    const [header = "", ...rows] = read("rows.csv").trim().split("\r\n");
    expect(new Set(header.split(",")).size).toBe(header.split(",").length);
    expect(rows.map((row) => row.split(",")[0])).toEqual(["first", "second"]);
    expect(rows[1]).toContain(",model-failed,");
    const lines = read("rows.jsonl").trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).evaluation)).toEqual(["first", "second"]);
  });
});
