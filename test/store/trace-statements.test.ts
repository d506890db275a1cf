import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, expect, test, vi } from "vitest";
import type { Span, TraceInfo } from "../../src/core/index.ts";
import { openStore, type TrackingStore } from "../../src/store/index.ts";
import { tempFolder } from "./temp-folder.ts";

afterEach(() => vi.restoreAllMocks());

/** A store in a file, and the statements that it prepares from now on. */
async function openSpied() {
  const path = join(tempFolder(), "assay.db");
  const store = await openStore(`sqlite:///${path}`);
  const prepare = vi.spyOn(Database.prototype, "prepare");
  const statements = () => prepare.mock.calls.map(([text]) => text);
  return { path, store, statements };
}

async function newInfo(store: TrackingStore): Promise<TraceInfo> {
  const { experimentId } = await store.experiments.ensureExperiment("e");
  const traceId = `tr-${"a".repeat(32)}`;
  return { traceId, experimentId, name: "root", state: "OK", startTime: 1, spanCount: 1 };
}

const newSpan = (digit: string, attributes: Span["attributes"] = {}): Span => ({
  traceId: "a".repeat(32),
  spanId: digit.repeat(16),
  name: digit,
  type: "CHAT_MODEL",
  startNs: 1n,
  endNs: 2n,
  status: "OK",
  attributes,
  events: [],
});

test("the newest traces of all experiments are found by an index, without sorting", async () => {
  const { path, store, statements } = await openSpied();
  await store.traces.listTraces({});
  const [list] = statements().filter((text) => text.includes('from "traces"'));
  await store.close();
  vi.restoreAllMocks();
  const database = new Database(path, { readonly: true });
  const plan = database
    .prepare(`explain query plan ${list}`)
    .all(100)
    .map((step) => (step as { detail: string }).detail);
  database.close();
  expect(plan[0]).toBe("SCAN traces USING INDEX traces_by_time");
  expect(plan.join()).not.toContain("TEMP B-TREE");
});

test("a late span makes its trace be read again only where it reports usage", async () => {
  const { store, statements } = await openSpied();
  const info = await newInfo(store);
  const readings = () => statements().filter((text) => text.includes('from "spans"'));
  await store.traces.writeTrace(info, [newSpan("1", { "gen_ai.usage.input_tokens": 1 })]);
  await store.traces.writeTrace(info, [newSpan("2")]);
  expect(readings()).toEqual([]);
  await store.traces.writeTrace(info, [newSpan("3", { "gen_ai.usage.input_tokens": 2 })]);
  expect(readings()).toHaveLength(1);
  expect((await store.traces.getTrace(info.traceId))?.info.usage).toEqual({ inputTokens: 3 });
  await store.close();
});
