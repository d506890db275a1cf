import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { startProgram } from "../store/child-program.ts";
import { writeWholeRun } from "../store/programs/whole-run.ts";
import { tempFolder } from "../store/temp-folder.ts";
import { newDatabase, noPostgres } from "../support/postgres.ts";
import { delays, killWhileWriting, writeInACrowd } from "./crowd-and-crash.ts";

const MINUTE_S = Number(process.env.ASSAY_FAULT_SECONDS ?? 60);
const KILLS = 30;

describe("SQLite", () => {
  test("eight processes write to one file for a minute: no lock error, nothing lost or doubled", async () => {
    const uri = `sqlite:///${join(tempFolder(), "assay.db")}`;
    expect(await writeInACrowd(uri, MINUTE_S)).toBeGreaterThan(8);
  });

  test("killed 30 times while writing, the store opens with all that was acknowledged", async () => {
    const path = join(tempFolder(), "assay.db");
    let acknowledged = 0;
    for (const delayMs of delays(KILLS, 600)) {
      acknowledged += await killWhileWriting(`sqlite:///${path}`, delayMs);
    }
    expect(acknowledged).toBeGreaterThan(KILLS);
    const database = new Database(path, { readonly: true });
    expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
    expect(database.pragma("foreign_key_check")).toEqual([]);
    database.close();
  });

  test("five seconds of a foreign write lock pause the event loop for less than 20 ms", async () => {
    const path = join(tempFolder(), "assay.db");
    const store = await openStore(`sqlite:///${path}`);
    const { experimentId } = await store.experiments.ensureExperiment("e");
    // Everything compiled and prepared once.
    for (let at = 0; at < 20; at++) await writeWholeRun(store, experimentId);
    const holder = startProgram("hold-lock.ts", path);
    for await (const line of holder.lines) if (line === "held") break;

    const writing = Array.from({ length: 50 }, () => writeWholeRun(store, experimentId));
    let longest = 0;
    const end = performance.now() + 5000;
    for (let before = performance.now(); before < end; ) {
      await nextTurn();
      const now = performance.now();
      longest = Math.max(longest, now - before);
      before = now;
    }
    // Reading goes on all the while.
    expect(await store.runs.listRuns({})).toHaveLength(20);
    holder.send("release");
    await Promise.all(writing);
    await holder.ended;
    expect(await store.runs.listRuns({})).toHaveLength(70);
    await store.close();
    expect(longest).toBeLessThan(20);
  });
});

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ""}`, () => {
  test("eight processes write to one database for a minute: nothing lost or doubled", async () => {
    expect(await writeInACrowd(await newDatabase(), MINUTE_S)).toBeGreaterThan(8);
  });

  test("killed 30 times while writing, the store holds all that was acknowledged", async () => {
    const uri = await newDatabase();
    let acknowledged = 0;
    for (const delayMs of delays(KILLS, 600)) acknowledged += await killWhileWriting(uri, delayMs);
    expect(acknowledged).toBeGreaterThan(KILLS);
  });
});
