import { join } from "node:path";
import { CompiledQuery } from "kysely";
import { describe, expect, test } from "vitest";
import { GroupCommit } from "../../src/store/sql/group-commit.ts";
import { sqlStore } from "../../src/store/sql/open.ts";
import { SqliteConnection } from "../../src/store/sql/sqlite/connection.ts";
import { sqliteEngine } from "../../src/store/sql/sqlite/engine.ts";
import { engineOn } from "../../src/store/sql/sqlite/open.ts";
import { tempFolder } from "./temp-folder.ts";

interface Item {
  readonly n: number;
  readonly size?: number;
  readonly afterwards?: () => void;
}

async function openCommits() {
  const connection = new SqliteConnection(":memory:");
  connection.database.exec("CREATE TABLE numbers (n INTEGER PRIMARY KEY)");
  const commits = new GroupCommit(await sqliteEngine(connection, connection));
  const insertAll = commits.channel<Item, number>({
    apply: async (transaction, items) => {
      for (const { n, afterwards } of items) {
        await transaction.executeQuery(CompiledQuery.raw("INSERT INTO numbers VALUES (?)", [n]));
        afterwards?.();
      }
      return items.map(({ n }) => n);
    },
    sizeOf: ({ size = 0 }) => size,
  });
  const insert = async (n: number, more: Omit<Item, "n"> = {}) =>
    (await insertAll([{ n, ...more }]))[0];
  const numbers = () =>
    connection.database.prepare("SELECT n FROM numbers ORDER BY n").pluck().all();
  return { connection, commits, insert, insertAll, numbers };
}

describe("group commit", () => {
  test("writes that arrive together share one transaction", async () => {
    const { connection, insert, numbers } = await openCommits();
    let transactions = 0;
    const begin = connection.begin.bind(connection);
    connection.begin = () => {
      transactions += 1;
      return begin();
    };
    expect(await Promise.all([1, 2, 3].map((n) => insert(n)))).toEqual([1, 2, 3]);
    expect(numbers()).toEqual([1, 2, 3]);
    expect(transactions).toBe(1);
  });

  test("one bad write fails alone", async () => {
    const { insert, numbers } = await openCommits();
    const settled = await Promise.allSettled([insert(1), insert(2), insert(1), insert(3)]);
    expect(settled.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(settled[2]).toMatchObject({ reason: { code: "already-exists" } });
    expect(numbers()).toEqual([1, 2, 3]);
  });

  test("what a write itself throws reaches its caller as it is", async () => {
    const { insert, numbers } = await openCommits();
    const mistake = new TypeError("mine");
    const failing = insert(1, {
      afterwards: () => {
        throw mistake;
      },
    });
    const [failed] = await Promise.allSettled([failing, insert(2)]);
    expect(failed).toEqual({ status: "rejected", reason: mistake });
    expect(numbers()).toEqual([2]);
  });

  test("a lock that is not given back fails all that wait for it, once", async () => {
    const { connection, insert, numbers } = await openCommits();
    const begin = connection.begin.bind(connection);
    let attempts = 0;
    const locked = new Error("locked");
    connection.begin = async () => {
      attempts += 1;
      throw locked;
    };
    const settled = await Promise.allSettled([insert(1), insert(2)]);
    expect(settled.map((one) => one.status === "rejected" && one.reason)).toEqual([locked, locked]);
    expect(attempts).toBe(1);
    connection.begin = begin;
    await insert(3);
    expect(numbers()).toEqual([3]);
  });

  test("much text is written in several transactions, in order, and the event loop goes on between", async () => {
    const { insert, numbers } = await openCommits();
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const order: number[] = [];
    const size = 600_000;
    await Promise.all(
      Array.from({ length: 12 }, (_, n) => insert(n, { size }).then(() => order.push(n))),
    );
    isDone = true;
    expect(turns).toBeGreaterThanOrEqual(12);
    expect(order).toEqual([...Array(12).keys()]);
    expect(numbers()).toHaveLength(12);
  });

  test("what one caller gives at once is kept whole or not at all", async () => {
    const { insertAll, numbers } = await openCommits();
    const [good, bad, other] = await Promise.allSettled([
      insertAll([{ n: 1 }, { n: 2 }]),
      insertAll([{ n: 3 }, { n: 1 }]),
      insertAll([{ n: 4 }]),
    ]);
    expect(good).toEqual({ status: "fulfilled", value: [1, 2] });
    expect(bad).toMatchObject({ status: "rejected", reason: { code: "already-exists" } });
    expect(other).toEqual({ status: "fulfilled", value: [4] });
    expect(numbers()).toEqual([1, 2, 4]);
  });

  test("drained waits for what was enqueued", async () => {
    const { commits, insert, numbers } = await openCommits();
    await commits.drained();
    const writing = Promise.all([insert(1), insert(2)]);
    await commits.drained();
    expect(numbers()).toEqual([1, 2]);
    await writing;
  });
});

test("a full disk makes the store unavailable; with space again the store goes on working", async () => {
  const folder = tempFolder();
  const connection = new SqliteConnection(join(folder, "assay.db"));
  const store = sqlStore(await engineOn(connection), {
    uri: "sqlite:///assay.db",
    artifactRoot: folder,
  });
  const { experimentId } = await store.experiments.createExperiment("e");
  const { runId } = await store.runs.createRun({ experimentId });
  await store.results.beginEvaluation(runId, {
    name: "e",
    trials: 1,
    scorers: [],
    dataset: { name: "d" },
  });
  const commit = (ordinal: number, size: number) =>
    store.results.commitResult(runId, {
      rowKey: String(ordinal),
      ordinal,
      trial: 0,
      inputs: {},
      expectations: {},
      outcome: { outputs: "x".repeat(size) },
    });
  const pages = connection.database.pragma("page_count", { simple: true });
  connection.database.pragma(`max_page_count = ${pages}`);

  const full = { code: "store-unavailable", message: expect.stringContaining("full") };
  await expect(commit(0, 100_000)).rejects.toMatchObject(full);
  await expect(store.runs.logBatch(runId, { tags: bigTags(15) })).rejects.toMatchObject(full);
  const [big, small] = await Promise.allSettled([commit(1, 100_000), commit(2, 1)]);
  expect(big).toMatchObject({ status: "rejected", reason: full });
  expect(small.status).toBe("fulfilled");
  expect((await store.results.countResults(runId)).completed).toBe(1);

  connection.database.pragma("max_page_count = 1000000");
  await commit(0, 100_000);
  await commit(1, 100_000);
  expect((await store.results.countResults(runId)).completed).toBe(3);
  await store.close();
});

/** Tags of 8000 characters each, the most that one may have. */
function bigTags(count: number): { [key: string]: string } {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`big${at}`, "x".repeat(8000)]),
  );
}
