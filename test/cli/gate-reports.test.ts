import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeAnsweredRows } from "../support/answered-rows.ts";
import { BIN, newProject, type Project } from "../support/run-cli.ts";

let project: Project;
beforeAll(() => {
  project = newProject();
  writeAnsweredRows(project, 30);
});
afterAll(() => project.remove());

const EVAL = ["eval", "rows.jsonl", "--targets", "gold", "--predictions", "said", "--quiet"];
const read = (file: string) => readFileSync(join(project.folder, file), "utf8");
const OUTPUTS = ["json", "md", "html", "xml", "jsonl", "csv"];
const outputs = (name: string) => OUTPUTS.flatMap((kind) => ["-o", `${name}.${kind}`]);

test("assay gate writes the reports that assay eval writes", async () => {
  const gate = ["--gate", "exact_match >= 0.9"];
  expect((await project.assay(...EVAL, ...gate, ...outputs("eval"))).code).toBe(1);
  expect((await project.assay("gate", "latest", ...gate, ...outputs("gate"))).code).toBe(1);
  expect(JSON.parse(read("gate.json"))).toEqual(JSON.parse(read("eval.json")));
  for (const kind of OUTPUTS.slice(1)) {
    expect([kind, read(`gate.${kind}`)]).toEqual([kind, read(`eval.${kind}`)]);
  }
  expect(read("gate.xml")).toContain('failures="1"');

  const refused = await project.assay("gate", "latest", "-o", "report.pdf");
  expect([refused.code, refused.stderr]).toEqual([
    2,
    "error: Cannot write report.pdf: expected .json, .jsonl, .csv, .md, .html, .xml\n",
  ]);
});

test("assay merge writes the report of all shards", async () => {
  const gate = ["--gate", "exact_match >= 0.9"];
  for (const shard of [1, 2]) {
    const store = ["--tracking-uri", `sqlite:///part-${shard}.db`];
    await project.assay(...EVAL, ...gate, "--shard", `${shard}/2`, ...store);
  }
  const merged = await project.assay("merge", "part-1.db", "part-2.db", ...outputs("merged"));
  expect(merged.code).toBe(1);
  const [report] = JSON.parse(read("merged.json"));
  expect(report).toMatchObject({
    status: "finished",
    decision: "fail",
    gates: [{ estimate: 0.8 }],
    counts: { rows: 30, trials: 30, completed: 30, failed: 0 },
  });
  expect(read("merged.md")).toContain("❌ rows: exact\\_match 0.8");
  expect(read("merged.jsonl").trim().split("\n")).toHaveLength(30);
});

test("within GitHub Actions assay gate annotates, and a gate that is refused is in the summary", async () => {
  await project.assay(...EVAL);
  const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: "", GITHUB_OUTPUT: "" };
  const files = (name: string) => ({
    ...env,
    GITHUB_STEP_SUMMARY: project.write(`${name}.summary`, ""),
    GITHUB_OUTPUT: project.write(`${name}.output`, ""),
  });
  const run = (name: string, ...args: string[]) => project.run(BIN, args, files(name));

  const failed = await run("gate", "gate", "latest", "--gate", "exact_match >= 0.9");
  expect(failed.stderr).toMatch(/^::error title=exact_match 0\.8.* fail::exact_match is 0\.8 /);
  expect(read("gate.summary")).toMatch(/^<!-- assay-report:rows -->\n\n## ❌ rows/);
  expect(read("gate.output")).toMatch(/^decision=fail\nverdict=undecided\nrun-ids=[0-9a-f]{32}\n$/);

  const refused = await run("eval", ...EVAL, "--gate", "exact_mach >= 0.9");
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(
    /^error: Gate "exact_mach .*\n::error title=assay eval::Gate "exact_mach >= 0\.9": the metric exact_mach is not measured/,
  );
  expect(read("eval.summary")).toMatch(
    /^<!-- assay-error:assay eval -->\n\n## 🚫 assay eval: .*\n\n- Gate "exact\\_mach/,
  );
});
