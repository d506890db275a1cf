import { allRecords, numbered, sha256 } from "./dataset-kit.ts";
import { rejection, type StoreTest, type TestRunner } from "./kit.ts";

/** What versions hold, and by what they are told apart. */
export function datasetVersions({ expect }: TestRunner, test: StoreTest): void {
  test("the digest is the sha256 of the canonical JSON of all rows", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    const first = await datasets.mergeRecords(datasetId, [
      { inputs: { question: "Où?", context: [1.5, null] } },
      {
        id: "q2",
        inputs: { b: 1, a: { d: true, c: "\u0000\ud800" } },
        expectations: { expected_response: "Paris" },
        outputs: "Lyon",
        context: ["x"],
        metadata: { page: 3 },
        tags: { lang: "fr" },
        source: { source_type: "HUMAN" },
      },
    ]);
    const rows = [
      '{"expectations":{},"inputs":{"context":[1.5,null],"question":"Où?"}}',
      '{"context":["x"],"expectations":{"expected_response":"Paris"},"id":"q2",' +
        '"inputs":{"a":{"c":"\\u0000\\ud800","d":true},"b":1},"metadata":{"page":3},' +
        '"outputs":"Lyon","tags":{"lang":"fr"}}',
    ];
    expect(first).toEqual({
      inserted: 2,
      updated: 0,
      unchanged: 0,
      version: 1,
      digest: sha256(`[${rows.join(",")}]`),
    });
    const dataset = await datasets.getDataset(datasetId);
    expect([dataset?.version, dataset?.digest, dataset?.rowCount]).toEqual([1, first.digest, 2]);
  });

  test("equal rows have equal digests, whatever their history", async ({ datasets }) => {
    const [one, two] = [
      await datasets.createDataset({ name: "one" }),
      await datasets.createDataset({ name: "two" }),
    ];
    await datasets.mergeRecords(one.datasetId, numbered(700));
    for (const from of [0, 100, 400]) {
      await datasets.mergeRecords(two.datasetId, numbered(300, from));
    }
    await datasets.mergeRecords(two.datasetId, [{ inputs: { i: 9 }, tags: { seen: true } }]);
    expect((await datasets.getDataset(one.datasetId))?.digest).toBe(
      (await datasets.getVersion(two.datasetId, 3))?.digest,
    );
    await datasets.mergeRecords(two.datasetId, [{ inputs: { i: 9 }, tags: null }]);
    const [latest, , third] = await datasets.listVersions(two.datasetId);
    expect([latest?.version, latest?.digest]).toEqual([5, third?.digest]);
  });

  test("a version stays as it was, whatever is merged and deleted later", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    await datasets.mergeRecords(datasetId, numbered(3), { updatedBy: "ada" });
    const first = await allRecords(datasets, datasetId);
    await datasets.mergeRecords(datasetId, [
      { inputs: { i: 1 }, expectations: { expected_response: "b" } },
      { inputs: { i: 3 } },
    ]);
    const removed = await datasets.deleteRecords(datasetId, [first[0]?.recordId ?? "", "dr-none"]);
    expect(removed).toEqual({
      deleted: 1,
      version: 3,
      digest: sha256(
        '[{"expectations":{"expected_response":"b"},"inputs":{"i":1}},{"expectations":{},"inputs":{"i":2}},{"expectations":{},"inputs":{"i":3}}]',
      ),
    });
    expect(await allRecords(datasets, datasetId, 1)).toEqual(first);
    const inputs = async (version: number) =>
      (await allRecords(datasets, datasetId, version)).map((record) => record.inputs.i);
    expect([await inputs(2), await inputs(3)]).toEqual([
      [0, 1, 2, 3],
      [1, 2, 3],
    ]);
    const listed = await datasets.listVersions(datasetId);
    expect(listed.map(({ version, rowCount }) => [version, rowCount])).toEqual([
      [3, 3],
      [2, 4],
      [1, 3],
    ]);
    expect(await datasets.getVersion(datasetId, 1)).toEqual(listed[2]);
    expect(listed[2]?.createdBy).toBe("ada");
    expect(await datasets.getVersion(datasetId, 4)).toBe(undefined);
  });

  test("a deleted record that is merged again is a new one at the end", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    await datasets.mergeRecords(datasetId, numbered(2));
    const [first] = await allRecords(datasets, datasetId);
    await datasets.deleteRecords(datasetId, [first?.recordId ?? ""]);
    await datasets.mergeRecords(datasetId, numbered(1));
    const records = await allRecords(datasets, datasetId);
    expect(records.map((record) => record.inputs.i)).toEqual([1, 0]);
    expect(records[1]?.recordId === first?.recordId).toBe(false);
  });

  test("deleting nothing makes no version, deleting everything one of no rows", async ({
    datasets,
  }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    const nothing = { deleted: 0, version: 0, digest: sha256("[]") };
    expect(await datasets.deleteRecords(datasetId, ["dr-none"])).toEqual(nothing);
    const { digest } = await datasets.mergeRecords(datasetId, numbered(2));
    expect(await datasets.deleteRecords(datasetId, [])).toEqual({ deleted: 0, version: 1, digest });
    const ids = (await allRecords(datasets, datasetId)).map((record) => record.recordId);
    const all = { deleted: 2, version: 2, digest: sha256("[]") };
    expect(await datasets.deleteRecords(datasetId, [...ids, ...ids])).toEqual(all);
    expect(await allRecords(datasets, datasetId)).toEqual([]);
  });

  test("an unknown version is refused, naming those there are", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    const refusal = async (version: number) =>
      (await rejection(allRecords(datasets, datasetId, version))).message;
    expect(await refusal(1)).toBe(
      'The dataset "d" has no version 1; nothing was merged into it yet',
    );
    await datasets.mergeRecords(datasetId, numbered(1));
    expect(await refusal(2)).toBe('The dataset "d" has no version 2; it has version 1');
    await datasets.mergeRecords(datasetId, numbered(2));
    expect(await refusal(0)).toBe('The dataset "d" has no version 0; it has versions 1 to 2');
  });

  test("pages have every record once and stay with their version", async ({ datasets }) => {
    const { datasetId } = await datasets.createDataset({ name: "d" });
    await datasets.mergeRecords(datasetId, numbered(5));
    const first = await datasets.listRecords(datasetId, { maxResults: 2 });
    await datasets.mergeRecords(datasetId, [{ inputs: { i: 4 }, outputs: 1 }, ...numbered(3, 5)]);
    const found = [...first.items];
    let pageToken = first.nextPageToken;
    while (pageToken !== undefined) {
      const page = await datasets.listRecords(datasetId, { maxResults: 2, pageToken });
      found.push(...page.items);
      pageToken = page.nextPageToken;
    }
    expect(found).toEqual(await allRecords(datasets, datasetId, 1));
    const whole = await datasets.listRecords(datasetId, { version: 2, maxResults: 8 });
    expect([whole.items.length, whole.nextPageToken]).toEqual([8, undefined]);
    for (const query of [
      { maxResults: 0 },
      { maxResults: 50_001 },
      { pageToken: "?" },
      { version: 2, ...(first.nextPageToken && { pageToken: first.nextPageToken }) },
    ]) {
      const { code } = await rejection(datasets.listRecords(datasetId, query));
      expect(code).toBe("invalid-argument");
    }
  });
}
