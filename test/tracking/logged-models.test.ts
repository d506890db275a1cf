import { expect, test } from "vitest";
import {
  createExperiment,
  currentExperiment,
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  getLoggedModel,
  initializeLoggedModel,
  logMetric,
  logModelParams,
  logOutputs,
  searchLoggedModels,
  setLoggedModelTags,
  startRun,
} from "../../src/tracking/index.ts";
import { stored, useTempStore } from "./temp-store.ts";

useTempStore();

test("a model made in a run names it, and keeps what is measured on it", async () => {
  const { runId, experimentId } = await startRun();
  const { modelId, status } = await initializeLoggedModel({ name: "agent", modelType: "agent" });
  expect(status).toBe("PENDING");
  await logModelParams({ temperature: "0.2" }, { modelId });
  await setLoggedModelTags(modelId, { stage: "dev", old: "1" });
  await deleteLoggedModelTag(modelId, "old");
  const dataset = { name: "d", digest: "1" };
  await logMetric("accuracy", 0.5, { timestamp: 1000, modelId, dataset });
  await logOutputs([{ modelId, step: 3 }]);
  expect(await finalizeLoggedModel(modelId, "READY")).toMatchObject({
    name: "agent",
    modelType: "agent",
    status: "READY",
    experimentId,
    sourceRunId: runId,
    params: { temperature: "0.2" },
    tags: { stage: "dev" },
    metrics: [
      {
        key: "accuracy",
        value: 0.5,
        step: 0,
        timestamp: 1000,
        runId,
        datasetName: "d",
        datasetDigest: "1",
      },
    ],
  });
  const run = await stored(runId);
  expect([run.outputs.models, run.metrics]).toEqual([[{ modelId, step: 3 }], { accuracy: 0.5 }]);
});

test("a model made outside of runs belongs to the current experiment", async () => {
  const model = await initializeLoggedModel();
  expect(model.experimentId).toBe((await currentExperiment()).experimentId);
  expect(model).not.toHaveProperty("sourceRunId");
  await deleteLoggedModel(model.modelId);
  expect(await getLoggedModel(model.modelId)).toBeUndefined();
});

test("models are searched for in the current experiment, or in others", async () => {
  for (const name of ["a", "b"]) await initializeLoggedModel({ name });
  const { experimentId } = await createExperiment("elsewhere");
  await initializeLoggedModel({ name: "c", experimentId });
  const names = async (options: Parameters<typeof searchLoggedModels>[0]) =>
    (await searchLoggedModels(options)).map(({ name }) => name);
  expect(await names({ orderBy: ["name"] })).toEqual(["a", "b"]);
  expect(await names({ filterString: "name = 'b'" })).toEqual(["b"]);
  expect(await names({ experimentIds: [experimentId] })).toEqual(["c"]);
});

test("secrets are masked in names, types, params and tags", async () => {
  // Not a key: it only has the shape of one.
  const secret = `sk-${"fake".repeat(8)}`;
  const { runId } = await startRun();
  const model = await initializeLoggedModel({
    name: `n ${secret}`,
    modelType: secret,
    params: { a: secret },
    tags: { b: secret },
  });
  const run = await startRun({ runId });
  await run.logInput({ name: secret, digest: secret, source: secret, schema: secret });
  const dataset = { name: secret, digest: secret };
  await logMetric("m", 1, { modelId: model.modelId, dataset });
  const all = [model, await stored(runId), await getLoggedModel(model.modelId)];
  expect(JSON.stringify(all)).not.toContain("fakefake");
  expect(model).toMatchObject({ name: "n [redacted]", params: { a: "[redacted]" } });
});
