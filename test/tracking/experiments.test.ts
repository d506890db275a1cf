import { expect, test } from "vitest";
import {
  createExperiment,
  currentExperiment,
  deleteExperiment,
  deleteExperimentTag,
  getExperiment,
  getExperimentByName,
  renameExperiment,
  restoreExperiment,
  setExperiment,
  setExperimentTag,
  setExperimentTags,
  withRun,
} from "../../src/tracking/index.ts";
import { stored, useTempStore } from "./temp-store.ts";

useTempStore();

test("an experiment is made with a note and tags, and found by id and by name", async () => {
  const made = await createExperiment("mine", { description: "what for", tags: { team: "a" } });
  expect(made.tags).toEqual({ team: "a", "mlflow.note.content": "what for" });
  expect(await getExperiment(made.experimentId)).toEqual(made);
  expect(await getExperimentByName("mine")).toEqual(made);
  expect(await getExperiment("999")).toBeUndefined();
  await expect(createExperiment("mine")).rejects.toMatchObject({
    code: "already-exists",
    message: "Experiment(name=mine) already exists.",
  });
});

test("tags are those of the current experiment", async () => {
  await setExperimentTag("a", "1");
  await setExperimentTags({ b: "2", c: "3" });
  await deleteExperimentTag("b");
  expect((await currentExperiment()).tags).toEqual({ a: "1", c: "3" });
  await expect(deleteExperimentTag("b")).rejects.toMatchObject({ code: "not-found" });
});

test("without a name runs go to Default, which MLflow's clients know as 0", async () => {
  setExperiment("Default");
  const run = await withRun({}, async ({ runId }) => stored(runId));
  expect(run.experimentId).toBe("0");
});

test("a run begins in an experiment of its own choice", async () => {
  const { experimentId } = await createExperiment("elsewhere");
  await withRun({}, async () => {
    const run = await withRun({ experimentId }, async ({ runId }) => stored(runId));
    expect(run.experimentId).toBe(experimentId);
  });
});

test("a deleted experiment takes no runs until it is restored under any name", async () => {
  const { experimentId } = await currentExperiment();
  await deleteExperiment(experimentId);
  await expect(withRun({}, () => 1)).rejects.toMatchObject({ code: "conflict" });
  await restoreExperiment(experimentId);
  await renameExperiment(experimentId, "renamed");
  setExperiment("renamed");
  const run = await withRun({}, async ({ runId }) => stored(runId));
  expect(run.experimentId).toBe(experimentId);
});
