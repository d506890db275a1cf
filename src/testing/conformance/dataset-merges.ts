import type { NewDatasetRecord } from "../../store/index.ts";
import { allRecords, numbered, sha256 } from "./dataset-kit.ts";
import { rejection, type StoreTest, type TestRunner } from "./kit.ts";

const KEY = `sk-${"proj-"}${"a1B2".repeat(12)}`;

/** How records become one, and which are refused. */
export function recordMerges({ expect }: TestRunner, test: StoreTest): void {
  test("a record comes back whole, in the order of its first merge", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    const whole = {
      id: "q1",
      inputs: { question: "Capital of France?", options: ["Paris", { b: 1 }] },
      expectations: { expected_response: "Paris" },
      outputs: { answer: "Lyon" },
      context: "France …",
      metadata: { page: 3 },
      tags: { lang: "en" },
      source: { source_type: "HUMAN", source_data: { user: "ada" } },
    };
    await datasets.mergeRecords(datasetId, [whole, { inputs: { i: 2 } }], { updatedBy: "ada" });
    await datasets.mergeRecords(datasetId, [{ inputs: { i: 3 } }, whole], { updatedBy: "bob" });
    const [first, second, third] = await allRecords(datasets, datasetId);
    expect(/^dr-[0-9a-f]{32}$/.test(first?.recordId ?? "")).toBe(true);
    const { recordId: _, createdTime, lastUpdateTime, ...content } = first ?? {};
    expect(content).toEqual({ ...whole, createdBy: "ada", lastUpdatedBy: "ada" });
    expect(lastUpdateTime).toBe(createdTime);
    expect([second?.inputs, second?.expectations, second?.tags]).toEqual([{ i: 2 }, {}, {}]);
    expect("outputs" in (second ?? {})).toBe(false);
    expect([third?.inputs, third?.createdBy]).toEqual([{ i: 3 }, "bob"]);
  });

  test("records with the same inputs are one, whatever the order of keys", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    await datasets.mergeRecords(
      datasetId,
      [
        {
          id: "1",
          inputs: { a: 1, b: { c: 2, d: 3 } },
          expectations: { x: 1, y: 1 },
          outputs: "o",
        },
      ],
      { updatedBy: "ada" },
    );
    const [before] = await allRecords(datasets, datasetId);
    const merged = await datasets.mergeRecords(
      datasetId,
      [
        {
          inputs: { b: { d: 3, c: 2 }, a: 1 },
          expectations: { y: 2, z: 3 },
          tags: { t: 1 },
          context: "c",
        },
      ],
      { updatedBy: "bob" },
    );
    expect([merged.inserted, merged.updated, merged.unchanged]).toEqual([0, 1, 0]);
    const records = await allRecords(datasets, datasetId);
    expect(records.length).toBe(1);
    expect({ ...records[0], lastUpdateTime: 0 }).toEqual({
      ...before,
      expectations: { x: 1, y: 2, z: 3 },
      tags: { t: 1 },
      context: "c",
      lastUpdateTime: 0,
      lastUpdatedBy: "bob",
    });
  });

  test("outputs are replaced as a whole, as other members are; null takes a member away", async ({
    datasets,
  }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    const merged = async (more: Omit<NewDatasetRecord, "inputs">) => {
      await datasets.mergeRecords(datasetId, [{ inputs: { i: 1 }, ...more }]);
      const [record] = await allRecords(datasets, datasetId);
      const { id, outputs, metadata, expectations } = record ?? {};
      return { id, outputs, metadata, expectations };
    };
    const start = { id: "a", outputs: { x: 1 }, metadata: { m: 1 }, expectations: { e: 1 } };
    expect(await merged(start)).toEqual(start);
    const next = await merged({ id: "b", outputs: { y: 2 }, metadata: { n: 2 } });
    expect(next).toEqual({ ...start, id: "b", outputs: { y: 2 }, metadata: { n: 2 } });
    expect((await merged({ outputs: [1] })).outputs).toEqual([1]);
    expect(await merged({ id: null, outputs: null, metadata: null, expectations: null })).toEqual({
      id: undefined,
      outputs: undefined,
      metadata: undefined,
      expectations: {},
    });
  });

  test("equal inputs in one merge are taken in order, also far apart", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    const merge = await datasets.mergeRecords(datasetId, [
      { inputs: { i: 0 }, expectations: { a: 1, b: 1 } },
      { inputs: { i: 0 }, expectations: { b: 2 } },
      ...numbered(600),
      { inputs: { i: 0 }, expectations: { c: 3 } },
      { inputs: { i: 5 }, tags: { late: true } },
    ]);
    const { inserted, updated, unchanged, version } = merge;
    expect([inserted, updated, unchanged, version]).toEqual([600, 3, 1, 1]);
    const records = await allRecords(datasets, datasetId);
    expect(records.length).toBe(600);
    expect(records[0]?.expectations).toEqual({ a: 1, b: 2, c: 3 });
    expect(records[5]?.tags).toEqual({ late: true });
  });

  test("records may be large", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    const rows = [0, 1, 2, 3].map((i) => ({ inputs: { i }, context: `${i}`.repeat(700_000) }));
    expect((await datasets.mergeRecords(datasetId, [...rows, ...rows])).inserted).toBe(4);
    const contexts = (await allRecords(datasets, datasetId)).map((record) => record.context);
    expect(contexts).toEqual(rows.map((row) => row.context));
  });

  test("a merge that changes nothing makes no version", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    const none = { inserted: 0, updated: 0, unchanged: 0, version: 0, digest: sha256("[]") };
    expect(await datasets.mergeRecords(datasetId, [])).toEqual(none);
    const rows = [{ id: "a", inputs: { b: 1, a: 2 }, expectations: { y: 1, x: [{ d: 1, c: 2 }] } }];
    const { digest } = await datasets.mergeRecords(datasetId, rows);
    const again = await datasets.mergeRecords(datasetId, [
      { inputs: { a: 2, b: 1 }, expectations: { x: [{ c: 2, d: 1 }] } },
      { inputs: { a: 2, b: 1 } },
    ]);
    expect(again).toEqual({ inserted: 0, updated: 0, unchanged: 2, version: 1, digest });
    expect((await datasets.listVersions(datasetId)).length).toBe(1);
  });

  test("two records cannot have one id; it can go to another one", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    await datasets.mergeRecords(datasetId, [{ id: "a", inputs: { i: 1 } }]);
    const { code, message } = await rejection(
      datasets.mergeRecords(datasetId, [{ inputs: { i: 2 } }, { id: "a", inputs: { i: 3 } }]),
    );
    expect(code).toBe("invalid-argument");
    expect(message.startsWith("Record 2: ") && message.includes('"a"')).toBe(true);
    const twice = [
      { id: "b", inputs: { i: 4 } },
      { id: "b", inputs: { i: 5 } },
    ];
    expect((await rejection(datasets.mergeRecords(datasetId, twice))).code).toBe(
      "invalid-argument",
    );
    expect((await datasets.getDataset(datasetId))?.rowCount).toBe(1);
    await datasets.mergeRecords(datasetId, [
      { id: null, inputs: { i: 1 } },
      { id: "a", inputs: { i: 2 } },
    ]);
    const ids = (await allRecords(datasets, datasetId)).map((record) => record.id);
    expect(ids).toEqual([undefined, "a"]);
  });

  test("a record that cannot be used is refused with its number", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    const cycle: { [key: string]: unknown } = {};
    cycle.self = cycle;
    for (const record of [
      {},
      { inputs: {} },
      { inputs: {}, expectations: {}, outputs: null, id: "a" },
      { inputs: "text" },
      { inputs: [1] },
      { inputs: { a: 1 }, expectations: "text" },
      { inputs: { a: 1 }, tags: ["x"] },
      { inputs: { a: 1 }, id: 7 },
      { inputs: { a: 1 }, id: "" },
      { inputs: cycle },
      { inputs: { a: 1n } },
      "text",
    ]) {
      const records = [{ inputs: { fine: true } }, record] as NewDatasetRecord[];
      const { code, message } = await rejection(datasets.mergeRecords(datasetId, records));
      expect([code, message.slice(0, 10)]).toEqual(["invalid-argument", "Record 2: "]);
    }
    expect((await datasets.getDataset(datasetId))?.version).toBe(0);
    const fine = { inputs: {}, expectations: { expected_response: "hello" } };
    expect((await datasets.mergeRecords(datasetId, [fine])).inserted).toBe(1);
  });

  test("secrets are taken out before anything is compared or kept", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    const rows = [{ inputs: { text: `use ${KEY}` }, outputs: KEY, tags: { api_key: KEY } }];
    await datasets.mergeRecords(datasetId, rows);
    expect((await datasets.mergeRecords(datasetId, rows)).unchanged).toBe(1);
    const text = JSON.stringify(await allRecords(datasets, datasetId));
    expect([text.includes(KEY), text.includes("use ")]).toEqual([false, true]);
  });
}
