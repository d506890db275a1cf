import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/core/index.ts";
import { type OpenStoreOptions, openStore } from "../../src/store/index.ts";
import { outputOf, startProgram } from "../store/child-program.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { newDatabase, noPostgres, onServer } from "../support/postgres.ts";

const PROGRAM = "../../datasets/programs/merge-rows.ts";

async function newDataset() {
  const uri = await newDatabase();
  const open = (options: OpenStoreOptions = {}) =>
    openStore(uri, { artifactRoot: join(tempFolder(), "artifacts"), ...options });
  const store = await open();
  const { datasetId } = await store.datasets.createDataset({ name: "d" });
  return { uri, open, store, datasetId };
}

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ""}`, () => {
  test("processes that merge at once are both kept", async () => {
    const { uri, store, datasetId } = await newDataset();
    const programs = ["0", "300"].map((from) =>
      startProgram(PROGRAM, uri, datasetId, from, String(Number(from) + 600)),
    );
    const outputs = await Promise.all(programs.map(outputOf));
    const results = outputs.map(([line = ""]) => JSON.parse(line));
    expect(results.sort((a, b) => a.version - b.version)).toEqual([
      { version: 1, inserted: 600, updated: 0 },
      { version: 2, inserted: 300, updated: 300 },
    ]);
    expect((await store.datasets.getDataset(datasetId))?.rowCount).toBe(900);
    await store.close();
  });

  test("what a dying writer left is seen by nobody, and taken away by the next one", async () => {
    const { uri, open, store, datasetId } = await newDataset();
    const program = startProgram(PROGRAM, uri, datasetId, "0", "1000", "slowly");
    for await (const _ of program.lines) program.kill("SIGKILL");
    await program.ended;
    expect((await store.datasets.listRecords(datasetId)).items).toEqual([]);
    // Its clock finds that the lease of the dead writer has run out.
    const later = await open({ clock: { ...systemClock, now: () => Date.now() + 60_000 } });
    const merged = await later.datasets.mergeRecords(datasetId, [{ inputs: { i: 1 } }]);
    expect(merged).toMatchObject({ version: 1, inserted: 1 });
    const { rows } = await onServer("select count(*)::integer as lines from dataset_records", uri);
    expect(rows).toEqual([{ lines: 1 }]);
    await Promise.all([store.close(), later.close()]);
  });
});
