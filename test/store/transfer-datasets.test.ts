import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/index.ts";
import { exactMatch } from "../../src/metrics/index.ts";
import {
  type Dataset,
  exportExperiment,
  importExperiment,
  openStore,
  type TrackingStore,
} from "../../src/store/index.ts";
import { allRecords } from "../../src/testing/conformance/dataset-kit.ts";
import { closeStores, setTrackingUri } from "../../src/tracking/index.ts";
import { ENGINES } from "./engines.ts";
import { tempFolder } from "./temp-folder.ts";

const NAME = "support";

const newStore = () => openStore(`sqlite:///${join(tempFolder(), "assay.db")}`);

/** A dataset with three versions: records added, changed and deleted. */
async function fill(store: TrackingStore): Promise<string> {
  const { datasets } = store;
  const { datasetId } = await datasets.createDataset({
    name: NAME,
    tags: { team: "søk" },
    createdBy: "ada",
  });
  const question = (at: number) => ({ question: `What is ${at}? \u2028 "quoted"` });
  const records = Array.from({ length: 300 }, (_, at) => ({
    id: `r${at}`,
    inputs: question(at),
    expectations: { expected_response: String(at) },
    metadata: { z: 1, a: [at / 3] },
  }));
  await datasets.mergeRecords(datasetId, records, { updatedBy: "bob" });
  await datasets.mergeRecords(datasetId, [
    { inputs: question(7), outputs: "seven", tags: { hard: true } },
    { inputs: question(300), context: ["c"], source: { source_type: "HUMAN" } },
  ]);
  const found = await allRecords(store.datasets, datasetId);
  await datasets.deleteRecords(datasetId, [found[3]?.recordId ?? "", found[7]?.recordId ?? ""]);
  return datasetId;
}

/** All that a store tells of a dataset. */
async function shown(store: TrackingStore, datasetId: string) {
  const { experimentIds: _, ...dataset } = (await store.datasets.getDataset(datasetId)) as Dataset;
  const versions = await store.datasets.listVersions(datasetId);
  const records = await Promise.all(
    versions.map(({ version }) => allRecords(store.datasets, datasetId, version)),
  );
  return { dataset, versions, records };
}

async function runNaming(store: TrackingStore, experimentId: string, datasetId: string) {
  const { runId } = await store.runs.createRun({ experimentId });
  const source = JSON.stringify({ dataset_id: datasetId, name: NAME, version: 2 });
  const dataset = { name: NAME, digest: "d".repeat(36), sourceType: "assay-dataset", source };
  await store.runs.logInputs(runId, { datasets: [{ dataset }] });
  return runId;
}

/** An experiment whose one run names a dataset, exported. */
async function exported(from: TrackingStore) {
  const datasetId = await fill(from);
  const { experimentId } = await from.experiments.createExperiment("e");
  const runId = await runNaming(from, experimentId, datasetId);
  const folder = join(tempFolder(), "export");
  await exportExperiment(from, experimentId, folder);
  return { datasetId, experimentId, runId, folder };
}

function bytesIn(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    files
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(folder.length), readFileSync(file, "utf8")]),
  );
}

describe.each(ENGINES)(
  "registered datasets of an exported experiment, in %s",
  (_, missing, open) => {
    test.skipIf(missing)(
      "come along with every version, and export to the same bytes",
      async () => {
        const [from, to] = [await newStore(), await open()];
        // Other content, so that the numbers of the two databases differ.
        await to.datasets.createDataset({ name: "other" });
        const { datasetId, folder } = await exported(from);
        const { experimentId } = await importExperiment(to, folder);
        expect(await shown(to, datasetId)).toEqual(await shown(from, datasetId));
        expect((await to.datasets.getDataset(datasetId))?.experimentIds).toEqual([]);
        await exportExperiment(to, experimentId, join(folder, "again"));
        const bytes = bytesIn(join(folder, "again"));
        expect(bytes.get("/rows/dataset_records.jsonl")?.trim().split("\n")).toHaveLength(302);
        for (const [file, text] of bytes)
          expect(readFileSync(join(folder, file), "utf8")).toBe(text);
        await Promise.all([from.close(), to.close()]);
      },
    );

    test.skipIf(missing)("can be written to where they were imported", async () => {
      const [from, to] = [await newStore(), await open()];
      const { datasetId, folder } = await exported(from);
      await importExperiment(to, folder);
      const rows = [{ id: "r1", inputs: { question: "new" } }];
      await expect(to.datasets.mergeRecords(datasetId, rows)).rejects.toThrow(
        /the id "r1" already/,
      );
      const again = [{ inputs: { question: 'What is 5? \u2028 "quoted"' }, tags: { seen: 1 } }];
      for (const store of [from, to]) {
        expect(await store.datasets.mergeRecords(datasetId, again)).toMatchObject({
          version: 4,
          updated: 1,
        });
      }
      expect((await to.datasets.getDataset(datasetId))?.digest).toBe(
        (await from.datasets.getDataset(datasetId))?.digest,
      );
      await Promise.all([from.close(), to.close()]);
    });

    test.skipIf(missing)("stay as they are where they are already, even further on", async () => {
      const [from, to] = [await newStore(), await open()];
      const { datasetId, folder } = await exported(from);
      const first = await importExperiment(to, folder);
      await to.datasets.mergeRecords(datasetId, [{ inputs: { question: "more" } }]);
      const before = await shown(to, datasetId);
      await to.experiments.deleteExperiment(first.experimentId);
      const other = await exportOfAnother(from, datasetId);
      await importExperiment(to, other);
      expect(await shown(to, datasetId)).toEqual(before);
      await Promise.all([from.close(), to.close()]);
    });

    test.skipIf(missing)("get the versions that the other store lacks", async () => {
      const [from, to] = [await newStore(), await open()];
      const { datasetId, folder } = await exported(from);
      await importExperiment(to, folder);
      await from.datasets.mergeRecords(datasetId, [
        { inputs: { question: "more" } },
        { inputs: { question: 'What is 9? \u2028 "quoted"' }, outputs: "nine" },
      ]);
      const [, second] = await allRecords(from.datasets, datasetId);
      await from.datasets.deleteRecords(datasetId, [second?.recordId ?? ""]);
      await importExperiment(to, await exportOfAnother(from, datasetId));
      const [there, here] = [await shown(from, datasetId), await shown(to, datasetId)];
      expect(here.versions).toEqual(there.versions);
      expect(here.versions).toHaveLength(5);
      expect(here.records).toEqual(there.records);
      await Promise.all([from.close(), to.close()]);
    });

    test.skipIf(missing)(
      "with other records under one version are refused, unless left out",
      async () => {
        const [from, to] = [await newStore(), await open()];
        const { datasetId, folder } = await exported(from);
        await importExperiment(to, folder);
        await from.datasets.mergeRecords(datasetId, [{ inputs: { question: "here" } }]);
        await to.datasets.mergeRecords(datasetId, [{ inputs: { question: "there" } }]);
        const other = await exportOfAnother(from, datasetId);
        const before = await shown(to, datasetId);
        await expect(importExperiment(to, other)).rejects.toMatchObject({
          code: "conflict",
          message: expect.stringContaining(
            'Version 4 of the dataset "support" holds other records',
          ),
        });
        expect(await to.experiments.getExperimentByName("another")).toBeUndefined();
        expect(await shown(to, datasetId)).toEqual(before);
        await importExperiment(to, other, { withoutDatasets: true });
        expect(await shown(to, datasetId)).toEqual(before);
        await Promise.all([from.close(), to.close()]);
      },
    );

    test.skipIf(missing)("are refused where another dataset has their name", async () => {
      const [from, to] = [await newStore(), await open()];
      const { folder, datasetId } = await exported(from);
      await to.datasets.createDataset({ name: NAME });
      await expect(importExperiment(to, folder)).rejects.toMatchObject({
        code: "already-exists",
        message: expect.stringContaining('Another dataset of this store is called "support"'),
      });
      expect(await to.datasets.getDataset(datasetId)).toBeUndefined();
      expect(await to.experiments.countExperiments({ lifecycle: "all" })).toBe(0);
      await Promise.all([from.close(), to.close()]);
    });

    test.skipIf(missing)(
      "go again when the import fails, and when their digest is wrong",
      async () => {
        const [from, to] = [await newStore(), await open()];
        const { folder, datasetId } = await exported(from);
        const intact = bytesIn(folder);
        forge(folder, "runs", (text) => text.replace(/"status":"\w+"/, '"status":"EVIL"'));
        await expect(importExperiment(to, folder)).rejects.toThrow(/status is not one of/);
        for (const [file, text] of intact) writeFileSync(join(folder, file), text);
        forge(folder, "dataset_records", (text) => text.replace("seven", "eight"));
        await expect(importExperiment(to, folder)).rejects.toThrow(
          /The records of version 2 of the dataset "support" have the digest/,
        );
        for (const [file, text] of intact) writeFileSync(join(folder, file), text);
        forge(folder, "dataset_records", (text) => text.split("\n").toReversed().join("\n").trim());
        await expect(importExperiment(to, folder)).rejects.toThrow(
          /The records of version 1 of the dataset "support" have the digest/,
        );
        expect(await to.datasets.listDatasets()).toEqual([]);
        for (const [file, text] of intact) writeFileSync(join(folder, file), text);
        await importExperiment(to, folder);
        expect(await shown(to, datasetId)).toEqual(await shown(from, datasetId));
        await Promise.all([from.close(), to.close()]);
      },
    );

    test.skipIf(missing)("leave out what is just being written", async () => {
      const [from, to] = [await open(), await newStore()];
      const datasetId = await fill(from);
      const { experimentId } = await from.experiments.createExperiment("e");
      await from.datasets.addToExperiments(datasetId, [experimentId]);
      const before = await shown(from, datasetId);
      const folder = join(tempFolder(), "export");
      async function* records() {
        for (let at = 0; at < 600; at++)
          yield { inputs: { question: `What is ${at}? \u2028 "quoted"` }, tags: { at } };
        await exportExperiment(from, experimentId, folder);
        yield { inputs: { last: true } };
      }
      await from.datasets.mergeRecords(datasetId, records());
      const imported = await importExperiment(to, folder);
      const { lastUpdateTime: _, ...dataset } = before.dataset;
      expect(await shown(to, datasetId)).toMatchObject({ ...before, dataset });
      // It was the experiment's own, so it is that of the new one.
      expect((await to.datasets.getDataset(datasetId))?.experimentIds).toEqual([
        imported.experimentId,
      ]);
      await Promise.all([from.close(), to.close()]);
    });
  },
);

test("an imported evaluation still resolves the version that it ran on", async () => {
  const [from, to] = [tempFolder(), tempFolder()].map((folder) => `sqlite:///${folder}/assay.db`);
  setTrackingUri(from as string);
  const source = await openStore(from as string);
  await fill(source);
  const options = { data: `datasets:/${NAME}@2`, extraMetrics: [exactMatch()] };
  const { runId, experimentId } = await evaluate({ ...options, model: async () => "x" });
  const folder = join(tempFolder(), "export");
  await exportExperiment(source, experimentId, folder);
  const target = await openStore(to as string);
  await importExperiment(target, folder);
  const run = await target.runs.getRun(runId);
  expect(run?.params).toMatchObject({ data: NAME, data_version: "2" });
  const { dataset } = (await target.results.getEvaluation(runId)) ?? {};
  const version = await target.datasets.getVersion(dataset?.datasetId ?? "", 2);
  expect(version).toMatchObject({ digest: run?.params.data_digest, rowCount: 301 });
  setTrackingUri(to as string);
  const again = await evaluate({ ...options, model: async () => "x" });
  expect((await target.runs.getRun(again.runId))?.params.data_digest).toBe(run?.params.data_digest);
  await Promise.all([source.close(), target.close(), closeStores()]);
});

/** Another experiment with a run that names the dataset. */
async function exportOfAnother(from: TrackingStore, datasetId: string): Promise<string> {
  const { experimentId } = await from.experiments.createExperiment("another");
  await runNaming(from, experimentId, datasetId);
  const folder = join(tempFolder(), "another");
  await exportExperiment(from, experimentId, folder);
  return folder;
}

/** Changes a table as somebody would who knows the format. */
function forge(folder: string, table: string, change: (text: string) => string): void {
  const path = join(folder, "rows", `${table}.jsonl`);
  const before = readFileSync(path, "utf8");
  const text = change(before);
  writeFileSync(path, text);
  const digest = (content: string) => createHash("sha256").update(content).digest("hex");
  const manifest = join(folder, "manifest.json");
  const changed = readFileSync(manifest, "utf8").replace(digest(before), digest(text));
  writeFileSync(manifest, changed);
}
