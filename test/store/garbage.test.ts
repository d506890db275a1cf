import { describe, expect, test } from "vitest";
import { collectGarbage, maintenanceOf, type TrackingStore } from "../../src/store/index.ts";
import { ENGINES } from "./engines.ts";
import { shownOf, WHOLE, writeWholeRun } from "./programs/whole-run.ts";

const EVER = Number.MAX_SAFE_INTEGER;

const NOTHING = {
  params: 0,
  tags: 0,
  points: 0,
  spans: 0,
  hasEvaluation: false,
  ordinals: [],
  scores: [],
};

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
    const removed = await collectGarbage(store, EVER);
    expect(removed.runs.map(({ id }) => id)).toEqual([gone]);
    expect(await store.runs.getRun(gone)).toBeUndefined();
    expect(await shownOf(store, gone)).toEqual(NOTHING);
    expect(await store.artifacts.list(goneFiles)).toEqual([]);
    expect(await shownOf(store, kept)).toEqual(WHOLE);
    expect((await store.artifacts.list(keptFiles)).map(({ path }) => path)).toEqual(["a.txt"]);
    expect((await collectGarbage(store, EVER)).runs).toEqual([]);
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
      await collectGarbage(store, EVER);
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
    const maintenance = maintenanceOf(store);
    expect(await maintenance.claim("run", runId, EVER)).toBeUndefined();
    expect(await maintenance.claim("experiment", experimentId, EVER)).toBeUndefined();
    expect(await maintenance.claim("run", "nobody", EVER)).toBeUndefined();
    const refused = { code: "conflict" };
    await expect(maintenance.purge("run", runId)).rejects.toMatchObject(refused);
    await expect(maintenance.purge("experiment", experimentId)).rejects.toMatchObject(refused);
    expect(await maintenance.purge("run", "nobody")).toBe(false);
    expect(await shownOf(store, runId)).toEqual(WHOLE);
    await store.close();
  });

  test.skipIf(missing)("is not what was restored since it was listed, files included", async () => {
    const store = await open();
    const [runId, uri] = await deletedRun(store);
    const maintenance = maintenanceOf(store);
    const restoring: TrackingStore = {
      ...store,
      maintenance: {
        schemaVersion: maintenance.schemaVersion,
        exportRows: (id) => maintenance.exportRows(id),
        importRows: (...given) => maintenance.importRows(...given),
        claim: (...given) => maintenance.claim(...given),
        purge: (...given) => maintenance.purge(...given),
        listDeleted: async (before) => {
          const deleted = await maintenance.listDeleted(before);
          await store.runs.restoreRun(runId);
          return deleted;
        },
      },
    };
    const gone = await deletedRun(store);
    expect((await collectGarbage(restoring, EVER)).runs.map(({ id }) => id)).toEqual([gone[0]]);
    expect(await shownOf(store, runId)).toEqual(WHOLE);
    expect(await store.artifacts.list(uri)).toHaveLength(1);
    await store.close();
  });

  test.skipIf(missing)("cannot be restored any more once its files are being removed", async () => {
    const store = await open();
    const [runId] = await deletedRun(store);
    const { experimentId } = await store.experiments.createExperiment("e");
    await writeWholeRun(store, experimentId);
    await store.experiments.deleteExperiment(experimentId);
    const tries: unknown[] = [];
    const remembered = (error: unknown) => void tries.push((error as { code?: string }).code);
    const removing = withDelete(store, async () => {
      await store.runs.restoreRun(runId).catch(remembered);
      throw new Error("disk on fire");
    });
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(collectGarbage(removing, EVER)).rejects.toThrow("disk on fire");
      // The second attempt begins with what the first had claimed.
      expect((await store.runs.getRun(runId))?.lifecycleStage).toBe("deleted");
    }
    await maintenanceOf(store).claim("experiment", experimentId, EVER);
    await store.experiments.restoreExperiment(experimentId).catch(remembered);
    expect(tries).toEqual(["conflict", "conflict", "conflict"]);
    expect(await store.traces.listTraces({})).toHaveLength(1);
    expect(await store.traces.countTraces({})).toBe(1);
    // What was claimed is found however old it has to be.
    const { runs, experiments } = await collectGarbage(store, 0);
    expect(runs.map(({ id }) => id)).toContain(runId);
    expect(experiments.map(({ id }) => id)).toEqual([experimentId]);
    await store.close();
  });

  test.skipIf(missing)("is removed once by two that collect at the same time", async () => {
    const store = await open();
    const runIds: string[] = [];
    for (let count = 0; count < 3; count++) runIds.push((await deletedRun(store))[0]);
    const both = await Promise.all([collectGarbage(store, EVER), collectGarbage(store, EVER)]);
    const removed = both.flatMap(({ runs }) => runs.map(({ id }) => id));
    expect(removed.sort()).toEqual(runIds.sort());
    await store.close();
  });

  test.skipIf(missing)("is a model that runs of other experiments use and measure", async () => {
    const store = await open();
    const [one, other] = [
      await store.experiments.createExperiment("one"),
      await store.experiments.createExperiment("other"),
    ];
    const models = await Promise.all(
      ["a", "b"].map((name) =>
        store.loggedModels.createLoggedModel({ experimentId: one.experimentId, name }),
      ),
    );
    const user = await writeWholeRun(store, other.experimentId);
    await store.runs.logInputs(user, { models });
    for (const { modelId } of models) {
      const metrics = [{ key: "acc", value: 1, timestamp: 1, step: 0, modelId }];
      await store.runs.logBatch(user, { metrics });
    }
    const [a, b] = models.map(({ modelId }) => modelId);
    await store.loggedModels.deleteLoggedModel(a ?? "");
    expect((await collectGarbage(store, EVER)).models.map(({ id }) => id)).toEqual([a]);
    expect((await store.runs.getRun(user))?.inputs.models).toEqual([{ modelId: b }]);
    await store.experiments.deleteExperiment(one.experimentId);
    expect((await collectGarbage(store, EVER)).experiments).toHaveLength(1);
    expect((await store.runs.getRun(user))?.inputs.models).toEqual([]);
    expect(await shownOf(store, user)).toEqual(WHOLE);
    await store.close();
  });

  test.skipIf(missing)("is no trace that another experiment has of a run", async () => {
    const store = await open();
    const [runId] = await deletedRun(store);
    const { experimentId } = await store.experiments.createExperiment("other");
    const info = { experimentId, runId, name: "t", state: "OK" as const, startTime: 1 };
    await store.traces.writeTrace({ ...info, traceId: `tr-${"1".repeat(32)}`, spanCount: 0 }, []);
    await collectGarbage(store, EVER);
    expect(await store.traces.listTraces({})).toEqual([
      expect.not.objectContaining({ runId: expect.anything() }),
    ]);
    await store.close();
  });
});

async function deletedRun(store: TrackingStore): Promise<readonly [runId: string, uri: string]> {
  const { experimentId } = await store.experiments.ensureExperiment("Default");
  const runId = await writeWholeRun(store, experimentId);
  const uri = (await store.runs.getRun(runId))?.artifactUri ?? "";
  await store.artifacts.write(uri, "a.txt", "a");
  await store.runs.deleteRun(runId);
  return [runId, uri];
}

/** The store with another way to delete files. */
function withDelete(store: TrackingStore, remove: () => Promise<void>): TrackingStore {
  const { artifacts } = store;
  return {
    ...store,
    artifacts: {
      write: (...given) => artifacts.write(...given),
      read: (...given) => artifacts.read(...given),
      stream: (...given) => artifacts.stream(...given),
      list: (...given) => artifacts.list(...given),
      listFolder: (...given) => artifacts.listFolder(...given),
      delete: remove,
    },
  };
}
