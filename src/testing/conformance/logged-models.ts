import type { NewLoggedModel } from "../../store/ports/index.ts";
import {
  newRun,
  type OpenStore,
  rejection,
  type StoreTest,
  storeTests,
  type TestRunner,
} from "./kit.ts";

/** What every {@link LoggedModelStore} does. */
export function loggedModelStoreSuite(runner: TestRunner, open: OpenStore): void {
  const { describe } = runner;
  const test = storeTests(runner, open);
  describe("logged models", () => lifecycle(runner, test));
  describe("params, tags and metrics of logged models", () => contents(runner, test));
}

function lifecycle({ expect }: TestRunner, test: StoreTest): void {
  test("a new model is pending, has a name and a place for its files", async (store) => {
    const { experimentId, artifactLocation } = await store.experiments.ensureExperiment("e");
    const model = await store.loggedModels.createLoggedModel({ experimentId });
    expect(/^m-[0-9a-f]{32}$/.test(model.modelId)).toBe(true);
    expect(/^[a-z]+-[a-z]+-\d+$/.test(model.name)).toBe(true);
    expect(model.status).toBe("PENDING");
    expect(model.artifactUri).toBe(`${artifactLocation}/models/${model.modelId}/artifacts`);
    expect([model.params, model.tags, model.metrics]).toEqual([{}, {}, []]);
    expect(await store.loggedModels.getLoggedModel(model.modelId)).toEqual(model);
    expect(await store.loggedModels.getLoggedModel("m-none")).toBe(undefined);
  });

  test("a model has what it was made with", async (store) => {
    const sourceRunId = await newRun(store);
    const { experimentId } = await store.experiments.ensureExperiment("conformance");
    const made = {
      experimentId,
      name: "support agent v2",
      modelType: "agent",
      sourceRunId,
      params: { temperature: "0.2", prompt: "x".repeat(20_000) },
      tags: { team: "search" },
    };
    const model = await store.loggedModels.createLoggedModel(made);
    expect({ ...model, ...made }).toEqual(model);
  });

  test("a name that paths cannot have is refused in MLflow's words", async (store) => {
    const { experimentId } = await store.experiments.ensureExperiment("e");
    for (const name of ["", "a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"]) {
      const refused = store.loggedModels.createLoggedModel({ experimentId, name });
      const { code, message } = await rejection(refused);
      expect(code).toBe("invalid-argument");
      const text = `Invalid model name ('${name}') provided. Model name must be a non-empty string`;
      expect(message.startsWith(text)).toBe(true);
    }
  });

  test("a model needs an active experiment, and a run that is there", async (store) => {
    const { experimentId } = await store.experiments.createExperiment("e");
    const code = async (model: NewLoggedModel) =>
      (await rejection(store.loggedModels.createLoggedModel(model))).code;
    expect(await code({ experimentId: "999" })).toBe("not-found");
    expect(await code({ experimentId, sourceRunId: "nobody" })).toBe("not-found");
    await store.experiments.deleteExperiment(experimentId);
    expect(await code({ experimentId })).toBe("conflict");
  });

  test("a model is finalized as ready or failed", async (store) => {
    const { experimentId } = await store.experiments.ensureExperiment("e");
    const { modelId } = await store.loggedModels.createLoggedModel({ experimentId });
    for (const status of ["READY", "UPLOAD_FAILED"] as const) {
      const model = await store.loggedModels.finalizeLoggedModel(modelId, status);
      expect(model.status).toBe(status);
      expect(await store.loggedModels.getLoggedModel(modelId)).toEqual(model);
    }
    const pending = store.loggedModels.finalizeLoggedModel(modelId, "PENDING" as "READY");
    expect((await rejection(pending)).code).toBe("invalid-argument");
  });

  test("a deleted model is shown only when asked for, and can be restored", async (store) => {
    const { loggedModels, runs } = store;
    const runId = await newRun(store);
    const { experimentId } = await store.experiments.ensureExperiment("conformance");
    const { modelId } = await loggedModels.createLoggedModel({ experimentId });
    await loggedModels.deleteLoggedModel(modelId);
    expect(await loggedModels.getLoggedModel(modelId)).toBe(undefined);
    const deleted = await loggedModels.getLoggedModel(modelId, { includeDeleted: true });
    expect(deleted?.lifecycleStage).toBe("deleted");
    const point = { key: "m", value: 1, timestamp: 1, step: 0, modelId };
    for (const refused of [
      () => loggedModels.deleteLoggedModel(modelId),
      () => loggedModels.finalizeLoggedModel(modelId, "READY"),
      () => loggedModels.setLoggedModelTags(modelId, { a: "1" }),
      () => runs.logBatch(runId, { metrics: [point] }),
    ]) {
      expect((await rejection(refused())).code).toBe("conflict");
    }
    await loggedModels.restoreLoggedModel(modelId);
    expect((await loggedModels.getLoggedModel(modelId))?.lifecycleStage).toBe("active");
    expect((await rejection(loggedModels.restoreLoggedModel(modelId))).code).toBe("conflict");
  });

  test("what is asked of an unknown model is not found", async ({ loggedModels }) => {
    for (const refused of [
      () => loggedModels.finalizeLoggedModel("m-none", "READY"),
      () => loggedModels.setLoggedModelTags("m-none", {}),
      () => loggedModels.deleteLoggedModelTag("m-none", "a"),
      () => loggedModels.logLoggedModelParams("m-none", {}),
      () => loggedModels.deleteLoggedModel("m-none"),
      () => loggedModels.restoreLoggedModel("m-none"),
    ]) {
      const message = "Logged model with ID 'm-none' not found.";
      expect(await rejection(refused())).toEqual({ code: "not-found", message });
    }
  });
}

function contents({ expect }: TestRunner, test: StoreTest): void {
  test("tags are overwritten and deleted, params stay", async ({ experiments, loggedModels }) => {
    const { experimentId } = await experiments.ensureExperiment("e");
    const params = { a: "1" };
    const tags = { stage: "dev", x: "1" };
    const { modelId } = await loggedModels.createLoggedModel({ experimentId, params, tags });
    await loggedModels.setLoggedModelTags(modelId, { stage: "prod" });
    await loggedModels.deleteLoggedModelTag(modelId, "x");
    await loggedModels.logLoggedModelParams(modelId, { a: "1", b: "2" });
    const model = await loggedModels.getLoggedModel(modelId);
    expect([model?.tags, model?.params]).toEqual([{ stage: "prod" }, { a: "1", b: "2" }]);
    const again = await rejection(loggedModels.deleteLoggedModelTag(modelId, "x"));
    expect(again.code).toBe("not-found");
    const changed = loggedModels.logLoggedModelParams(modelId, { a: "2", c: "3" });
    const { code, message } = await rejection(changed);
    expect(code).toBe("conflict");
    for (const part of ["'a'", "'1'", "'2'", modelId]) expect(message.includes(part)).toBe(true);
    expect((await loggedModels.getLoggedModel(modelId))?.params).toEqual({ a: "1", b: "2" });
    const odd = loggedModels.setLoggedModelTags(modelId, { "a@b": "1" });
    expect((await rejection(odd)).code).toBe("invalid-argument");
  });

  test("a metric of a model is its run's too, with the data it was measured on", async (store) => {
    const runId = await newRun(store);
    const { experimentId } = await store.experiments.ensureExperiment("conformance");
    const { modelId } = await store.loggedModels.createLoggedModel({ experimentId });
    const plain = { key: "acc", value: 0.5, timestamp: 10, step: 0 };
    const onData = { ...plain, value: 0.75, datasetName: "d", datasetDigest: "1" };
    const nan = { ...plain, key: "loss", value: Number.NaN };
    const metrics = [onData, plain, nan].map((point) => ({ ...point, modelId }));
    for (let times = 0; times < 2; times++) await store.runs.logBatch(runId, { metrics });
    const model = await store.loggedModels.getLoggedModel(modelId);
    expect(model?.metrics).toEqual([plain, onData, nan].map((point) => ({ ...point, runId })));
    expect((await store.runs.getRun(runId))?.metrics).toEqual({ acc: 0.75, loss: Number.NaN });
  });

  test("a metric of an unknown model is refused with its batch", async (store) => {
    const runId = await newRun(store);
    const point = { key: "acc", value: 1, timestamp: 1, step: 0 };
    const metrics = [point, { ...point, modelId: "m-none" }];
    const refused = await rejection(store.runs.logBatch(runId, { metrics, params: { a: "1" } }));
    expect(refused.code).toBe("not-found");
    const run = await store.runs.getRun(runId);
    expect([run?.metrics, run?.params]).toEqual([{}, {}]);
  });

  test("models are found by what they are and how they did", async (store) => {
    const { experiments, loggedModels, runs } = store;
    const runId = await newRun(store);
    const { experimentId } = await experiments.ensureExperiment("conformance");
    const made: string[] = [];
    for (const [at, name] of ["a", "b", "c"].entries()) {
      const params = { size: String(at) };
      const { modelId } = await loggedModels.createLoggedModel({ experimentId, name, params });
      const point = { key: "acc", timestamp: 1, modelId };
      const metrics = [
        { ...point, value: -1, step: 0 },
        { ...point, value: at, step: 1 },
      ];
      await runs.logBatch(runId, { metrics });
      made.push(modelId);
    }
    const search = async (filter: string) => {
      const query = { experimentIds: [experimentId], filter, orderBy: ["metrics.acc DESC"] };
      const { items } = await loggedModels.searchLoggedModels(query);
      return items.map(({ name }) => name);
    };
    expect(await search("metrics.acc >= 1")).toEqual(["c", "b"]);
    expect(await search("params.size = '0' OR name = 'c'")).toEqual(["c", "a"]);
    await loggedModels.deleteLoggedModel(made[1] ?? "");
    expect(await search("metrics.acc < 9")).toEqual(["c", "a"]);
    const { items, nextPageToken } = await loggedModels.searchLoggedModels({ maxResults: 1 });
    expect(items).toEqual([await loggedModels.getLoggedModel(made[2] ?? "")]);
    expect(nextPageToken === undefined).toBe(false);
  });
}
