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
  // 0.1 ms a row: 100 rows take two times the 5 ms of the engine.
  const tables = [table(700, transactions, 0.1), table(130, transactions, 0.1)];
  expect(await new Chunks(engineWith(transactions)).remove(tables)).toBe(130);
  expect(transactions.reduce((sum, count) => sum + count, 0)).toBe(830);
  expect(transactions[0]).toBe(500);
  expect(Math.max(...transactions.slice(1))).toBeLessThanOrEqual(220);
});

test("no transaction has more than ten thousand rows, however fast they go", async () => {
  const transactions: number[] = [];
  await new Chunks(engineWith(transactions)).remove([table(100_000, transactions)]);
  expect(Math.max(...transactions)).toBe(10_000);
});
