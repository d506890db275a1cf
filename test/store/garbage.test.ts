import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { collectGarbage, openStore, type TrackingStore } from "../../src/store/index.ts";
import { newDatabase, noPostgres } from "../support/postgres.ts";
import { shownOf, WHOLE, writeWholeRun } from "./programs/whole-run.ts";
import { tempFolder } from "./temp-folder.ts";

const NOTHING = {
  params: 0,
  tags: 0,
  points: 0,
  spans: 0,
  hasEvaluation: false,
  ordinals: [],
  scores: [],
};

const ENGINES: readonly (readonly [string, string | undefined, () => Promise<TrackingStore>])[] = [
  ["SQLite", undefined, () => openStore(`sqlite:///${join(tempFolder(), "assay.db")}`)],
  [
    `PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ""}`,
    noPostgres,
    async () => openStore(await newDatabase(), { artifactRoot: join(tempFolder(), "files") }),
  ],
];

describe.each(ENGINES)("garbage in %s", (_name, missing, open) => {
  test.skipIf(missing)("is all that a deleted run held, and nothing of another", async () => {
    const store = await open();
    const { experimentId } = await store.experiments.createExperiment("e");
    const kept = await writeWholeRun(store, experimentId);
    const gone = await writeWholeRun(store, experimentId);
    const file = async (runId: string) => (await store.runs.getRun(runId))?.artifactUri ?? "";
    const [keptFiles, goneFiles] = [await file(kept), await file(gone)];
    for (const uri of [keptFiles, goneFiles]) await store.artifacts.write(uri, "a.txt", "a");

    await store.runs.deleteRun(gone);
    const removed = await collectGarbage(store, Number.MAX_SAFE_INTEGER);
    expect(removed.runs.map(({ id }) => id)).toEqual([gone]);
    expect(await store.runs.getRun(gone)).toBeUndefined();
    expect(await shownOf(store, gone)).toEqual(NOTHING);
    expect(await store.artifacts.list(goneFiles)).toEqual([]);
    expect(await shownOf(store, kept)).toEqual(WHOLE);
    expect((await store.artifacts.list(keptFiles)).map(({ path }) => path)).toEqual(["a.txt"]);
    expect((await collectGarbage(store, Number.MAX_SAFE_INTEGER)).runs).toEqual([]);
    await store.close();
  });

  test.skipIf(missing)(
    "is a deleted experiment with all its runs; its name is free again",
    async () => {
      const store = await open();
      const { experimentId } = await store.experiments.createExperiment("e");
      const runId = await writeWholeRun(store, experimentId);
      await store.experiments.setExperimentTag(experimentId, "a", "b");
      await store.experiments.deleteExperiment(experimentId);
      await collectGarbage(store, Number.MAX_SAFE_INTEGER);
      expect(await store.experiments.getExperiment(experimentId)).toBeUndefined();
      expect(await shownOf(store, runId)).toEqual(NOTHING);
      const again = await store.experiments.createExperiment("e");
      expect(again.experimentId).not.toBe(experimentId);
      await store.close();
    },
  );

  test.skipIf(missing)("is only what was deleted before the given time", async () => {
    const store = await open();
    const { experimentId } = await store.experiments.createExperiment("e");
    const runId = await writeWholeRun(store, experimentId);
    await store.runs.deleteRun(runId);
    expect((await collectGarbage(store, Date.now() - 60_000)).runs).toEqual([]);
    expect(await shownOf(store, runId)).toEqual(WHOLE);
    await store.close();
  });

  test.skipIf(missing)("is never what is active", async () => {
    const store = await open();
    const { experimentId } = await store.experiments.createExperiment("e");
    const runId = await writeWholeRun(store, experimentId);
    const refused = { code: "conflict" };
    await expect(store.maintenance?.purgeRun(runId)).rejects.toMatchObject(refused);
    await expect(store.maintenance?.purgeExperiment(experimentId)).rejects.toMatchObject(refused);
    await expect(store.maintenance?.purgeRun("nobody")).rejects.toMatchObject({
      code: "not-found",
    });
    expect(await shownOf(store, runId)).toEqual(WHOLE);
    await store.close();
  });
});
