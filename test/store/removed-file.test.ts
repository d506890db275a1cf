import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { tempFolder } from "./temp-folder.ts";

/** An open store with one run, in a folder of its own. */
async function opened() {
  const folder = join(tempFolder(), "project");
  const path = join(folder, "assay.db");
  const uri = `sqlite:///${path}`;
  const store = await openStore(uri);
  const { experimentId } = await store.experiments.createExperiment("e");
  const { runId } = await store.runs.createRun({ experimentId });
  return { folder, path, uri, store, experimentId, runId };
}

const WAYS: readonly (readonly [string, string, (folder: string, path: string) => void])[] = [
  ["removed", "removed or moved", (_, path) => rmSync(path)],
  ["removed with its folder", "removed or moved", (folder) => rmSync(folder, { recursive: true })],
  [
    "removed with its folder, which was made again",
    "removed or moved",
    (folder) => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    },
  ],
  ["moved", "removed or moved", (folder, path) => renameSync(path, join(folder, "other.db"))],
];

test.each(WAYS)("writes fail once the file was %s", async (_, found, act) => {
  const { folder, path, uri, store, experimentId, runId } = await opened();
  act(folder, path);
  const gone = { code: "store-unavailable", message: expect.stringContaining(found) };
  const named = { ...gone, message: expect.stringContaining(uri) };
  const writes = [
    store.runs.createRun({ experimentId }),
    store.runs.logBatch(runId, { params: { a: "1" } }),
    store.experiments.createExperiment("f"),
    store.datasets.createDataset({ name: "d" }),
  ];
  for (const outcome of await Promise.allSettled(writes)) {
    expect(outcome).toMatchObject({ status: "rejected", reason: gone });
    expect(outcome).toMatchObject({ status: "rejected", reason: named });
  }
  await store.close();
});

test("writes fail once another database stands in the place of the file, which is left alone", async () => {
  const { path, uri, store, experimentId } = await opened();
  for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
  const other = await openStore(uri);
  await other.experiments.createExperiment("other");
  await expect(store.runs.createRun({ experimentId })).rejects.toMatchObject({
    code: "store-unavailable",
    message: expect.stringContaining("replaced by another one"),
  });
  await store.close();
  await other.experiments.createExperiment("later");
  await other.close();
  const again = await openStore(uri);
  const names = (await again.experiments.listExperiments()).map(({ name }) => name);
  expect(names.sort()).toEqual(["later", "other"]);
  await again.close();
});

test("writes go on once the file is back", async () => {
  const { folder, path, store, experimentId } = await opened();
  renameSync(path, join(folder, "away.db"));
  await expect(store.runs.createRun({ experimentId })).rejects.toThrow("removed or moved");
  renameSync(join(folder, "away.db"), path);
  await store.runs.createRun({ experimentId });
  expect(await store.runs.listRuns({})).toHaveLength(2);
  await store.close();
});
