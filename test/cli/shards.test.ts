import { afterAll, beforeAll, expect, test } from "vitest";
import { writeAnsweredRows } from "../support/answered-rows.ts";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;
beforeAll(() => {
  project = newProject();
  writeAnsweredRows(project, 31);
});
afterAll(() => project.remove());

const evaluate = (...args: string[]) =>
  project.assay(
    ...["eval", "rows.jsonl", "--targets", "gold", "--predictions", "said", "--quiet"],
    ...["--gate", "exact_match >= 0.77", "--json", ...args],
  );

test("shards of three machines become the run that one machine makes", async () => {
  const whole = JSON.parse((await evaluate()).stdout)[0];
  for (const shard of [1, 2, 3]) {
    const { code, stdout } = await evaluate(
      ...["--shard", `${shard}/3`, "--tracking-uri", `sqlite:///shard-${shard}.db`],
    );
    // A part of the rows decides nothing.
    expect([code, JSON.parse(stdout)[0].gates]).toEqual([0, []]);
  }
  const files = ["shard-1.db", "shard-2.db", "shard-3.db"];
  const lacking = await project.assay("merge", files[0] ?? "", files[2] ?? "");
  expect([lacking.code, lacking.stderr]).toEqual([2, "error: Shards are missing: 2/3\n"]);

  const { code, stdout } = await project.assay("merge", ...files, "--json");
  const [merged] = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(merged.gates).toEqual(whole.gates);
  expect(merged.summaries).toEqual(whole.summaries);
  expect(merged).toMatchObject({
    name: whole.name,
    status: "finished",
    decision: "pass",
    counts: whole.counts,
  });

  const rows = await project.assay("runs", "rows", merged.runId, "--json");
  expect(JSON.parse(rows.stdout)).toHaveLength(31);

  const failing = await project.assay("merge", ...files, "--gate", "exact_match >= 0.9");
  expect([failing.code, failing.stdout]).toEqual([
    1,
    expect.stringMatching(/^run [0-9a-f]{32} {2}rows, 3 shards\nFAIL .*\ndecision: fail\n$/),
  ]);
});

test("a shard that is none is refused", async () => {
  const { code, stderr } = await evaluate("--shard", "4/3");
  expect([code, stderr]).toEqual([2, 'error: Expected a shard such as 3/8, got "4/3"\n']);
});
