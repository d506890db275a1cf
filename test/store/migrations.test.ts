import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { decideStoredRun } from "../../src/evaluate/index.ts";
import { openStore } from "../../src/store/index.ts";
import { SCHEMA_VERSION } from "../../src/store/sql/migrations/index.ts";
import { tempFolder } from "./temp-folder.ts";

/** One database per past schema version, made by the release that wrote it. */
const FIXTURES = fileURLToPath(new URL("../fixtures/databases/", import.meta.url));

function copyOf(version: number): string {
  const path = join(tempFolder(), "assay.db");
  copyFileSync(join(FIXTURES, `v${version}.db`), path);
  return path;
}

/** What a database is made of, whatever the order in which it was made. */
function objectsIn(path: string): Map<string, string | null> {
  const database = new Database(path, { readonly: true });
  const rows = database
    .prepare<[], { type: string; name: string; sql: string | null }>(
      "SELECT type, name, sql FROM sqlite_master",
    )
    .all();
  database.close();
  return new Map(rows.map(({ type, name, sql }) => [`${type} ${name}`, sql]));
}

test("there is a database of every earlier schema version", () => {
  const files = readdirSync(FIXTURES).sort();
  expect(files).toEqual(Array.from({ length: SCHEMA_VERSION - 1 }, (_, at) => `v${at + 1}.db`));
});

describe("a database of schema version 1", () => {
  test("becomes what a new one is", async () => {
    const old = copyOf(1);
    const fresh = join(tempFolder(), "fresh.db");
    for (const path of [old, fresh]) await (await openStore(`sqlite:///${path}`)).close();
    expect(objectsIn(old)).toEqual(objectsIn(fresh));
  });

  test("keeps its runs, results, scores and traces", async () => {
    const store = await openStore(`sqlite:///${copyOf(1)}`);
    const experiment = await store.experiments.getExperimentByName("support");
    expect(experiment).toMatchObject({
      experimentId: "1",
      artifactLocation: "file:///srv/assay/1",
    });

    const runs = await store.runs.listRuns({});
    expect(runs.map((run) => run.name).sort()).toEqual(["capitals", "child", "parent"]);
    const parent = runs.find((run) => run.name === "parent");
    expect(parent).toMatchObject({
      params: { temperature: "0.2" },
      metrics: { loss: 0.25, diverged: Number.NaN },
      tags: { team: "search" },
    });
    expect(await store.runs.getMetricHistory(parent?.runId ?? "", "loss")).toEqual([
      { key: "loss", value: 0.5, timestamp: 1000, step: 0 },
      { key: "loss", value: 0.25, timestamp: 2000, step: 1 },
    ]);

    const runId = runs.find((run) => run.name === "capitals")?.runId ?? "";
    expect(await store.results.getEvaluation(runId)).toMatchObject({
      name: "capitals",
      status: "finished",
      rows: 3,
    });
    const results: unknown[] = [];
    for await (const { rowKey, outputs, error } of store.results.listResults(runId)) {
      results.push([rowKey, outputs ?? error]);
    }
    expect(results).toEqual([
      ["fr", "Paris"],
      ["it", "Milan"],
      ["xx", "Error: no such country"],
    ]);
    expect(await store.results.countScores(runId, "exact_match/v1")).toEqual({
      scored: 2,
      failed: 1,
      notApplicable: 0,
    });

    const traces = await store.traces.listTraces({ runId });
    expect(traces.map((trace) => [trace.state, trace.spanCount]).sort()).toEqual([
      ["ERROR", 1],
      ["OK", 1],
      ["OK", 1],
    ]);
    const failed = traces.find((trace) => trace.state === "ERROR")?.traceId ?? "";
    const trace = await store.traces.getTrace(failed);
    expect(trace?.spans[0]).toMatchObject({ status: "ERROR", statusMessage: "no such country" });
    expect(trace?.spans[0]?.startNs).toBeGreaterThan(1_795_000_000_000_000_000n);
    await store.close();
  });

  test("can be written to", async () => {
    const store = await openStore(`sqlite:///${copyOf(1)}`);
    const { runId } = await store.runs.createRun({ experimentId: "1", name: "new" });
    await store.runs.logBatch(runId, { params: { a: "1" }, tags: { b: "2" } });
    expect(await store.runs.getRun(runId)).toMatchObject({ name: "new", params: { a: "1" } });
    await store.close();
  });
});

describe("a database of schema version 2", () => {
  test("becomes what a new one is", async () => {
    const old = copyOf(2);
    const fresh = join(tempFolder(), "fresh.db");
    for (const path of [old, fresh]) await (await openStore(`sqlite:///${path}`)).close();
    expect(objectsIn(old)).toEqual(objectsIn(fresh));
  });

  test("keeps its runs, results and scores", async () => {
    const store = await openStore(`sqlite:///${copyOf(2)}`);
    const [run] = await store.runs.listRuns({});
    expect(run).toMatchObject({ name: "capitals", params: { temperature: "0.2" } });
    const runId = run?.runId ?? "";
    expect(await store.results.getEvaluation(runId)).toMatchObject({ status: "running", rows: 2 });
    expect(await store.results.countResults(runId)).toEqual({
      completed: 2,
      failed: 1,
      usage: { inputTokens: 5 },
    });
    await store.close();
  });
});

describe("a database of schema version 3", () => {
  test("becomes what a new one is", async () => {
    const old = copyOf(3);
    const fresh = join(tempFolder(), "fresh.db");
    for (const path of [old, fresh]) await (await openStore(`sqlite:///${path}`)).close();
    expect(objectsIn(old)).toEqual(objectsIn(fresh));
  });

  test("keeps its results, what judges used, and kept answers", async () => {
    const store = await openStore(`sqlite:///${copyOf(3)}`);
    const [run] = await store.runs.listRuns({});
    const runId = run?.runId ?? "";
    expect(await store.results.countResults(runId)).toEqual({
      completed: 2,
      failed: 0,
      usage: { inputTokens: 210, outputTokens: 40, cost: 0.002 },
    });
    // Which scorer they were made for was not kept.
    expect(await store.results.callTotals(runId)).toEqual({});
    expect(await store.responses.cache({}).get("key")).toBe("kept");
    const scores: unknown[] = [];
    for await (const row of store.results.listResults(runId)) scores.push(row.scores);
    expect(scores).toEqual([
      { "relevance/v1": { kind: "scored", value: 4, rationale: "Because." } },
      { "relevance/v1": { kind: "scored", value: 5, rationale: "Because." } },
    ]);
    await store.close();
  });
});

describe("a database of schema version 4", () => {
  test("becomes what a new one is", async () => {
    const old = copyOf(4);
    const fresh = join(tempFolder(), "fresh.db");
    for (const path of [old, fresh]) await (await openStore(`sqlite:///${path}`)).close();
    expect(objectsIn(old)).toEqual(objectsIn(fresh));
  });

  test("keeps its results, and says of gates what it did not keep", async () => {
    const store = await openStore(`sqlite:///${copyOf(4)}`);
    const [run] = await store.runs.listRuns({});
    const runId = run?.runId ?? "";
    expect(await store.results.callTotals(runId)).toMatchObject({ "relevance/v1": { calls: 3 } });
    expect(await store.results.rowGroups(runId)).toEqual(new Map());
    for await (const row of store.results.listResults(runId)) {
      expect(row).not.toHaveProperty("metadata");
    }
    const decide = (gate: string) => decideStoredRun(store, runId, { gates: [gate] });
    await expect(decide("relevance >= 2")).rejects.toThrow(
      "belong to documents or conversations, which the version of Assay that stored it did not keep",
    );
    expect(await store.results.getEvaluation(runId)).toMatchObject({
      outcome: { gates: [{ decision: "pass", counts: { clusters: 2 } }] },
    });
    await store.close();
  });
});
