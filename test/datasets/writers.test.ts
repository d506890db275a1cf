import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isAssayError, systemClock } from "../../src/core/index.ts";
import { type NewDatasetRecord, openStore, type TrackingStore } from "../../src/store/index.ts";
import { outputOf, startProgram } from "../store/child-program.ts";
import { tempFolder } from "../store/temp-folder.ts";

const PROGRAM = "../../datasets/programs/merge-rows.ts";

let path: string;
let uri: string;
let store: TrackingStore;
let datasetId: string;

beforeEach(async () => {
  path = join(tempFolder(), "assay.db");
  uri = `sqlite:///${path}`;
  store = await openStore(uri);
  ({ datasetId } = await store.datasets.createDataset({ name: "d" }));
});

afterEach(() => store.close());

/** A store whose clock goes a minute fast, so that it finds every lease run out. */
const openLater = () =>
  openStore(uri, { clock: { ...systemClock, now: () => Date.now() + 60_000 } });

async function rowsOf({ datasets }: TrackingStore): Promise<unknown[]> {
  const rows: unknown[] = [];
  for await (const { inputs, outputs } of datasets.records(datasetId)) {
    rows.push([inputs.i, outputs]);
  }
  return rows;
}

/** Lines of records that are in no version, which only a writer under way has. */
function unpublishedLines(): unknown {
  const database = new Database(path, { readonly: true });
  const count = database
    .prepare(
      `select count(*) as lines from dataset_records as r join datasets as d on d.id = r.dataset
       where r.from_version > d.latest_version or r.until_version > d.latest_version`,
    )
    .get() as { lines: number };
  database.close();
  return count.lines;
}

const numbered = (from: number, to: number): NewDatasetRecord[] =>
  Array.from({ length: to - from }, (_, at) => ({ inputs: { i: from + at }, outputs: "here" }));

test("processes that merge at once are both kept", async () => {
  const programs = ["0", "300"].map((from) =>
    startProgram(PROGRAM, uri, datasetId, from, String(Number(from) + 600)),
  );
  const outputs = await Promise.all(programs.map(outputOf));
  const results = outputs.map(([line = ""]) => JSON.parse(line));
  const [first, second] = results.sort((a, b) => a.version - b.version);
  expect([first, second]).toEqual([
    { version: 1, inserted: 600, updated: 0 },
    { version: 2, inserted: 300, updated: 300 },
  ]);
  expect(await rowsOf(store)).toHaveLength(900);
});

describe("a writer that dies in the middle of a merge", () => {
  test("leaves nothing that anybody sees, and the next writer takes its lines away", async () => {
    await store.datasets.mergeRecords(datasetId, numbered(0, 5));
    const program = startProgram(PROGRAM, uri, datasetId, "3", "2003", "slowly");
    for await (const line of program.lines) {
      expect(line).toBe("written");
      program.kill("SIGKILL");
    }
    await program.ended;
    expect(unpublishedLines()).toBeGreaterThan(1000);
    expect(await rowsOf(store)).toEqual(numbered(0, 5).map((row) => [row.inputs.i, "here"]));
    const later = await openLater();
    const merged = await later.datasets.mergeRecords(datasetId, numbered(4, 7));
    expect(merged).toMatchObject({ version: 2, inserted: 2, updated: 0, unchanged: 1 });
    expect(await rowsOf(later)).toEqual(numbered(0, 7).map((row) => [row.inputs.i, "here"]));
    expect(unpublishedLines()).toBe(0);
    await later.close();
  });
});

describe("a writer that stands still until another one goes on in its place", () => {
  test("is told so and writes nothing any more", async () => {
    const gate = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    async function* slowly() {
      yield* numbered(0, 600);
      started.resolve();
      await gate.promise;
      yield* numbered(600, 1200);
    }
    const slow = store.datasets.mergeRecords(datasetId, slowly());
    await started.promise;
    const later = await openLater();
    await later.datasets.mergeRecords(datasetId, numbered(-2, 1));
    gate.resolve();
    const [outcome] = await Promise.allSettled([slow]);
    expect(outcome).toMatchObject({ reason: { code: "conflict" } });
    expect(await rowsOf(later)).toHaveLength(3);
    expect(unpublishedLines()).toBe(0);
    await later.close();
  });
});

test("a merge into a dataset that is deleted meanwhile says that it is gone", async () => {
  async function* rows() {
    yield* numbered(0, 600);
    await store.datasets.deleteDataset(datasetId);
    yield* numbered(600, 601);
  }
  const error = await store.datasets.mergeRecords(datasetId, rows()).catch((thrown) => thrown);
  expect(isAssayError(error, "not-found")).toBe(true);
  const database = new Database(path, { readonly: true });
  expect(database.prepare("select count(*) as n from dataset_records").get()).toEqual({ n: 0 });
  expect(database.prepare("select count(*) as n from dataset_removals").get()).toEqual({ n: 0 });
  database.close();
});

test("records that a dying process left of a deleted dataset go with the next deletion", async () => {
  await store.datasets.mergeRecords(datasetId, numbered(0, 3));
  const database = new Database(path);
  // As a process leaves it that ends right behind its first transaction.
  database.exec(`
    insert into dataset_removals select id from datasets;
    delete from dataset_versions; delete from datasets;`);
  const { datasetId: other } = await store.datasets.createDataset({ name: "d" });
  expect(await store.datasets.listRecords(other)).toEqual({ items: [] });
  await store.datasets.deleteDataset(other);
  expect(database.prepare("select count(*) as n from dataset_records").get()).toEqual({ n: 0 });
  database.close();
});
