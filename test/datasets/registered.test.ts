import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { openSource, RegisteredDataset } from "../../src/datasets/index.ts";
import type { DatasetStore } from "../../src/store/index.ts";
import { rowsOf, useTempStore } from "../evaluate/temp-store.ts";
import { tempFolder } from "../store/temp-folder.ts";

const at = useTempStore();
let datasets: DatasetStore;
let support: RegisteredDataset;

beforeEach(async () => {
  ({ datasets } = await at.open());
  support = new RegisteredDataset(datasets, await datasets.createDataset({ name: "support.v2" }));
});

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

async function recordsOf(dataset: RegisteredDataset) {
  const found = [];
  for await (const record of dataset.records()) {
    const { recordId: _, createdTime: _made, lastUpdateTime: _changed, ...content } = record;
    found.push(content);
  }
  return found;
}

const FRANCE = { id: "fr", question: "Capital of France?", answer: "Paris" };
const ITALY = { question: "Capital of Italy?", answer: "Rome" };

function echo(inputs: { question: string }) {
  return inputs.question;
}

function always() {
  return true;
}

describe("merging rows", () => {
  test("flat rows become inputs and the expected answer, as evaluate reads them", async () => {
    const merged = await support.mergeRecords([{ ...FRANCE, id: 7, tags: { a: 1 } }, ITALY], {
      targets: "answer",
      updatedBy: "ada",
    });
    expect(merged).toEqual({
      inserted: 2,
      updated: 0,
      unchanged: 0,
      version: 1,
      digest: sha256(
        '[{"expectations":{"expected_response":"Paris"},"id":"7","inputs":{"question":"Capital of France?"},"tags":{"a":1}},' +
          '{"expectations":{"expected_response":"Rome"},"inputs":{"question":"Capital of Italy?"}}]',
      ),
    });
    expect(support).toMatchObject({ version: 1, rowCount: 2, digest: merged.digest });
    expect((await recordsOf(support))[0]).toEqual({
      id: "7",
      inputs: { question: "Capital of France?" },
      expectations: { expected_response: "Paris" },
      tags: { a: 1 },
      createdBy: "ada",
      lastUpdatedBy: "ada",
    });
  });

  test("files, iterables, streams and other registered datasets are taken alike", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "rows.jsonl"), `${JSON.stringify(FRANCE)}\n`);
    await support.mergeRecords("rows.jsonl", { baseDir: folder, targets: "answer" });
    async function* stream() {
      yield { inputs: { question: "q" }, source: { source_type: "HUMAN" }, context: null };
    }
    await support.mergeRecords(stream());
    await support.mergeRecords(new Set([{ input: "i", expected: "e" }]));
    const expected = [
      {
        id: "fr",
        inputs: { question: "Capital of France?" },
        expectations: { expected_response: "Paris" },
        tags: {},
      },
      {
        inputs: { question: "q" },
        expectations: {},
        tags: {},
        source: { source_type: "HUMAN" },
      },
      { inputs: { input: "i" }, expectations: { expected_response: "e" }, tags: {} },
    ];
    expect(await recordsOf(support)).toEqual(expected);
    for (const [name, data] of [
      ["by name", "datasets:/support.v2@3"],
      ["by object", support],
    ] as const) {
      const copy = new RegisteredDataset(datasets, await datasets.createDataset({ name }));
      expect((await copy.mergeRecords(data)).digest).toBe(support.digest);
    }
  });

  test("a column that a record has no place for is refused, and nothing is kept", async () => {
    const rows = [{ inputs: { q: 1 } }, { inputs: { q: 2 }, topic: "x", level: 2 }];
    await expect(support.mergeRecords(rows)).rejects.toMatchObject({
      code: "invalid-argument",
      message:
        "row 2: a registered dataset has no place for topic, level beside inputs. Put it into inputs or metadata",
    });
    expect((await datasets.getDataset(support.datasetId))?.version).toBe(0);
  });

  test("an object that stands for one version cannot be changed", async () => {
    await support.mergeRecords([FRANCE]);
    const version = await datasets.getVersion(support.datasetId, 1);
    const pinned = new RegisteredDataset(datasets, support.toJSON(), version);
    await expect(pinned.mergeRecords([ITALY])).rejects.toMatchObject({ code: "conflict" });
    await expect(pinned.deleteRecords([])).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("evaluating on a registered dataset", () => {
  const planOf = async (runId: string) => {
    const store = await at.open();
    return (await store.results.getEvaluation(runId))?.dataset;
  };

  test("the run records name, version and digest, and what it used", async () => {
    const { digest } = await support.mergeRecords([FRANCE, ITALY], { targets: "answer" });
    await support.mergeRecords([{ question: "q" }]);
    const result = await at.evaluate({
      data: "datasets:/support.v2@1",
      model: echo,
      modelType: "question-answering",
    });
    expect(result).toMatchObject({ name: "support.v2", counts: { rows: 2, completed: 2 } });
    const { datasetId } = support;
    expect(await planOf(result.runId)).toEqual({
      name: "support.v2",
      datasetId,
      version: 1,
      digest,
    });
    const run = await (await at.open()).runs.getRun(result.runId);
    expect(run?.params).toMatchObject({
      data: "support.v2",
      data_digest: digest,
      data_version: "1",
    });
    expect(run?.inputs.datasets).toEqual([
      {
        dataset: {
          name: "support.v2",
          digest: digest.slice(0, 36),
          sourceType: "assay-dataset",
          source: JSON.stringify({ dataset_id: datasetId, name: "support.v2", version: 1 }),
        },
        tags: { "mlflow.data.context": "evaluation" },
      },
    ]);
    const rows = await rowsOf(result);
    expect(rows.map(({ rowKey }) => rowKey)).toEqual([
      "fr",
      sha256(
        '{"expectations":{"expected_response":"Rome"},"inputs":{"question":"Capital of Italy?"}}',
      ),
    ]);
    expect(rows[0]?.expectations).toEqual({ expected_response: "Paris" });
  });

  test("the latest version of the start is used to the end, and survives the dataset", async () => {
    await support.mergeRecords([FRANCE, ITALY]);
    const result = await at.evaluate({
      data: support,
      concurrency: 1,
      model: async (inputs) => {
        await support.mergeRecords([{ question: `${inputs.question} Again.` }]);
        return "fine";
      },
      scorers: [always],
    });
    expect(result.counts).toMatchObject({ rows: 2, completed: 2 });
    expect(support.version).toBe(3);
    expect(await planOf(result.runId)).toMatchObject({ version: 1 });
    await datasets.deleteDataset(support.datasetId);
    expect(await planOf(result.runId)).toMatchObject({ name: "support.v2", version: 1 });
    expect(await rowsOf(result)).toHaveLength(2);
  });

  test("a getDataset of one version is evaluated on that version", async () => {
    await support.mergeRecords([{ ...FRANCE, outputs: "Paris" }]);
    await support.mergeRecords([ITALY]);
    const version = await datasets.getVersion(support.datasetId, 1);
    const data = new RegisteredDataset(datasets, support.toJSON(), version);
    const result = await at.evaluate({ data, scorers: [always] });
    expect(result.counts.rows).toBe(1);
  });

  test("a dataset or version that is not there is refused, naming those there are", async () => {
    const message = async (data: string) => {
      const [outcome] = await Promise.allSettled([at.evaluate({ data, model: echo })]);
      return outcome.status === "rejected" && outcome.reason.message;
    };
    expect(await message("datasets:/suport")).toBe(
      'No dataset named "suport" is in this tracking store. There are: support.v2',
    );
    expect(await message("datasets:/support.v2")).toBe('The dataset "support.v2" holds no rows');
    expect(await message("datasets:/support.v2@1")).toBe(
      'The dataset "support.v2" has no version 1; nothing was merged into it yet',
    );
    await support.mergeRecords([FRANCE]);
    expect(await message("datasets:/support.v2@2")).toBe(
      'The dataset "support.v2" has no version 2; it has version 1',
    );
  });

  test("without a tracking store there are no registered datasets", async () => {
    await expect(openSource("datasets:/support")).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});
