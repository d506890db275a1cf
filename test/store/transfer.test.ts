import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { isAssayError } from "../../src/core/index.ts";
import {
  collectGarbage,
  exportExperiment,
  importExperiment,
  openStore,
  type TrackingStore,
} from "../../src/store/index.ts";
import { newDatabase, noPostgres } from "../support/postgres.ts";
import { shownOf, WHOLE, writeWholeRun } from "./programs/whole-run.ts";
import { tempFolder } from "./temp-folder.ts";

const newStore = () => openStore(`sqlite:///${join(tempFolder(), "assay.db")}`);

/** Rows that an export reads at a time. */
const MODELS_PER_PAGE = 1000;

/** An experiment with everything that an experiment can hold. */
async function fill(store: TrackingStore): Promise<{ experimentId: string; runIds: string[] }> {
  const { experimentId } = await store.experiments.createExperiment("full");
  await store.experiments.setExperimentTag(experimentId, "team", "søk");
  const runIds = [
    await writeWholeRun(store, experimentId),
    await writeWholeRun(store, experimentId),
  ];
  const [runId = ""] = runIds;
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.1 + 0.2];
  await store.runs.logBatch(runId, {
    metrics: values.map((value, step) => ({ key: "odd", value, timestamp: step, step })),
  });
  const run = await store.runs.getRun(runId);
  await store.artifacts.write(run?.artifactUri ?? "", "deep/bytes.bin", Buffer.from([0, 255, 10]));
  await store.artifacts.write(run?.artifactUri ?? "", "note.txt", "grüße\n");
  await store.runs.logBatch(runId, { params: { lines: "one\u2028two\u2029three" } });
  const models = [];
  for (let at = 0; at <= MODELS_PER_PAGE; at++) {
    models.push(await store.loggedModels.createLoggedModel({ experimentId, name: `m${at}` }));
  }
  await store.runs.logInputs(runId, { models });
  // In both directions, on both sides of the end of a page.
  await store.runs.logOutputs(runId, [
    { modelId: models[MODELS_PER_PAGE - 1]?.modelId ?? "", step: 3 },
  ]);
  return { experimentId, runIds };
}

function filesIn(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    names.map((name) => [name.slice(folder.length), readFileSync(name).toString("hex")]),
  );
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isAssayError(error)) throw new Error("Expected an AssayError", { cause: error });
  return error.code;
}

async function roundTrip(from: TrackingStore, to: TrackingStore): Promise<void> {
  const { experimentId, runIds } = await fill(from);
  // Other content, so that the ids of the two databases differ.
  await writeWholeRun(to, (await to.experiments.createExperiment("other")).experimentId);
  const folder = tempFolder();
  await exportExperiment(from, experimentId, join(folder, "one"));
  const imported = await importExperiment(to, join(folder, "one"));
  expect(imported).toMatchObject({ name: "full", tags: { team: "søk" } });
  const [runId = "", other = ""] = runIds;
  expect(await shownOf(to, other)).toEqual(WHOLE);
  expect(await shownOf(to, runId)).toEqual(await shownOf(from, runId));
  expect((await to.runs.getRun(runId))?.params.lines).toBe("one\u2028two\u2029three");
  expect(await to.runs.getMetricHistory(runId, "odd")).toEqual(
    await from.runs.getMetricHistory(runId, "odd"),
  );
  expect(await to.traces.getTrace(`tr-${runId}`)).toEqual({
    ...(await from.traces.getTrace(`tr-${runId}`)),
    info: {
      ...(await from.traces.getTrace(`tr-${runId}`))?.info,
      experimentId: imported.experimentId,
    },
  });
  const run = await to.runs.getRun(runId);
  expect([run?.inputs.models.length, run?.outputs.models.length]).toEqual([1001, 1]);
  expect([...(await to.artifacts.read(run?.artifactUri ?? "", "deep/bytes.bin"))]).toEqual([
    0, 255, 10,
  ]);
  await exportExperiment(to, imported.experimentId, join(folder, "two"));
  expect(filesIn(join(folder, "two"))).toEqual(filesIn(join(folder, "one")));
}

describe("an exported experiment", () => {
  test("is the same in another store, and exports to the same bytes", async () => {
    const [from, to] = [await newStore(), await newStore()];
    await roundTrip(from, to);
    await Promise.all([from.close(), to.close()]);
  });

  test.skipIf(noPostgres)("goes from SQLite to PostgreSQL and back the same", async () => {
    const from = await newStore();
    const to = await openStore(await newDatabase(), { artifactRoot: join(tempFolder(), "files") });
    await roundTrip(from, to);
    await Promise.all([from.close(), to.close()]);
  });

  test("cannot be imported twice, and the second attempt leaves nothing behind", async () => {
    const store = await newStore();
    const { experimentId } = await fill(store);
    const folder = join(tempFolder(), "export");
    await exportExperiment(store, experimentId, folder);
    expect(await codeOf(importExperiment(store, folder))).toBe("already-exists");
    expect(await codeOf(importExperiment(store, folder, { name: "copy" }))).toBe("already-exists");
    expect((await store.experiments.listExperiments()).map(({ name }) => name)).toEqual(["full"]);
    expect((await store.maintenance?.listDeleted(Number.MAX_SAFE_INTEGER))?.experiments).toEqual(
      [],
    );
    await store.close();
  });

  test("shares no files with the original below one root", async () => {
    const artifactRoot = tempFolder();
    const open = () => openStore(`sqlite:///${join(tempFolder(), "assay.db")}`, { artifactRoot });
    const [from, to] = [await open(), await open()];
    const { experimentId, runIds } = await fill(from);
    const folder = join(tempFolder(), "export");
    await exportExperiment(from, experimentId, folder);
    const copy = await importExperiment(to, folder);
    await to.experiments.deleteExperiment(copy.experimentId);
    await collectGarbage(to, Number.MAX_SAFE_INTEGER);
    const { artifactUri = "" } = (await from.runs.getRun(runIds[0] ?? "")) ?? {};
    expect(Buffer.from(await from.artifacts.read(artifactUri, "note.txt")).toString()).toBe(
      "grüße\n",
    );
    await Promise.all([from.close(), to.close()]);
  });

  test("comes back after it was deleted for good", async () => {
    const store = await newStore();
    const { experimentId, runIds } = await fill(store);
    const folder = join(tempFolder(), "export");
    await exportExperiment(store, experimentId, folder);
    await store.experiments.deleteExperiment(experimentId);
    await collectGarbage(store, Number.MAX_SAFE_INTEGER);
    await importExperiment(store, folder);
    expect(await shownOf(store, runIds[1] ?? "")).toEqual(WHOLE);
    await store.close();
  });

  test("is refused when any file of it is missing or has changed, and nothing is written", async () => {
    const [from, to] = [await newStore(), await newStore()];
    const { experimentId } = await fill(from);
    const damages: ((folder: string) => void)[] = [
      (folder) => rmSync(join(folder, "manifest.json")),
      (folder) => writeFileSync(join(folder, "manifest.json"), "{}"),
      (folder) => appendFileSync(join(folder, "rows", "results.jsonl"), "{}\n"),
      (folder) => rmSync(join(folder, "rows", "spans.jsonl")),
      (folder) => writeFileSync(join(folder, "files.jsonl"), ""),
      (folder) => {
        for (const file of filesIn(join(folder, "files")).keys()) {
          writeFileSync(join(folder, "files", file), "other");
        }
      },
    ];
    for (const [at, damage] of damages.entries()) {
      const folder = join(tempFolder(), String(at));
      await exportExperiment(from, experimentId, folder);
      damage(folder);
      expect(["invalid-argument", "conflict"]).toContain(
        await codeOf(importExperiment(to, folder)),
      );
      expect(await to.experiments.listExperiments()).toEqual([]);
      expect(await to.runs.listRuns({})).toEqual([]);
    }
    await Promise.all([from.close(), to.close()]);
  });

  test("takes the files of runs and models that lie elsewhere, and no others' files", async () => {
    const [from, to] = [await newStore(), await newStore()];
    const shared = tempFolder();
    const { experimentId } = await from.experiments.createExperiment("e", {
      artifactLocation: shared,
    });
    const run = await from.runs.createRun({ experimentId });
    const model = await from.loggedModels.createLoggedModel({ experimentId });
    for (const uri of [run.artifactUri, model.artifactUri, shared]) {
      await from.artifacts.write(uri, "a.txt", "a");
    }
    const folder = join(tempFolder(), "export");
    await exportExperiment(from, experimentId, folder);
    expect([...filesIn(join(folder, "files")).keys()].sort()).toEqual([
      `/${run.runId}/artifacts/a.txt`,
      `/models/${model.modelId}/artifacts/a.txt`,
    ]);
    await importExperiment(to, folder);
    const { artifactUri = "" } = (await to.loggedModels.getLoggedModel(model.modelId)) ?? {};
    expect(Buffer.from(await to.artifacts.read(artifactUri, "a.txt")).toString()).toBe("a");
    await Promise.all([from.close(), to.close()]);
  });

  test("that fails leaves nothing behind which would stand in the way of the next", async () => {
    const store = await newStore();
    const { experimentId } = await fill(store);
    const folder = join(tempFolder(), "export");
    vi.spyOn(store.artifacts, "list").mockRejectedValueOnce(new Error("disk full"));
    await expect(exportExperiment(store, experimentId, folder)).rejects.toThrow("disk full");
    expect(readdirSync(folder)).toEqual([]);
    expect((await exportExperiment(store, experimentId, folder)).rows.length).toBeGreaterThan(0);
    await store.close();
  });

  test("does not overwrite a folder with files", async () => {
    const store = await newStore();
    const { experimentId } = await fill(store);
    const folder = join(tempFolder(), "export");
    mkdirSync(folder);
    writeFileSync(join(folder, "mine.txt"), "mine");
    expect(await codeOf(exportExperiment(store, experimentId, folder))).toBe("already-exists");
    expect(readdirSync(folder)).toEqual(["mine.txt"]);
    await store.close();
  });
});
