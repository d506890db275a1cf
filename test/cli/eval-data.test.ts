import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BIN, newProject, type Project } from "../support/run-cli.ts";

let project: Project;

beforeEach(() => {
  project = newProject();
});
afterEach(() => project.remove());

const answers = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    q: `q${i}`,
    gold: { text: `a${i}` },
    reply: `a${i % 2}`,
  }));
const jsonl = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const MAPPED = ["--map", "answer=gold.text", "--targets", "answer", "--predictions", "reply"];

async function evaluation(...args: string[]) {
  const { code, stdout, stderr } = await project.assay("eval", ...args, "--json");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  return JSON.parse(stdout)[0];
}

describe("assay eval", () => {
  test("maps columns of a compressed file and is called after it", async () => {
    writeFileSync(join(project.folder, "rows.jsonl.gz"), gzipSync(jsonl(answers(4))));
    const found = await evaluation("rows.jsonl.gz", ...MAPPED, "--quiet");
    expect(found).toMatchObject({
      name: "rows",
      counts: { rows: 4 },
      metrics: { "exact_match/v1": 0.5 },
    });
  });

  test("takes a sample, the same again, and counts it in a dry run", async () => {
    project.write("rows.jsonl", jsonl(answers(60)));
    const sampled = ["rows.jsonl", ...MAPPED, "--seed", "3", "--quiet", "--sample"];
    const { counts, metrics } = await evaluation(...sampled, "25%");
    expect(counts.rows).toBeGreaterThan(2);
    expect(counts.rows).toBeLessThan(35);
    expect(await evaluation(...sampled, "0.25")).toMatchObject({ counts, metrics });
    expect(await evaluation(...sampled, "10", "--limit", "6", "--dry-run")).toMatchObject({
      rows: 6,
    });
  });

  test.each([
    [["category=sports"], ["a", "b"]],
    [["category!=sports"], ["c", "d"]],
    [["category=sports", "inputs.n=2"], ["b"]],
    [["n=3"], ["c"]],
    [["id!=a", "metadata.lang=en"], ["c"]],
    [["answer=x=y"], ["d"]],
  ])("takes the rows that meet --filter %j", async (filters, keys) => {
    const rows = [
      { id: "a", inputs: { n: 1 }, category: "sports", metadata: { lang: "en" } },
      { id: "b", inputs: { n: 2 }, category: "sports", metadata: { lang: "de" } },
      { id: "c", inputs: { n: 3 }, category: "arts", metadata: { lang: "en" } },
      { id: "d", inputs: { n: 4, answer: "x=y" } },
    ];
    project.write("rows.jsonl", jsonl(rows.map((row) => ({ ...row, reply: "r", gold: "r" }))));
    await evaluation(
      ...["rows.jsonl", "--targets", "gold", "--predictions", "reply", "--quiet"],
      ...["--model-type", "question-answering", "-o", "out.jsonl"],
      ...filters.flatMap((filter) => ["--filter", filter]),
    );
    const lines = readFileSync(join(project.folder, "out.jsonl"), "utf8").trim().split("\n");
    const found = lines.map((line) => JSON.parse(line).rowKey);
    expect(found).toEqual(keys);
  });

  test("counts data of more than the 10,000 rows that are looked at ahead in a dry run", async () => {
    project.write("rows.jsonl", jsonl(answers(10_500)));
    const found = await evaluation("rows.jsonl", ...MAPPED, "--dry-run");
    expect(found).toMatchObject({ rows: 10_500, modelCalls: 0 });
  });

  test("reads standard input", async () => {
    const child = spawn(process.execPath, [BIN, "eval", "-", ...MAPPED, "--json", "--quiet"], {
      cwd: project.folder,
      env: { PATH: process.env.PATH ?? "" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdin.end(jsonl(answers(4)));
    let stdout = "";
    for await (const chunk of child.stdout) stdout += chunk;
    expect(JSON.parse(stdout)[0]).toMatchObject({ name: "stdin", counts: { rows: 4 } });
  });

  test("reads no more of standard input than it needs", async () => {
    const child = spawn(process.execPath, [BIN, "eval", "-", ...MAPPED, "--limit", "5", "--json"], {
      cwd: project.folder,
      env: { PATH: process.env.PATH ?? "" },
      stdio: ["pipe", "pipe", "ignore"],
    });
    child.stdin.on("error", () => undefined);
    // Never ended: the command has to let go of it.
    child.stdin.write(jsonl(answers(100)));
    let stdout = "";
    for await (const chunk of child.stdout) stdout += chunk;
    expect(JSON.parse(stdout)[0]).toMatchObject({ status: "finished", counts: { rows: 5 } });
  });

  test("evaluates stored traces", async () => {
    const script = project.write(
      "traced.mjs",
      `import { withSpan, flushTraces } from "assay";
       for (const word of ["a", "b", "a"]) await withSpan((span) => span.setOutputs(word), { name: word, inputs: { word } });
       await flushTraces();`,
    );
    expect(await project.run(script, [])).toMatchObject({ code: 0, stderr: "" });
    project.write(
      "scored.eval.mjs",
      `import { defineEval } from "assay";
       export default defineEval({
         data: { traces: "name = 'a'" },
         scorers: [function matches({ inputs, outputs }) { return inputs.word === outputs; }],
       });`,
    );
    expect(await evaluation("scored.eval.mjs", "--quiet")).toMatchObject({
      counts: { rows: 2, completed: 2 },
      metrics: { "matches/mean": 1 },
    });
    const { code, stderr } = await project.assay(
      "eval",
      "--traces",
      "name = 'z'",
      "--judge",
      "relevance",
    );
    expect(stderr).toContain("No stored trace matches the filter");
    expect(code).toBe(2);
  });

  test.each([
    [["--sample", "0"], "Expected a share such as 10% or 0.1, or an integer of at least 2."],
    [["--sample", "200%"], "Expected a share such as 10% or 0.1, or an integer of at least 2."],
    [["--seed", "x"], "Expected an integer."],
    [["--filter", "sports"], 'of the form field=value or field!=value, got "sports"'],
    [["--filter", "category=x"], "None of the 2 rows of rows.jsonl is selected"],
    [["--map", "context"], "Expected key=value."],
    [["--map", "context=passage"], 'has no column "passage", which mapping names for context'],
  ])("refuses %j with exit 2", async (flags, message) => {
    project.write("rows.jsonl", jsonl(answers(2)));
    const { code, stderr } = await project.assay(
      "eval",
      "rows.jsonl",
      "--predictions",
      "reply",
      ...flags,
    );
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });
});

describe("data that a flag names, beside an eval file", () => {
  const EVAL = `export default { name: "own", data: [{ q: "of the file" }], model: ({ q }) => q,
    scorers: [function late({ outputs }) { return outputs !== "of the file"; }], gates: ["late/mean >= 1"] };`;

  test("is evaluated in the place of the file's, by its model, scorers and gates", async () => {
    project.write("own.eval.mjs", EVAL);
    project.write("more/rows.jsonl", jsonl(answers(3)));
    const own = await project.assay("eval", "own.eval.mjs", "--json", "--quiet");
    expect(own.code).toBe(1);
    const { stdout, code } = await project.assay(
      ...["eval", "own.eval.mjs", "--data", "more/rows.jsonl", "--json", "--quiet"],
    );
    expect(JSON.parse(stdout)).toMatchObject([
      { name: "own", counts: { rows: 3 }, metrics: { "late/mean": 1 }, decision: "pass" },
    ]);
    expect(code).toBe(0);
  });

  test("may be what the file lacks, and stored traces", async () => {
    project.write("own.eval.mjs", EVAL.replace('data: [{ q: "of the file" }], ', ""));
    project.write("rows.jsonl", jsonl(answers(2)));
    const args = ["own.eval.mjs", "--quiet", "--data", "rows.jsonl"];
    expect(await evaluation(...args)).toMatchObject({ counts: { rows: 2 } });
    const traced = ["own.eval.mjs", "--quiet", "--traces", "status = 'OK'", "--limit", "1"];
    expect(await evaluation(...traced)).toMatchObject({ name: "own", counts: { rows: 1 } });
  });

  test("leaves a data file beside it an evaluation of its own", async () => {
    project.write("own.eval.mjs", EVAL);
    project.write("rows.jsonl", jsonl(answers(2)));
    const { stdout } = await project.assay(
      ...["eval", "own.eval.mjs", "rows.jsonl", "--json", "--quiet"],
      ...["--model", "offline:/reader", "--prompt", "{{ q }}", "--model-type", "text"],
    );
    expect(JSON.parse(stdout)).toMatchObject([{ name: "own" }, { name: "rows" }]);
  });

  test("is refused where it is two, or standard input for two", async () => {
    project.write("own.eval.mjs", EVAL);
    const twice = await project.assay("eval", "own.eval.mjs", "own.eval.mjs", "--data", "-");
    expect(twice.stderr).toContain("Standard input can be read once");
    project.write("rows.jsonl", jsonl(answers(2)));
    const { code, stderr } = await project.assay(
      ...["eval", "own.eval.mjs", "--data", "rows.jsonl", "--traces", ""],
    );
    expect(stderr).toContain("--data and --traces both override the data of the eval file");
    expect(code).toBe(2);
  });
});
