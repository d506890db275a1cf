import { RUN_TAGS } from "../../core/index.ts";
import {
  newRun,
  type OpenStore,
  rejection,
  type StoreTest,
  storeTests,
  type TestRunner,
} from "./kit.ts";
import { runChanges } from "./runs-changes.ts";
import { runInputs } from "./runs-inputs.ts";
import { runLimits } from "./runs-limits.ts";

/** What every {@link RunStore} does. */
export function runStoreSuite(runner: TestRunner, open: OpenStore): void {
  const { describe } = runner;
  const test = storeTests(runner, open);
  describe("runs", () => lifecycle(runner, test));
  describe("params and tags of runs", () => paramsAndTags(runner, test));
  describe("metrics of runs", () => metrics(runner, test));
  describe("what is said of a run", () => runChanges(runner, test));
  describe("limits of runs", () => runLimits(runner, test));
  describe("inputs and outputs of runs", () => runInputs(runner, test));
}

function lifecycle({ expect }: TestRunner, test: StoreTest): void {
  test("a new run is running, has a name and a place for its files", async (store) => {
    const { experimentId, artifactLocation } = await store.experiments.ensureExperiment("e");
    const run = await store.runs.createRun({ experimentId, tags: { team: "search" } });
    expect(/^[0-9a-f]{32}$/.test(run.runId)).toBe(true);
    expect(run.status).toBe("RUNNING");
    expect(run.endTime).toBe(undefined);
    expect(run.artifactUri).toBe(`${artifactLocation}/${run.runId}/artifacts`);
    expect(run.tags).toEqual({ team: "search", [RUN_TAGS.runName]: run.name });
    expect(await store.runs.getRun(run.runId)).toEqual(run);
    expect(await store.runs.getRun("0".repeat(32))).toBe(undefined);
  });

  test("a name given as an option or as MLflow's tag is kept", async ({ experiments, runs }) => {
    const { experimentId } = await experiments.ensureExperiment("e");
    const tags = { [RUN_TAGS.runName]: "by tag" };
    expect((await runs.createRun({ experimentId, name: "by option" })).name).toBe("by option");
    expect((await runs.createRun({ experimentId, tags })).name).toBe("by tag");
  });

  test("a nested run names its parent in MLflow's tag", async ({ experiments, runs }) => {
    const { experimentId } = await experiments.ensureExperiment("e");
    const parent = await runs.createRun({ experimentId });
    const child = await runs.createRun({ experimentId, parentRunId: parent.runId });
    expect(child.tags[RUN_TAGS.parentRunId]).toBe(parent.runId);
    expect(RUN_TAGS.parentRunId in parent.tags).toBe(false);
  });

  test("a run needs an experiment", async ({ runs }) => {
    expect((await rejection(runs.createRun({ experimentId: "999" }))).code).toBe("not-found");
  });

  test("a run ends and can go on again", async (store) => {
    const { runs } = store;
    const runId = await newRun(store);
    await runs.updateRun(runId, { status: "FINISHED", endTime: 1234 });
    const ended = await runs.getRun(runId);
    expect([ended?.status, ended?.endTime]).toEqual(["FINISHED", 1234]);
    await runs.updateRun(runId, { status: "RUNNING" });
    const resumed = await runs.getRun(runId);
    expect([resumed?.status, resumed?.endTime]).toEqual(["RUNNING", undefined]);
    await runs.updateRun(runId, {});
    expect(await runs.getRun(runId)).toEqual(resumed);
  });

  test("the list has the latest first, of the wanted experiments only", async (store) => {
    const { experiments, runs } = store;
    const one = await experiments.createExperiment("one");
    const two = await experiments.createExperiment("two");
    const ids: string[] = [];
    for (const { experimentId } of [one, two, one]) {
      ids.push((await runs.createRun({ experimentId })).runId);
    }
    const list = async (query: Parameters<typeof runs.listRuns>[0]) =>
      (await runs.listRuns(query)).map(({ runId }) => ids.indexOf(runId));
    expect(await list({})).toEqual([2, 1, 0]);
    expect(await list({ experimentIds: [one.experimentId] })).toEqual([2, 0]);
    expect(await list({ experimentIds: [] })).toEqual([]);
    expect(await list({ limit: 1 })).toEqual([2]);
  });

  test("a deleted run is out of the list, still readable and closed to writing", async (store) => {
    const { runs } = store;
    const runId = await newRun(store);
    await runs.deleteRun(runId);
    expect(await runs.listRuns({})).toEqual([]);
    expect((await runs.getRun(runId))?.lifecycleStage).toBe("deleted");
    for (const write of [
      () => runs.logBatch(runId, { params: { a: "1" } }),
      () => runs.logBatch(runId, { metrics: [{ key: "m", value: 1, timestamp: 1, step: 0 }] }),
      () => runs.logBatch(runId, { tags: { a: "1" } }),
      () => runs.updateRun(runId, { status: "FINISHED" }),
      () => runs.deleteRun(runId),
    ]) {
      expect((await rejection(write())).code).toBe("conflict");
    }
    expect((await rejection(runs.logBatch("nobody", { tags: { a: "1" } }))).code).toBe("not-found");
  });

  test("ids are found by their beginning, at most two", async (store) => {
    const runIds = [await newRun(store), await newRun(store), await newRun(store)];
    const [runId = ""] = runIds;
    expect(await store.runs.findRunIds(runId)).toEqual([runId]);
    expect(await store.runs.findRunIds(runId.slice(0, 20))).toEqual([runId]);
    expect(await store.runs.findRunIds("%")).toEqual([]);
    expect(await store.runs.findRunIds("")).toEqual([]);
    const digits = [..."0123456789abcdef"];
    const found = await Promise.all(digits.map((digit) => store.runs.findRunIds(digit)));
    for (const [index, ids] of found.entries()) {
      const starting = runIds.filter((id) => id.startsWith(digits[index] ?? ""));
      expect(ids.length).toBe(Math.min(2, starting.length));
    }
  });
}

function paramsAndTags({ expect }: TestRunner, test: StoreTest): void {
  test("params are kept as text, empty ones too", async (store) => {
    const runId = await newRun(store);
    await store.runs.logBatch(runId, { params: { model: "m", empty: "" } });
    await store.runs.logBatch(runId, { params: { more: "1" } });
    expect((await store.runs.getRun(runId))?.params).toEqual({ model: "m", empty: "", more: "1" });
  });

  test("a param does not change: the refusal names both values and writes nothing", async (store) => {
    const runId = await newRun(store);
    await store.runs.logBatch(runId, { params: { depth: "3" } });
    await store.runs.logBatch(runId, { params: { depth: "3" } });
    const { code, message } = await rejection(
      store.runs.logBatch(runId, { params: { another: "x", depth: "4" } }),
    );
    expect(code).toBe("conflict");
    for (const part of ["'depth'", "'3'", "'4'", runId]) expect(message.includes(part)).toBe(true);
    expect((await store.runs.getRun(runId))?.params).toEqual({ depth: "3" });
  });

  test("two writers of one param agree on one value", async (store) => {
    const runId = await newRun(store);
    const writes = await Promise.allSettled(
      ["a", "b"].map((value) => store.runs.logBatch(runId, { params: { key: value } })),
    );
    expect(writes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("tags are overwritten; the name's tag renames the run", async (store) => {
    const runId = await newRun(store);
    await store.runs.logBatch(runId, { tags: { stage: "dev" } });
    await store.runs.logBatch(runId, { tags: { stage: "prod", [RUN_TAGS.runName]: "renamed" } });
    const run = await store.runs.getRun(runId);
    expect(run?.tags).toEqual({ stage: "prod", [RUN_TAGS.runName]: "renamed" });
    expect(run?.name).toBe("renamed");
  });
}

function metrics({ expect }: TestRunner, test: StoreTest): void {
  const at = (step: number, timestamp: number, value: number) => ({
    key: "loss",
    value,
    timestamp,
    step,
  });

  test("the latest point has the greatest step, then timestamp, then value", async (store) => {
    const { runs } = store;
    const runId = await newRun(store);
    const latest = async () => (await runs.getRun(runId))?.metrics.loss;
    await runs.logBatch(runId, { metrics: [at(1, 100, 5)] });
    expect(await latest()).toBe(5);
    await runs.logBatch(runId, { metrics: [at(0, 900, 9)] });
    expect(await latest()).toBe(5);
    await runs.logBatch(runId, { metrics: [at(1, 200, 1)] });
    expect(await latest()).toBe(1);
    await runs.logBatch(runId, { metrics: [at(1, 200, 3), at(1, 200, 2)] });
    expect(await latest()).toBe(3);
  });

  test("history has every point once, by timestamp, step and value", async (store) => {
    const runId = await newRun(store);
    const points = [at(2, 20, 1), at(1, 20, 8), at(1, 20, 7), at(9, 10, 0)];
    await store.runs.logBatch(runId, { metrics: [...points, ...points] });
    expect(await store.runs.getMetricHistory(runId, "loss")).toEqual([
      at(9, 10, 0),
      at(1, 20, 7),
      at(1, 20, 8),
      at(2, 20, 1),
    ]);
    expect(await store.runs.getMetricHistory(runId, "unknown")).toEqual([]);
  });

  test("NaN, the infinities and the finest numbers are kept", async (store) => {
    const runId = await newRun(store);
    const values = {
      nan: Number.NaN,
      up: Number.POSITIVE_INFINITY,
      down: Number.NEGATIVE_INFINITY,
      third: 1 / 3,
      tiny: Number.MIN_VALUE,
      huge: Number.MAX_VALUE,
    };
    const points = Object.entries(values).map(([key, value]) => ({
      key,
      value,
      timestamp: 1_795_000_000_000,
      step: 0,
    }));
    await store.runs.logBatch(runId, { metrics: points });
    expect((await store.runs.getRun(runId))?.metrics).toEqual(values);
    expect((await store.runs.getMetricHistory(runId, "nan"))[0]?.value).toBe(Number.NaN);
    expect((await store.runs.getMetricHistory(runId, "down"))[0]).toEqual(points[2]);
  });

  test("metrics of one run are not those of another", async (store) => {
    const [one, two] = [await newRun(store), await newRun(store)];
    await store.runs.logBatch(one, { metrics: [at(0, 1, 1)] });
    await store.runs.logBatch(two, { metrics: [at(0, 1, 2)] });
    const listed = await store.runs.listRuns({});
    expect(listed.map((run) => [run.runId, run.metrics.loss])).toEqual([
      [two, 2],
      [one, 1],
    ]);
  });
}
