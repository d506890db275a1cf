import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { beginEvaluation, newResult } from "../../src/testing/conformance/evaluation.ts";
import { tempFolder } from "./temp-folder.ts";

test("results that are being moved when the process dies are where they were", async () => {
  const file = join(tempFolder(), "assay.db");
  const store = await openStore(`sqlite:///${file}`);
  const runId = await beginEvaluation(store);
  for (const ordinal of [0, 1, 2]) await store.results.commitResult(runId, newResult(ordinal));
  const database = new Database(file);
  // The last write of the move, to which a process that is killed does not come.
  database.exec(`create trigger killed before update on results
    when new.ordinal = 0 begin select raise(abort, 'killed'); end`);
  const swapped = new Map([
    ["row-0", 2],
    ["row-1", 1],
    ["row-2", 0],
  ]);
  await expect(store.results.moveResults(runId, swapped)).rejects.toThrow(
    "SQLITE_CONSTRAINT_TRIGGER",
  );
  const places = async () => {
    const found: [string, number][] = [];
    for await (const { rowKey, ordinal } of store.results.committedTrials(runId)) {
      found.push([rowKey, ordinal]);
    }
    return found;
  };
  expect(await places()).toEqual([
    ["row-0", 0],
    ["row-1", 1],
    ["row-2", 2],
  ]);
  database.exec("drop trigger killed");
  database.close();
  await store.results.moveResults(runId, swapped);
  expect(await places()).toEqual([
    ["row-2", 0],
    ["row-1", 1],
    ["row-0", 2],
  ]);
  await store.close();
});
