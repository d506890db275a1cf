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

test.each([
  ["--limit", "9"],
  ["--sample", "9"],
  ["--sample", "40%"],
])("shards of %s %s are together the rows of one evaluation with it", async (...selection) => {
  const store = ["--tracking-uri", `sqlite:///${selection.join("-").replaceAll(/[-%]+/g, "-")}.db`];
  const keysOf = async (runId: string) => {
    const { stdout } = await project.assay("runs", "rows", runId, "--json", ...store);
    return JSON.parse(stdout).map(({ rowKey }: { rowKey: string }) => rowKey);
  };
  const run = async (...args: string[]) =>
    JSON.parse((await evaluate(...selection, ...store, ...args)).stdout)[0];
  const whole = await run();
  const shards = [await run("--shard", "1/2"), await run("--shard", "2/2")];
  const ids = shards.map(({ runId }) => runId);
  const { stdout } = await project.assay("merge", ...ids, "--json", ...store);
  const [merged] = JSON.parse(stdout);
  expect(await keysOf(merged.runId)).toEqual(await keysOf(whole.runId));
  const [first, second] = shards.map(({ counts }) => counts.rows);
  expect(Math.abs(first - second)).toBeLessThan(2);
});

test("a shard of fewer rows than there are shards is refused where it has none", async () => {
  const { code, stderr } = await evaluate("--limit", "2", "--shard", "3/8");
  expect([code, stderr]).toEqual([
    2,
    "error: Shard 3/8 of rows.jsonl has no rows: 2 are selected. Make no more shards than rows\n",
  ]);
});

test("a shard that is none is refused", async () => {
  const { code, stderr } = await evaluate("--shard", "4/3");
  expect([code, stderr]).toEqual([2, 'error: Expected a shard such as 3/8, got "4/3"\n']);
});
