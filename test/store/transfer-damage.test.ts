import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exportExperiment, importExperiment, openStore } from "../../src/store/index.ts";
import { ENGINES } from "./engines.ts";
import { writeWholeRun } from "./programs/whole-run.ts";
import { tempFolder } from "./temp-folder.ts";

type Row = Record<string, unknown>;

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** An exported experiment with everything that has values to check. */
async function exported(): Promise<string> {
  const store = await openStore(`sqlite:///${join(tempFolder(), "assay.db")}`);
  const { experimentId } = await store.experiments.createExperiment("e");
  const runId = await writeWholeRun(store, experimentId);
  const { modelId, artifactUri } = await store.loggedModels.createLoggedModel({ experimentId });
  await store.artifacts.write(artifactUri, "a.txt", "a");
  await store.artifacts.write((await store.runs.getRun(runId))?.artifactUri ?? "", "b.txt", "b");
  await store.runs.logOutputs(runId, [{ modelId, step: 0 }]);
  const folder = join(tempFolder(), "export");
  await exportExperiment(store, experimentId, folder);
  await store.close();
  return folder;
}

/** Changes the last row of a table as somebody would who knows the format. */
function forge(folder: string, table: string, change: (row: Row) => void): number {
  const path = join(folder, "rows", `${table}.jsonl`);
  const rows = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Row);
  change(rows.at(-1) as Row);
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  writeFileSync(path, text);
  forgeManifest(folder, (manifest) => {
    const entry = manifest.rows.find((known) => known.table === table);
    if (entry) entry.sha256 = sha256(text);
  });
  return rows.length;
}

interface Forgeable {
  experiment: Row;
  rows: { table: string; sha256: string }[];
  files: { sha256: string };
}

function forgeManifest(folder: string, change: (manifest: Forgeable) => void): void {
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Forgeable;
  change(manifest);
  writeFileSync(path, JSON.stringify(manifest));
}

const FORGED: readonly (readonly [table: string, column: string, value: unknown])[] = [
  ["runs", "artifact_uri", "../../../victim/artifacts"],
  ["runs", "artifact_uri", "a/%2e%2e/b"],
  ["runs", "artifact_uri", "a?b"],
  ["runs", "run_id", "models"],
  ["runs", "status", "EVIL"],
  ["runs", "lifecycle_stage", "purging"],
  ["runs", "name", { x: 1 }],
  ["runs", "name", true],
  ["runs", "name", null],
  ["runs", "name", undefined],
  ["runs", "start_time", "abc"],
  ["runs", "start_time", 1.5],
  ["runs", "no_such_column", 1],
  ["run_params", "run", undefined],
  ["run_params", "run", 7],
  ["run_metrics", "value", { double: "1" }],
  ["run_metrics", "is_nan", 2],
  ["evaluations", "plan", "[]"],
  ["results", "inputs", "{"],
  ["scores", "kind", "x"],
  ["scores", "scorer_id", 9],
  ["traces", "state", "DONE"],
  ["traces", "trace_id", ""],
  ["spans", "start_ns", "abc"],
  ["spans", "start_ns", 12],
  ["spans", "end_ns", "9223372036854775808"],
  ["spans", "attributes", "{"],
  ["spans", "attributes", "null"],
  ["spans", "events", '[{"timeNs":"soon"}]'],
  ["logged_models", "model_id", "m-1/.."],
  ["run_models", "direction", "sideways"],
];

describe("a forged export", () => {
  test.each(FORGED)("with a %s whose %s is %j is refused by file and line", async (...forged) => {
    const [table, column, value] = forged;
    const folder = await exported();
    const line = forge(folder, table, (row) => {
      row[column] = value;
    });
    const root = join(tempFolder(), "files");
    const store = await openStore("sqlite:///:memory:", { artifactRoot: root });
    const place = `${join(folder, "rows", `${table}.jsonl`)} line ${line}`;
    await expect(importExperiment(store, folder)).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining(place),
    });
    expect(await store.experiments.countExperiments({ lifecycle: "all" })).toBe(0);
    await store.close();
  });

  test("with an experiment that could not be made is refused", async () => {
    const folder = await exported();
    const store = await openStore("sqlite:///:memory:", { artifactRoot: tempFolder() });
    for (const change of [{ name: "" }, { name: "x".repeat(501) }, { creationTime: -1 }]) {
      forgeManifest(folder, ({ experiment }) => Object.assign(experiment, change));
      await expect(importExperiment(store, folder)).rejects.toMatchObject({
        code: "invalid-argument",
      });
      forgeManifest(folder, ({ experiment }) => {
        Object.assign(experiment, { name: "e", creationTime: 1 });
      });
    }
    await expect(importExperiment(store, folder, { name: " " })).rejects.toMatchObject({
      code: "invalid-argument",
    });
    await importExperiment(store, folder);
    await store.close();
  });

  test("with a file path that leads away is refused", async () => {
    const folder = await exported();
    const path = join(folder, "files.jsonl");
    const list = `${JSON.stringify({ path: "../x", size: 1, sha256: "0".repeat(64) })}\n`;
    writeFileSync(path, list);
    forgeManifest(folder, ({ files }) => {
      files.sha256 = sha256(list);
    });
    const store = await openStore("sqlite:///:memory:", { artifactRoot: tempFolder() });
    await expect(importExperiment(store, folder)).rejects.toMatchObject({
      code: "invalid-argument",
    });
    await store.close();
  });
});

describe.each(ENGINES)("an import that fails in %s", (_name, missing, open) => {
  test.skipIf(missing)("leaves no file", async () => {
    const folder = await exported();
    const files = readFileSync(join(folder, "files.jsonl"), "utf8").trim().split("\n");
    expect(files.length).toBe(2);
    const { path } = JSON.parse(files.at(-1) as string) as { path: string };
    writeFileSync(join(folder, "files", path), "other");
    const store = await open();
    const made = await store.experiments.createExperiment("for its location");
    const root = new URL(made.artifactLocation.replace(/\/[^/]*$/, ""));
    await expect(importExperiment(store, folder)).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("has changed"),
    });
    expect(await store.artifacts.list(root.href)).toEqual([]);
    expect(readdirSync(root)).toEqual([]);
    await store.close();
  });
});
