import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import {
  collectGarbage,
  exportExperiment,
  importExperiment,
  maintenanceOf,
  openStore,
} from "../../src/store/index.ts";
import { newDatabase, noPostgres, onServer } from "../support/postgres.ts";
import { ENGINES } from "./engines.ts";
import { shownOf, WHOLE, writeWholeRun } from "./programs/whole-run.ts";
import { tempFolder } from "./temp-folder.ts";

const EVER = Number.MAX_SAFE_INTEGER;

describe.each(ENGINES)("an experiment in %s", (_name, missing, open) => {
  test.skipIf(missing)(
    "is exported as it was when the export began, while it is written to",
    async () => {
      const store = await open();
      const { experimentId } = await store.experiments.createExperiment("e");
      const before = await writeWholeRun(store, experimentId);
      const rows: Record<string, number> = {};
      for await (const { table } of maintenanceOf(store).exportRows(experimentId)) {
        if (Object.keys(rows).length === 0) {
          await writeWholeRun(store, experimentId);
          await store.runs.logBatch(before, { tags: { late: "1" } });
        }
        rows[table] = (rows[table] ?? 0) + 1;
      }
      expect(rows).toMatchObject({ runs: 1, run_params: 2, results: 5, traces: 1, spans: 3 });
      expect(rows.run_tags).toBe(3);
      await store.close();
    },
  );

  test.skipIf(missing)("holds nothing once nobody asks for the rest of its rows", async () => {
    const store = await open();
    const { experimentId } = await store.experiments.createExperiment("e");
    await writeWholeRun(store, experimentId);
    for (let count = 0; count < 12; count++) {
      for await (const _ of maintenanceOf(store).exportRows(experimentId)) break;
    }
    // A connection that is not given back would make the pool run dry, or this wait for ever.
    await store.close();
  });

  test.skipIf(missing)("leaves out the rows of a run that is being removed", async () => {
    const store = await open();
    const { experimentId } = await store.experiments.createExperiment("e");
    const kept = await writeWholeRun(store, experimentId);
    const gone = await writeWholeRun(store, experimentId);
    await store.runs.deleteRun(gone);
    await maintenanceOf(store).claim("run", gone, EVER);
    const folder = join(tempFolder(), "export");
    await exportExperiment(store, experimentId, folder);
    await store.experiments.deleteExperiment(experimentId);
    await collectGarbage(store, EVER);
    await importExperiment(store, folder);
    expect(await shownOf(store, kept)).toEqual(WHOLE);
    expect(await store.runs.getRun(gone)).toBeUndefined();
    await store.close();
  });

  test.skipIf(missing)("is not seen, and not taken by gc, before its import is whole", async () => {
    const [from, to] = [await open(), await open()];
    const { experimentId } = await from.experiments.createExperiment("e");
    const runId = await writeWholeRun(from, experimentId);
    const models = [];
    for (const name of ["kept", "deleted"]) {
      models.push(await from.loggedModels.createLoggedModel({ experimentId, name }));
    }
    const [kept = "", deleted = ""] = models.map(({ modelId }) => modelId);
    await from.runs.logOutputs(runId, [{ modelId: deleted, step: 0 }]);
    await from.loggedModels.deleteLoggedModel(deleted);
    const named = { name: "imported", creationTime: 1, lastUpdateTime: 1 };
    const rows = maintenanceOf(from).exportRows(experimentId);
    await maintenanceOf(to).importRows(named, rows, async () => {
      expect(await to.runs.listRuns({})).toEqual([]);
      expect(await to.traces.listTraces({})).toEqual([]);
      expect((await to.traces.searchTraces({})).items).toEqual([]);
      expect((await to.loggedModels.searchLoggedModels({})).items).toEqual([]);
      expect(await to.loggedModels.getLoggedModel(kept)).toBeUndefined();
      expect(await collectGarbage(to, EVER)).toEqual({ experiments: [], runs: [], models: [] });
    });
    expect(await shownOf(to, runId)).toEqual(WHOLE);
    expect(await to.traces.listTraces({})).toHaveLength(1);
    const stages = [kept, deleted].map(async (id) => {
      const model = await to.loggedModels.getLoggedModel(id, { includeDeleted: true });
      return model?.lifecycleStage;
    });
    expect(await Promise.all(stages)).toEqual(["active", "deleted"]);
    await Promise.all([from.close(), to.close()]);
  });
});

test("an export that was given up keeps SQLite from nothing", async () => {
  const path = join(tempFolder(), "assay.db");
  const store = await openStore(`sqlite:///${path}`);
  const { experimentId } = await store.experiments.createExperiment("e");
  await writeWholeRun(store, experimentId);
  for await (const _ of maintenanceOf(store).exportRows(experimentId)) break;
  await writeWholeRun(store, experimentId);
  const other = new Database(path);
  expect(other.pragma("wal_checkpoint(TRUNCATE)")).toMatchObject([{ busy: 0 }]);
  other.close();
  await store.close();
});

test("rows of a run that came too late for its table are left out, in memory", async () => {
  const store = await openStore("sqlite:///:memory:", { artifactRoot: tempFolder() });
  const { experimentId } = await store.experiments.createExperiment("e");
  const runId = await writeWholeRun(store, experimentId);
  const tables = new Map<string, number>();
  for await (const { table, row } of maintenanceOf(store).exportRows(experimentId)) {
    if (table === "runs") await writeWholeRun(store, experimentId);
    if (row.run !== undefined) expect(row.run).toBe(1);
    tables.set(table, (tables.get(table) ?? 0) + 1);
  }
  expect(runId).not.toBe("");
  expect(Object.fromEntries(tables)).toMatchObject({ runs: 1, run_params: 2, results: 5 });
  await store.close();
});

test.skipIf(noPostgres)(
  "an import keeps rows with their owners when the server breaks a commit off",
  async () => {
    const from = await openStore(`sqlite:///${join(tempFolder(), "assay.db")}`);
    const { experimentId } = await from.experiments.createExperiment("e");
    const runIds = [
      await writeWholeRun(from, experimentId),
      await writeWholeRun(from, experimentId),
    ];
    const folder = join(tempFolder(), "export");
    await exportExperiment(from, experimentId, folder);
    const uri = await newDatabase();
    const to = await openStore(uri, { artifactRoot: tempFolder() });
    await onServer(
      `create sequence attempts;
       create function fail_once() returns trigger language plpgsql as $$ begin
         if nextval('attempts') = 1 then raise exception 'x' using errcode = '40001'; end if;
         return new;
       end $$;
       create constraint trigger fails_once after insert on runs
       deferrable initially deferred for each row execute function fail_once()`,
      uri,
    );
    await importExperiment(to, folder);
    for (const runId of runIds) expect(await shownOf(to, runId)).toEqual(WHOLE);
    await Promise.all([from.close(), to.close()]);
  },
);
