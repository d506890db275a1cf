import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  collectGarbage,
  maintenanceOf,
  openStore,
  type TrackingStore,
} from "../../src/store/index.ts";
import { tempFolder } from "./temp-folder.ts";

const EVER = Number.MAX_SAFE_INTEGER;

const newStore = (folder = tempFolder(), name = "assay.db") =>
  openStore(`sqlite:///${join(folder, name)}`);

/** An experiment with a run and a logged model, each with a file. */
async function fill(store: TrackingStore, name: string, artifactLocation?: string) {
  const options = artifactLocation === undefined ? {} : { artifactLocation };
  const experiment = await store.experiments.createExperiment(name, options);
  const { experimentId } = experiment;
  const run = await store.runs.createRun({ experimentId });
  const model = await store.loggedModels.createLoggedModel({ experimentId });
  for (const { artifactUri } of [run, model]) {
    await store.artifacts.write(artifactUri, "a.txt", "a");
  }
  return { experimentId, location: experiment.artifactLocation, run, model };
}

async function pathsIn(store: TrackingStore, uri: string): Promise<string[]> {
  return (await store.artifacts.list(uri)).map(({ path }) => path);
}

describe("the files that a garbage collection removes", () => {
  test("are those of the experiment, where its location is a folder with others", async () => {
    const store = await newStore();
    const project = tempFolder();
    const location = join(project, "artifacts");
    const gone = await fill(store, "gone", location);
    const kept = await fill(store, "kept", location);
    await store.artifacts.write(project, "precious.txt", "x");
    await store.artifacts.write(location, "mine.txt", "x");
    await store.experiments.deleteExperiment(gone.experimentId);
    await collectGarbage(store, EVER);
    expect(await pathsIn(store, project)).toEqual(
      [
        "precious.txt",
        "artifacts/mine.txt",
        `artifacts/${kept.run.runId}/artifacts/a.txt`,
        `artifacts/models/${kept.model.modelId}/artifacts/a.txt`,
      ].sort(),
    );
    await store.close();
  });

  test("are a whole generated location, unless another store has files there", async () => {
    const folder = tempFolder();
    const [store, other] = [await newStore(folder), await newStore(folder, "other.db")];
    const [gone, kept] = [await fill(store, "e"), await fill(other, "e")];
    const alone = await fill(store, "alone");
    expect(kept.location).toBe(gone.location);
    for (const { experimentId } of [gone, alone]) {
      await store.experiments.deleteExperiment(experimentId);
    }
    await collectGarbage(store, EVER);
    expect(await pathsIn(store, gone.location)).toEqual([
      `${kept.run.runId}/artifacts/a.txt`,
      `models/${kept.model.modelId}/artifacts/a.txt`,
    ]);
    const root = gone.location.replace(/\/[^/]+$/, "");
    const left = (await store.artifacts.listFolder(root)).map(({ path }) => path);
    expect(left).toEqual([kept.experimentId]);
    await Promise.all([store.close(), other.close()]);
  });

  test.each(["s3://bucket", "s3://bucket/team/artifacts"])(
    "are folders of its own below %s",
    async (location) => {
      const store = await newStore();
      const { experimentId } = await store.experiments.createExperiment("e", {
        artifactLocation: location,
      });
      const one = await store.runs.createRun({ experimentId });
      const two = await store.runs.createRun({ experimentId });
      const model = await store.loggedModels.createLoggedModel({ experimentId });
      const claimed = async (kind: "run" | "model" | "experiment", id: string) =>
        maintenanceOf(store).claim(kind, id, EVER);
      await store.runs.deleteRun(one.runId);
      expect(await claimed("run", one.runId)).toEqual({ folders: [`${location}/${one.runId}`] });
      await maintenanceOf(store).purge("run", one.runId);
      await store.experiments.deleteExperiment(experimentId);
      expect(await claimed("experiment", experimentId)).toEqual({
        folders: [`${location}/${two.runId}`, `${location}/models/${model.modelId}`],
      });
      await store.close();
    },
  );
});
