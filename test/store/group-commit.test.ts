import { join } from "node:path";
import { CompiledQuery, Kysely } from "kysely";
import { describe, expect, test } from "vitest";
import { GroupCommit } from "../../src/store/sql/group-commit.ts";
import { sqliteStore } from "../../src/store/sql/open-sqlite.ts";
import type { Schema } from "../../src/store/sql/schema.ts";
import { SqliteConnection } from "../../src/store/sql/sqlite-connection.ts";
import { sqliteDialect } from "../../src/store/sql/sqlite-dialect.ts";
import { tempFolder } from "./temp-folder.ts";

function openCommits() {
  const connection = new SqliteConnection(":memory:");
  connection.database.exec("CREATE TABLE numbers (n INTEGER PRIMARY KEY)");
  const commits = new GroupCommit(new Kysely<Schema>({ dialect: sqliteDialect(connection) }));
  const insert = (n: number, then: () => void = () => undefined) =>
    commits.enqueue(async (transaction) => {
      await transaction.executeQuery(CompiledQuery.raw("INSERT INTO numbers VALUES (?)", [n]));
      then();
      return n;
    });
  const numbers = () =>
    connection.database.prepare("SELECT n FROM numbers ORDER BY n").pluck().all();
  return { connection, commits, insert, numbers };
}

describe("group commit", () => {
  test("writes that arrive together share one transaction", async () => {
    const { connection, insert, numbers } = openCommits();
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
    const { insert, numbers } = openCommits();
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
    const { insert, numbers } = openCommits();
    const mistake = new TypeError("mine");
    const failing = insert(1, () => {
      throw mistake;
    });
    const [failed] = await Promise.allSettled([failing, insert(2)]);
    expect(failed).toEqual({ status: "rejected", reason: mistake });
    expect(numbers()).toEqual([2]);
  });

  test("a lock that is not given back fails all that wait for it, once", async () => {
    const { connection, insert, numbers } = openCommits();
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

  test("a long batch gives way to the event loop, and its writes keep their order", async () => {
    const { insert, numbers } = openCommits();
    let turns = 0;
    const count = () => {
      turns += 1;
      if (turns < 1000) setImmediate(count);
    };
    setImmediate(count);
    const spend = () => {
      for (const end = performance.now() + 3; performance.now() < end; );
    };
    const order: number[] = [];
    const writes = Array.from({ length: 12 }, (_, n) => insert(n, spend).then(() => order.push(n)));
    await Promise.all(writes);
    expect(turns).toBeGreaterThan(2);
    turns = 1000;
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(numbers()).toHaveLength(12);
  });

  test("drained waits for what was enqueued", async () => {
    const { commits, insert, numbers } = openCommits();
    await commits.drained();
    const writing = Promise.all([insert(1), insert(2)]);
    await commits.drained();
    expect(numbers()).toEqual([1, 2]);
    await writing;
  });
});

test("a full disk is unavailable; with space again the store goes on working", async () => {
  const folder = tempFolder();
  const connection = new SqliteConnection(join(folder, "assay.db"));
  const store = await sqliteStore(connection, { uri: "sqlite:///assay.db" });
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

  const full = { code: "unavailable", message: expect.stringContaining("full") };
  await expect(commit(0, 100_000)).rejects.toMatchObject(full);
  await expect(store.runs.setTags(runId, { big: "x".repeat(100_000) })).rejects.toMatchObject(full);
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
