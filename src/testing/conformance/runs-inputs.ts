import type { TrackingStore } from "../../store/index.ts";
import { newRun, rejection, type StoreTest, type TestRunner } from "./kit.ts";

const DATASET = { name: "questions", digest: "abc123", sourceType: "local", source: "q.jsonl" };

async function newModel({ loggedModels, experiments }: TrackingStore): Promise<string> {
  const { experimentId } = await experiments.ensureExperiment("conformance");
  return (await loggedModels.createLoggedModel({ experimentId })).modelId;
}

/** What runs used and made. */
export function runInputs({ expect }: TestRunner, test: StoreTest): void {
  test("a run without inputs has none", async (store) => {
    const run = await store.runs.getRun(await newRun(store));
    expect(run?.inputs).toEqual({ datasets: [], models: [] });
    expect(run?.outputs).toEqual({ models: [] });
  });

  test("datasets are read back with what they were used for", async (store) => {
    const runId = await newRun(store);
    const whole = { ...DATASET, schema: '{"columns":[]}', profile: '{"rows":3}' };
    const tags = { "mlflow.data.context": "eval" };
    const other = { ...DATASET, digest: "def" };
    await store.runs.logInputs(runId, {
      datasets: [{ dataset: whole, tags }, { dataset: other }],
    });
    const { datasets } = (await store.runs.getRun(runId))?.inputs ?? { datasets: [] };
    expect(datasets).toEqual([
      { dataset: whole, tags },
      { dataset: other, tags: {} },
    ]);
    const [listed] = await store.runs.listRuns({});
    expect(listed?.inputs.datasets).toEqual(datasets);
  });

  test("name and digest say which dataset it is, within its experiment", async (store) => {
    const [one, two] = [await newRun(store), await newRun(store)];
    const { experimentId } = await store.experiments.createExperiment("elsewhere");
    const three = await store.runs.createRun({ experimentId });
    const moved = { ...DATASET, source: "moved.jsonl" };
    await store.runs.logInputs(one, { datasets: [{ dataset: DATASET }] });
    await store.runs.logInputs(two, { datasets: [{ dataset: moved, tags: { a: "1" } }] });
    await store.runs.logInputs(three.runId, { datasets: [{ dataset: moved }] });
    const sources = (await store.runs.listRuns({})).map((run) => run.inputs.datasets[0]);
    expect(sources).toEqual([
      { dataset: moved, tags: {} },
      { dataset: DATASET, tags: { a: "1" } },
      { dataset: DATASET, tags: {} },
    ]);
  });

  test("a dataset that is logged again is there once, its tags are added", async (store) => {
    const runId = await newRun(store);
    for (const tags of [{ a: "1", b: "1" }, { b: "2" }]) {
      await store.runs.logInputs(runId, { datasets: [{ dataset: DATASET, tags }] });
    }
    expect((await store.runs.getRun(runId))?.inputs.datasets).toEqual([
      { dataset: DATASET, tags: { a: "1", b: "2" } },
    ]);
  });

  test("a dataset that MLflow would not take is refused, and nothing is written", async (store) => {
    const runId = await newRun(store);
    const refused = async (wrong: object, tags: { [key: string]: string } = {}) => {
      const datasets = [{ dataset: DATASET }, { dataset: { ...DATASET, ...wrong }, tags }];
      return rejection(store.runs.logInputs(runId, { datasets }));
    };
    for (const [field, limit] of [
      ["name", 500],
      ["digest", 36],
      ["source", 65_535],
      ["schema", 1_048_575],
    ] as const) {
      const { code, message } = await refused({ [field]: "x".repeat(limit + 1) });
      expect(code).toBe("invalid-argument");
      const text = `'datasets[1].dataset.${field}' exceeds the maximum length of ${limit} characters`;
      expect(message.startsWith(text)).toBe(true);
    }
    expect((await refused({ digest: "" })).code).toBe("invalid-argument");
    expect((await refused({}, { ["k".repeat(256)]: "v" })).code).toBe("invalid-argument");
    expect((await refused({}, { k: "v".repeat(501) })).code).toBe("invalid-argument");
    expect((await store.runs.getRun(runId))?.inputs.datasets).toEqual([]);
  });

  test("models are inputs and outputs, with the step at which they were made", async (store) => {
    const runId = await newRun(store);
    const [used, early, late] = [
      await newModel(store),
      await newModel(store),
      await newModel(store),
    ];
    await store.runs.logInputs(runId, { models: [{ modelId: used }] });
    await store.runs.logOutputs(runId, [
      { modelId: late, step: 20 },
      { modelId: early, step: 1 },
    ]);
    await store.runs.logOutputs(runId, [{ modelId: early, step: 10 }]);
    const run = await store.runs.getRun(runId);
    expect(run?.inputs.models).toEqual([{ modelId: used }]);
    expect(run?.outputs.models).toEqual([
      { modelId: early, step: 10 },
      { modelId: late, step: 20 },
    ]);
  });

  test("inputs need a run that is active, and models that are there", async (store) => {
    const runId = await newRun(store);
    const models = [{ modelId: "m-none", step: 0 }];
    const inputs = { datasets: [{ dataset: DATASET }], models };
    expect((await rejection(store.runs.logInputs(runId, inputs))).code).toBe("not-found");
    expect((await rejection(store.runs.logOutputs(runId, models))).code).toBe("not-found");
    expect((await store.runs.getRun(runId))?.inputs.datasets).toEqual([]);
    await store.runs.deleteRun(runId);
    expect((await rejection(store.runs.logInputs(runId, {}))).code).toBe("conflict");
    expect((await rejection(store.runs.logOutputs("nobody", []))).code).toBe("not-found");
  });
}
