import { setImmediate as nextTurn } from "node:timers/promises";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { openStore, type TrackingStore } from "../../src/store/index.ts";
import { newDatabase, noPostgres, onServer } from "../support/postgres.ts";
import { outputOf, startProgram } from "./child-program.ts";

async function newRun(store: TrackingStore): Promise<string> {
  const { experimentId } = await store.experiments.ensureExperiment("e");
  return (await store.runs.createRun({ experimentId })).runId;
}

const TRACE = "a".repeat(32);

describe.skipIf(noPostgres)(`PostgreSQL${noPostgres ? ` (skipped: ${noPostgres})` : ""}`, () => {
  test("writers that take the same tags in opposite order all succeed", async () => {
    const uri = await newDatabase();
    const stores = await Promise.all([openStore(uri), openStore(uri)]);
    const runId = await newRun(stores[0]);
    const keys = Array.from({ length: 40 }, (_, at) => `tag ${at}`);
    const write = async (store: TrackingStore, order: readonly string[]) => {
      for (let round = 0; round < 40; round++) {
        const tags = Object.fromEntries(order.map((key) => [key, String(round)]));
        await store.runs.logBatch(runId, { tags });
      }
    };
    await Promise.all([write(stores[0], keys), write(stores[1], keys.toReversed())]);
    expect((await stores[0].runs.getRun(runId))?.tags["tag 0"]).toBe("39");
    await Promise.all(stores.map((store) => store.close()));
  });

  test("a write whose connection is ended in the middle of a statement is repeated, once", async () => {
    const uri = await newDatabase();
    const store = await openStore(uri);
    const runId = await newRun(store);
    const blocker = new pg.Client({ connectionString: uri });
    await blocker.connect();
    await blocker.query("begin");
    await blocker.query("lock table run_metrics in exclusive mode");
    const point = { key: "m", value: 1, timestamp: 1, step: 0 };
    const writing = store.runs.logBatch(runId, { metrics: [point] });
    const waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock'";
    while ((await onServer(waiting, uri)).rows.length === 0) await nextTurn();
    await onServer(`select pg_terminate_backend(pid) from (${waiting}) as waiting`, uri);
    await blocker.query("rollback");
    await blocker.end();
    await writing;
    expect(await store.runs.getMetricHistory(runId, "m")).toEqual([point]);
    await store.close();
  });

  test("a trace that another process begins meanwhile is completed all the same", async () => {
    const uri = await newDatabase();
    const store = await openStore(uri);
    const runId = await newRun(store);
    const { experimentId } = (await store.runs.getRun(runId)) ?? { experimentId: "" };
    const other = new pg.Client({ connectionString: uri });
    await other.connect();
    await other.query("begin");
    await other.query(
      `insert into traces (trace_id, experiment_id, name, state, start_time)
       values ('tr-${TRACE}', ${experimentId}, 't', 'IN_PROGRESS', 1)`,
    );
    const info = { traceId: `tr-${TRACE}`, experimentId, name: "t", startTime: 1, spanCount: 0 };
    const writing = store.traces.writeTrace({ ...info, state: "OK", durationMs: 5 }, []);
    const waiting = "select pid from pg_stat_activity where wait_event_type = 'Lock'";
    while ((await onServer(waiting, uri)).rows.length === 0) await nextTurn();
    await other.query("commit");
    await other.end();
    await writing;
    const trace = await store.traces.getTrace(`tr-${TRACE}`);
    expect(trace?.info).toMatchObject({ state: "OK", durationMs: 5 });
    await store.close();
  });

  test("a database in another encoding is refused with what to do", async () => {
    const uri = new URL(await newDatabase());
    const name = `${uri.pathname.slice(1)}_latin`;
    await onServer(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
    uri.pathname = name;
    await expect(openStore(uri.href)).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringMatching(/in LATIN1\. Assay needs one in UTF8/),
    });
    await onServer(`drop database ${name} with (force)`);
  });

  test("statements that time out, a missing schema and a bad certificate are one clear line", async () => {
    const base = await newDatabase();
    const refusal = async (change: (url: URL) => void) => {
      const uri = new URL(base);
      change(uri);
      return openStore(uri.href).then(
        () => undefined,
        (error: Error & { code: string }) => ({ code: error.code, message: error.message }),
      );
    };
    await (await openStore(base)).close();
    expect(
      await refusal((uri) => uri.searchParams.set("options", "-c search_path=nowhere")),
    ).toMatchObject({ code: "configuration", message: expect.stringContaining("search_path") });
    expect(
      await refusal((uri) => uri.searchParams.set("sslrootcert", "/nonexistent")),
    ).toMatchObject({ code: "configuration", message: expect.stringContaining("/nonexistent") });
  });

  test("a script ends when it is done, not when its connections have timed out", async () => {
    const started = performance.now();
    expect(await outputOf(startProgram("track.ts", await newDatabase()))).toEqual(["done"]);
    // The pool keeps a connection that nobody uses for ten seconds.
    expect(performance.now() - started).toBeLessThan(9_000);
  });

  test("a closed store says so, and can be closed again", async () => {
    const store = await openStore(await newDatabase());
    await store.close();
    await expect(store.experiments.listExperiments()).rejects.toMatchObject({ code: "conflict" });
    await expect(store.experiments.createExperiment("e")).rejects.toMatchObject({
      code: "conflict",
    });
    await store.close();
  });
});

test("whatever a password is made of, the name of a store does not tell it", async () => {
  const { storeName } = await import("../../src/store/index.ts");
  for (const password of [
    "[hunter2]",
    "$HUNTER",
    "a`b4secret",
    "a<b4secret",
    "a\\b4secret",
    "it's4s",
    "a@b4",
    "p:w4",
    "with space",
    'qu"ote',
  ]) {
    const name = storeName(`postgresql://us'er:${password}@host:5432/db?sslmode=require`);
    expect(name).toBe("postgresql://us'er:[redacted]@host:5432/db?sslmode=require");
  }
  for (const typo of [
    "postgres//u:s3cretpw@h/x",
    "postgresql:u:s3cretpw@h/x",
    "postgresql://u:s3cretpw/@h",
  ]) {
    expect(storeName(typo)).not.toContain("s3cretpw");
  }
  expect(storeName("postgresql://host/db?user=u&password=pw1")).toBe(
    "postgresql://host/db?user=u&password=[redacted]",
  );
  expect(storeName("sqlite:///folder/assay.db")).toBe("sqlite:///folder/assay.db");
});
