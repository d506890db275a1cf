import type { Transaction } from "kysely";
import { expect, test } from "vitest";
import type { SqlEngine } from "../../src/store/sql/engine.ts";
import { Chunks, type Removal } from "../../src/store/sql/maintenance/chunks.ts";
import type { Schema } from "../../src/store/sql/schema.ts";

/** An engine that keeps for each transaction how many rows were removed in it. */
function engineWith(transactions: number[]): SqlEngine {
  const engine: Pick<SqlEngine, "transaction" | "batchMs"> = {
    batchMs: 5,
    transaction: async (work) => {
      transactions.push(0);
      return work({} as Transaction<Schema>);
    },
  };
  return engine as SqlEngine;
}

function table(rows: number, transactions: number[], msPerRow = 0): Removal {
  let left = rows;
  return async (_transaction, most) => {
    const removed = Math.min(left, most);
    left -= removed;
    transactions[transactions.length - 1] = (transactions.at(-1) ?? 0) + removed;
    const until = performance.now() + removed * msPerRow;
    while (performance.now() < until);
    return removed;
  };
}

test("few rows of many tables go in one transaction", async () => {
  const transactions: number[] = [];
  const tables = [3, 0, 5, 1].map((rows) => table(rows, transactions));
  expect(await new Chunks(engineWith(transactions)).remove(tables)).toBe(1);
  expect(transactions).toEqual([9]);
});

test("many rows go in transactions of about the time the engine allows", async () => {
  const transactions: number[] = [];
  // 0.1 ms a row: 50 rows take the 5 ms of the engine.
  const tables = [table(700, transactions, 0.1), table(130, transactions, 0.1)];
  expect(await new Chunks(engineWith(transactions)).remove(tables)).toBe(130);
  expect(transactions.reduce((sum, count) => sum + count, 0)).toBe(830);
  expect(Math.max(...transactions)).toBeLessThanOrEqual(80);
});

test("rows that take long go a few at a time, whatever went before", async () => {
  const transactions: number[] = [];
  const asked: number[] = [];
  const slow = table(100, transactions, 1);
  const removed = await new Chunks(engineWith(transactions)).remove([
    table(5_000, transactions),
    async (transaction, most) => {
      asked.push(most);
      return slow(transaction, most);
    },
  ]);
  expect(removed).toBe(100);
  // 16 are taken on trust; they take longer than a transaction should, so that it ends.
  expect(Math.max(...asked)).toBe(16);
});

test("no statement removes more than a thousand rows, however fast they go", async () => {
  const transactions: number[] = [];
  const asked: number[] = [];
  const removal = table(100_000, transactions);
  await new Chunks(engineWith(transactions)).remove([
    async (transaction, most) => {
      asked.push(most);
      return removal(transaction, most);
    },
  ]);
  expect(Math.max(...asked)).toBe(1_000);
});
