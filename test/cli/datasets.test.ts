import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { newProject, type Project } from "../support/run-cli.ts";

let project: Project;

beforeEach(() => {
  project = newProject();
  project.write(
    "capitals.jsonl",
    '{"id":"fr","question":"France?","gold":"Paris","said":"Paris"}\n{"id":"it","question":"Italy?","gold":"Rome","said":"Milan"}\n',
  );
});

afterEach(() => project.remove());

const COLUMNS = ["--targets", "gold", "--predictions", "said"] as const;

const ROWS =
  '[{"expectations":{"expected_response":"Paris"},"id":"fr","inputs":{"question":"France?"},"outputs":"Paris"},' +
  '{"expectations":{"expected_response":"Rome"},"id":"it","inputs":{"question":"Italy?"},"outputs":"Milan"}]';

const DIGEST = createHash("sha256").update(ROWS).digest("hex");

async function json(...args: string[]) {
  const { code, stdout, stderr } = await project.assay(...args, "--json");
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

async function refusal(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await project.assay(...args);
  expect([code, stdout]).toEqual([2, ""]);
  return stderr.trim();
}

test("a dataset is made from a file, grows, and is evaluated on at either version", async () => {
  const created = ["datasets", "create", "capitals", "--from", "capitals.jsonl", ...COLUMNS];
  const counts = { inserted: 2, updated: 0, unchanged: 0 };
  expect(await json(...created)).toMatchObject({ name: "capitals", ...counts, digest: DIGEST });
  project.write("more.csv", "question,gold,said\nItaly?,Roma,Roma\nSpain?,Madrid,Madrid\n");
  const added = await project.assay("datasets", "add", "capitals", "more.csv", ...COLUMNS);
  expect(added.stdout).toBe('dataset "capitals" version 2: 1 inserted, 1 updated, 0 unchanged\n');
  const data = (name: string) => ["eval", "--data", name, "--model-type", "question-answering"];
  const [first] = await json(...data("datasets:/capitals@1"), "--quiet");
  const [latest] = await json(...data("datasets:/capitals"), "--quiet");
  expect([first.name, first.counts.rows, latest.counts.rows]).toEqual(["capitals", 2, 3]);
  expect(first.metrics["exact_match/v1"]).toBe(0.5);
  expect((await json("runs", "show", first.runId)).params).toMatchObject({
    data: "capitals",
    data_digest: DIGEST,
    data_version: "1",
  });
  const listed = await json("datasets", "versions", "capitals");
  expect(listed.map((one: { version: number }) => one.version)).toEqual([2, 1]);
  expect(await json("datasets", "show", "capitals@1")).toMatchObject({
    version: 1,
    rowCount: 2,
    digest: DIGEST,
  });
  const shown = (await project.assay("datasets", "records", "capitals")).stdout;
  expect(shown).toMatch(/fr +France\? +Paris +Paris\n/);
  expect(shown).toMatch(/it +Italy\? +Roma +Roma\n/);
  const records = await json("datasets", "records", "capitals@1", "--limit", "1");
  expect(records).toMatchObject([{ id: "fr", inputs: { question: "France?" } }]);
}, 60_000);

test("datasets list and show print tables, and search by name and tag", async () => {
  await json("datasets", "create", "one", "--tag", "team=geo");
  await json("datasets", "create", "two", "--from", "capitals.jsonl");
  const { stdout } = await project.assay("datasets", "list");
  expect(stdout).toMatch(/^name +version +rows +digest +updated\n/);
  expect(stdout).toMatch(/\ntwo +1 +2 +[0-9a-f]{12} /);
  const found = await json("datasets", "list", "--filter", "tags.team = 'geo'");
  expect(found).toMatchObject([{ name: "one", version: 0, rowCount: 0, tags: { team: "geo" } }]);
  const shown = (await project.assay("datasets", "show", "one")).stdout;
  expect(shown).toMatch(/version +none yet\nrows +0\n/);
  expect(shown).toMatch(/tag +team=geo\n/);
}, 60_000);

test("a dataset is deleted only with --yes, and never one version of it", async () => {
  await json("datasets", "create", "capitals", "--from", "capitals.jsonl");
  expect(await refusal("datasets", "delete", "capitals")).toBe(
    'error: This removes the dataset "capitals" for good: 1 version, 2 rows in the latest. Add --yes to do it',
  );
  expect(await refusal("datasets", "delete", "capitals@1", "--yes")).toContain(
    'No dataset named "capitals@1"',
  );
  const { datasetId } = await json("datasets", "show", "capitals");
  expect(await json("datasets", "delete", "capitals", "--yes")).toEqual({ deleted: datasetId });
  expect(await json("datasets", "list")).toEqual([]);
}, 60_000);

test("a file that cannot be read makes no dataset; the same command works once it can", async () => {
  project.write("broken.jsonl", '{"question":"France?"}\n{"question"\n');
  const create = ["datasets", "create", "capitals", "--from", "broken.jsonl"];
  expect(await refusal(...create)).toBe(
    "error: broken.jsonl line 2: expected a JSON object, found malformed JSON",
  );
  expect(await json("datasets", "list")).toEqual([]);
  project.write("broken.jsonl", '{"question":"France?"}\n');
  expect(await json(...create)).toMatchObject({ inserted: 1, version: 1 });
  expect(await json("datasets", "add", "capitals", "broken.jsonl")).toMatchObject({
    unchanged: 1,
    version: 1,
  });
}, 60_000);

test("an unknown dataset or version is one line that names what there is", async () => {
  await json("datasets", "create", "capitals", "--from", "capitals.jsonl");
  expect(await refusal("datasets", "show", "capital")).toBe(
    'error: No dataset named "capital" is in this tracking store. There are: capitals',
  );
  expect(await refusal("datasets", "records", "capitals@2")).toBe(
    'error: The dataset "capitals" has no version 2; it has version 1',
  );
  expect(await refusal("eval", "datasets:/capitals@2", "--quiet")).toBe(
    'error: The dataset "capitals" has no version 2; it has version 1',
  );
}, 60_000);
