import { allRecords, numbered, sha256 } from "./dataset-kit.ts";
import { recordMerges } from "./dataset-merges.ts";
import { datasetVersions } from "./dataset-versions.ts";
import { type OpenStore, rejection, type StoreTest, storeTests, type TestRunner } from "./kit.ts";

/** What every {@link DatasetStore} does. */
export function datasetStoreSuite(runner: TestRunner, open: OpenStore): void {
  const { describe } = runner;
  const test = storeTests(runner, open);
  describe("datasets", () => lifecycle(runner, test));
  describe("tags and experiments of datasets", () => links(runner, test));
  describe("records of datasets", () => recordMerges(runner, test));
  describe("versions of datasets", () => datasetVersions(runner, test));
  describe("writers of a dataset", () => writers(runner, test));
}

function lifecycle({ expect }: TestRunner, test: StoreTest): void {
  test("a new dataset is empty, has version 0 and the digest of no rows", async (store) => {
    const { experimentId } = await store.experiments.createExperiment("e");
    const made = await store.datasets.createDataset({
      name: "support",
      tags: { team: "search" },
      experimentIds: [experimentId],
      createdBy: "ada",
    });
    expect(/^d-[0-9a-f]{32}$/.test(made.datasetId)).toBe(true);
    expect({ ...made, datasetId: "", createdTime: 0, lastUpdateTime: 0 }).toEqual({
      datasetId: "",
      name: "support",
      tags: { team: "search" },
      experimentIds: [experimentId],
      version: 0,
      digest: sha256("[]"),
      rowCount: 0,
      createdTime: 0,
      lastUpdateTime: 0,
      createdBy: "ada",
      lastUpdatedBy: "ada",
    });
    expect(await store.datasets.getDataset(made.datasetId)).toEqual(made);
    expect(await store.datasets.getDatasetByName("support")).toEqual(made);
    expect(await store.datasets.listVersions(made.datasetId)).toEqual([]);
    expect(await allRecords(store.datasets, made.datasetId)).toEqual([]);
    expect(await store.datasets.listRecords(made.datasetId)).toEqual({ items: [] });
    expect(await store.datasets.getDataset("d-0")).toBe(undefined);
    expect(await store.datasets.getDatasetByName("Support")).toBe(undefined);
  });

  test("a name is taken once, and is neither empty nor like a version", async ({ datasets }) => {
    await datasets.createDataset({ name: "support" });
    const refusal = async (name: string) =>
      (await rejection(datasets.createDataset({ name }))).code;
    expect(await refusal("support")).toBe("already-exists");
    expect(await refusal(" ")).toBe("invalid-argument");
    expect(await refusal("support@3")).toBe("invalid-argument");
    expect(await refusal("x".repeat(501))).toBe("invalid-argument");
    await datasets.createDataset({ name: "x".repeat(500) });
    await datasets.createDataset({ name: "ada@example" });
  });

  test("the list and the search have the latest made first", async ({ datasets }) => {
    for (const name of ["one", "two", "three"]) await datasets.createDataset({ name });
    const names = (await datasets.listDatasets()).map(({ name }) => name);
    expect(names).toEqual(["three", "two", "one"]);
    const found = await datasets.searchDatasets({ filter: "name LIKE 't%'" });
    expect(found.items.map(({ name }) => name).sort()).toEqual(["three", "two"]);
    expect(await datasets.countDatasets({ filter: "name LIKE 't%'" })).toBe(2);
  });

  test("a deleted dataset is gone with its records, and its name is free", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "support", tags: { a: "1" } });
    await datasets.mergeRecords(datasetId, numbered(3));
    await datasets.deleteDataset(datasetId);
    expect(await datasets.getDataset(datasetId)).toBe(undefined);
    for (const use of [
      () => datasets.deleteDataset(datasetId),
      () => datasets.mergeRecords(datasetId, numbered(1)),
      () => datasets.deleteRecords(datasetId, ["dr-1"]),
      () => datasets.listVersions(datasetId),
      () => datasets.getVersion(datasetId, 1),
      () => datasets.listRecords(datasetId),
      () => allRecords(datasets, datasetId),
      () => datasets.setDatasetTags(datasetId, { a: "2" }),
    ]) {
      expect((await rejection(use())).code).toBe("not-found");
    }
    const again = await datasets.createDataset({ name: "support" });
    expect([again.version, await allRecords(datasets, again.datasetId)]).toEqual([0, []]);
    expect(again.tags).toEqual({});
  });

  test("a dataset that is deleted while it is read does not look shorter", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "support" });
    await datasets.mergeRecords(datasetId, numbered(1200));
    const reading = datasets.records(datasetId)[Symbol.asyncIterator]();
    await reading.next();
    await datasets.deleteDataset(datasetId);
    const rest = async () => {
      while (!(await reading.next()).done);
    };
    expect((await rejection(rest())).code).toBe("conflict");
  });
}

function links({ expect }: TestRunner, test: StoreTest): void {
  test("tags are set, replaced, and deleted by null", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d", tags: { a: "1", b: "2" } });
    const changed = await datasets.setDatasetTags(datasetId, { a: null, b: "3", c: "", d: null });
    expect(changed.tags).toEqual({ b: "3", c: "" });
    expect(await datasets.getDataset(datasetId)).toEqual(changed);
    for (const tags of [{ ["k".repeat(251)]: "v" }, { k: "v".repeat(5001) }]) {
      const { code } = await rejection(datasets.setDatasetTags(datasetId, tags));
      expect(code).toBe("invalid-argument");
    }
  });

  test("experiments are added once, removed, and must exist", async (store) => {
    const { datasets, experiments } = store;
    const one = (await experiments.createExperiment("one")).experimentId;
    const two = (await experiments.createExperiment("two")).experimentId;
    const { datasetId } = await datasets.createDataset({ name: "d" });
    await datasets.addToExperiments(datasetId, [two, one]);
    expect((await datasets.addToExperiments(datasetId, [one])).experimentIds).toEqual([one, two]);
    const left = await datasets.removeFromExperiments(datasetId, [one, "999", "x"]);
    expect(left.experimentIds).toEqual([two]);
    const { code } = await rejection(datasets.addToExperiments(datasetId, [one, "999"]));
    expect(code).toBe("not-found");
    expect((await datasets.getDataset(datasetId))?.experimentIds).toEqual([two]);
    const found = await datasets.searchDatasets({ experimentIds: [two] });
    expect(found.items.map((dataset) => dataset.datasetId)).toEqual([datasetId]);
  });
}

function writers({ expect }: TestRunner, test: StoreTest): void {
  test("merges at once are all kept, one version each", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    const merges = Array.from({ length: 6 }, (_, at) =>
      datasets.mergeRecords(datasetId, numbered(300, at * 200)),
    );
    const done = await Promise.all(merges);
    expect(done.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    const inserted = done.reduce((sum, merge) => sum + merge.inserted, 0);
    const records = await allRecords(datasets, datasetId);
    expect([inserted, records.length]).toEqual([1300, 1300]);
    expect(new Set(records.map((record) => record.inputs.i)).size).toBe(1300);
  });

  test("nobody sees a merge before it is whole", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    await datasets.mergeRecords(datasetId, numbered(2));
    const before = [await datasets.getDataset(datasetId), await allRecords(datasets, datasetId)];
    async function* slowly() {
      yield* [{ inputs: { i: 1 }, outputs: "changed" }, ...numbered(1000, 2)];
      expect(await datasets.getDataset(datasetId)).toEqual(before[0]);
      expect(await allRecords(datasets, datasetId)).toEqual(before[1]);
      expect((await datasets.listRecords(datasetId)).items).toEqual(before[1]);
      yield { inputs: { i: -1 } };
    }
    const { version } = await datasets.mergeRecords(datasetId, slowly());
    expect(version).toBe(2);
    expect((await allRecords(datasets, datasetId)).length).toBe(1003);
  });

  test("nothing is kept of a merge that fails on its way", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    await datasets.mergeRecords(datasetId, [{ id: "a", inputs: { i: 1 } }]);
    const before = [await datasets.getDataset(datasetId), await allRecords(datasets, datasetId)];
    function* broken() {
      yield* [{ inputs: { i: 1 }, outputs: "changed" }, ...numbered(1000, 2)];
      throw new RangeError("mine");
    }
    const [failed] = await Promise.allSettled([datasets.mergeRecords(datasetId, broken())]);
    expect(failed.status === "rejected" && String(failed.reason)).toBe("RangeError: mine");
    expect([await datasets.getDataset(datasetId), await allRecords(datasets, datasetId)]).toEqual(
      before,
    );
    const again = await datasets.mergeRecords(datasetId, numbered(3));
    expect([again.inserted, again.unchanged, again.version]).toEqual([2, 1, 2]);
  });
}
