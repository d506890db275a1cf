import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { evaluate, type RegisteredDataset } from "../../src/index.ts";
import type { DatasetRecord } from "../../src/store/index.ts";
import {
  addDatasetToExperiments,
  closeStores,
  createDataset,
  currentExperiment,
  deleteDataset,
  deleteDatasetTag,
  getDataset,
  removeDatasetFromExperiments,
  searchDatasets,
  setDatasetTags,
  setTrackingUri,
} from "../../src/tracking/index.ts";
import { tempFolder } from "../store/temp-folder.ts";

beforeEach(() => setTrackingUri(`sqlite:///${join(tempFolder(), "assay.db")}`));

afterEach(closeStores);

async function all(dataset: RegisteredDataset): Promise<DatasetRecord[]> {
  const records: DatasetRecord[] = [];
  for await (const record of dataset.records()) records.push(record);
  return records;
}

test("a dataset is made, filled, found by name and by id, and evaluated on", async () => {
  const made = await createDataset({ name: "capitals", tags: { team: "geo" }, createdBy: "ada" });
  expect(made).toMatchObject({ name: "capitals", tags: { team: "geo" }, version: 0, rowCount: 0 });
  await made.mergeRecords([{ question: "Italy?", gold: "Rome" }], { targets: "gold" });
  const text = '[{"expectations":{"expected_response":"Rome"},"inputs":{"question":"Italy?"}}]';
  const digest = createHash("sha256").update(text).digest("hex");
  for (const key of [{ name: "capitals" }, { datasetId: made.datasetId }]) {
    const found = await getDataset(key);
    expect(found).toMatchObject({ datasetId: made.datasetId, version: 1, rowCount: 1, digest });
  }
  const result = await evaluate({
    data: await getDataset({ name: "capitals" }),
    model: () => "Rome",
    modelType: "question-answering",
  });
  expect(result.metrics["exact_match/v1"]).toBe(1);
});

test("a version is fetched as it was, and follows no change", async () => {
  const dataset = await createDataset({ name: "d" });
  await dataset.mergeRecords([{ i: 1 }]);
  const first = await getDataset({ name: "d", version: 1 });
  await dataset.mergeRecords([{ i: 2 }]);
  const [record] = await all(dataset);
  await dataset.deleteRecords([record?.recordId ?? ""]);
  expect(dataset).toMatchObject({ version: 3, rowCount: 1, pinnedVersion: undefined });
  expect(first).toMatchObject({ version: 1, rowCount: 1, pinnedVersion: 1 });
  const inputs = (await all(first)).map((one) => one.inputs);
  expect(inputs).toEqual([{ i: 1 }]);
  expect((await dataset.versions()).map(({ version }) => version)).toEqual([3, 2, 1]);
  expect(JSON.parse(JSON.stringify(first))).toMatchObject({ name: "d", version: 1, rowCount: 1 });
  await expect(getDataset({ name: "d", version: 4 })).rejects.toMatchObject({
    code: "not-found",
    message: 'The dataset "d" has no version 4; it has versions 1 to 3',
  });
});

test("what is not there is named with what is; a key is a name or an id", async () => {
  await expect(getDataset({ name: "d" })).rejects.toMatchObject({
    code: "not-found",
    message: 'No dataset named "d" is in this tracking store. There is none yet',
  });
  for (let i = 0; i < 12; i++) await createDataset({ name: `d${i}` });
  await expect(deleteDataset({ datasetId: "d-1" })).rejects.toMatchObject({
    message:
      "No dataset with the id d-1 is in this tracking store. There are: d11, d10, d9, d8, d7, d6, d5, d4, d3, d2, and 2 more",
  });
  await expect(getDataset({} as { name: string })).rejects.toMatchObject({
    code: "invalid-argument",
  });
});

test("tags are set, replaced and deleted, through the object or by id", async () => {
  const dataset = await createDataset({ name: "d", tags: { a: "1" } });
  const { datasetId } = dataset;
  await setDatasetTags({ datasetId, tags: { b: "2", c: "3" } });
  await deleteDatasetTag({ datasetId, key: "a" });
  await dataset.setTags({ c: "4" });
  await dataset.deleteTag("b");
  expect(dataset.tags).toEqual({ c: "4" });
  expect((await getDataset({ datasetId })).tags).toEqual({ c: "4" });
});

test("datasets are used by experiments and searched by them, by name and by tag", async () => {
  const { experimentId } = await currentExperiment();
  const used = await createDataset({ name: "used", experimentIds: [experimentId] });
  const { datasetId } = await createDataset({ name: "other", tags: { team: "geo" } });
  const names = async (...options: Parameters<typeof searchDatasets>) =>
    (await searchDatasets(...options)).map(({ name }) => name).sort();
  expect(await names()).toEqual(["other", "used"]);
  expect(await names({ experimentIds: [experimentId] })).toEqual(["used"]);
  expect(await names({ filterString: "tags.team = 'geo'" })).toEqual(["other"]);
  expect(await names({ filterString: "name LIKE 'u%'", maxResults: 1 })).toEqual(["used"]);
  const experimentIds = [experimentId];
  const added = await addDatasetToExperiments({ datasetId, experimentIds });
  expect(added.experimentIds).toEqual(experimentIds);
  const removed = await removeDatasetFromExperiments({ datasetId, experimentIds });
  expect(removed.experimentIds).toEqual([]);
  await used.removeFromExperiments(experimentIds);
  await used.addToExperiments(experimentIds);
  expect(used.experimentIds).toEqual(experimentIds);
});

test("a deleted dataset is gone, and its name is free", async () => {
  await (await createDataset({ name: "d" })).mergeRecords([{ i: 1 }]);
  await deleteDataset({ name: "d" });
  expect(await searchDatasets()).toEqual([]);
  expect((await createDataset({ name: "d" })).version).toBe(0);
});
