import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import type { Span } from "../../src/core/index.ts";
import { openStore } from "../../src/store/index.ts";
import { tempFolder } from "./temp-folder.ts";

const TRACE_ID = "b".repeat(32);

const span = (at: number): Span => ({
  traceId: TRACE_ID,
  spanId: at.toString(16).padStart(16, "0"),
  name: `span ${at}`,
  type: "CHAIN",
  startNs: BigInt(at),
  endNs: BigInt(at + 1),
  status: "OK",
  attributes: { number: at },
  events: [],
  inputs: { question: "q".repeat(200) },
  outputs: "a".repeat(200),
});

test("a trace of very many spans is written whole, with turns for the event loop in between", async () => {
  const store = await openStore(`sqlite:///${join(tempFolder(), "assay.db")}`);
  const { experimentId } = await store.experiments.ensureExperiment("e");
  let turns = 0;
  let isDone = false;
  const count = () => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  const spans = Array.from({ length: 10_000 }, (_, at) => span(at));
  const info = { traceId: `tr-${TRACE_ID}`, experimentId, name: "t", state: "OK" as const };
  await store.traces.writeTrace({ ...info, startTime: 1, spanCount: spans.length }, spans);
  isDone = true;
  expect(turns).toBeGreaterThan(10);
  expect((await store.traces.getTrace(info.traceId))?.spans).toHaveLength(10_000);
  await store.close();
});

test("a long payload is made ready with turns for the event loop, and its previews are its beginning", async () => {
  const store = await openStore(`sqlite:///${join(tempFolder(), "assay.db")}`);
  const { experimentId } = await store.experiments.ensureExperiment("e");
  const traceId = `tr-${TRACE_ID}`;
  const key = `sk-proj-${"a1B2".repeat(20)}`;
  const inputs = { key, text: "Where is it? ".repeat(100_000) };
  const outputs = `"${key}" ${"It is there. ".repeat(100_000)}`;
  let turns = 0;
  const count = () => {
    turns += 1;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  const info = { traceId, experimentId, name: "t", state: "OK" as const, startTime: 1 };
  await store.traces.writeTrace({ ...info, spanCount: 1 }, [{ ...span(1), inputs, outputs }]);
  clearImmediate(immediate);
  expect(turns).toBeGreaterThan(2);
  const trace = await store.traces.getTrace(traceId);
  const [only] = trace?.spans ?? [];
  expect(only?.inputs).toEqual({ ...inputs, key: "[redacted]" });
  expect(only?.outputs).toBe(outputs.replace(key, "[redacted]"));
  expect(trace?.info.requestPreview).toBe(`${JSON.stringify(only?.inputs).slice(0, 997)}...`);
  expect(trace?.info.responsePreview).toBe(`${String(only?.outputs).slice(0, 997)}...`);
  await store.close();
});

test("what is too long for its place in a trace is cut, and nothing of the trace is lost", async () => {
  const store = await openStore(`sqlite:///${join(tempFolder(), "assay.db")}`);
  const { experimentId } = await store.experiments.ensureExperiment("e");
  const long = "n".repeat(10_000);
  const traceId = `tr-${TRACE_ID}`;
  const given = { ...span(1), name: long, endNs: 2n ** 70n };
  await store.traces.writeTrace(
    {
      ...{ traceId, experimentId, name: long, state: "OK", startTime: 1.5, spanCount: 1 },
      ...{ clientRequestId: long, tags: { [long]: long }, metadata: { m: long } },
    },
    [given],
  );
  const trace = await store.traces.getTrace(traceId);
  const [only] = trace?.spans ?? [];
  expect([trace?.info.name, only?.name].map((name) => name?.length)).toEqual([500, 500]);
  expect(only?.endNs).toBe(2n ** 63n - 1n);
  expect(only?.inputs).toEqual(given.inputs);
  expect(
    Object.entries(trace?.info.tags ?? {}).map(([key, value]) => [key.length, value.length]),
  ).toEqual([[250, 8000]]);
  await store.close();
});

test("hundreds of transactions that wait for one lock go with turns for the event loop in between", async () => {
  const path = join(tempFolder(), "assay.db");
  const store = await openStore(`sqlite:///${path}`);
  const { experimentId } = await store.experiments.ensureExperiment("e");
  const other = new Database(path);
  other.exec("BEGIN IMMEDIATE");
  const creating = Array.from({ length: 400 }, () => store.runs.createRun({ experimentId }));
  let turns = 0;
  const count = () => {
    turns += 1;
    immediate = setImmediate(count);
  };
  let immediate: NodeJS.Immediate | undefined;
  other.exec("COMMIT");
  other.close();
  // From the first that got through.
  await creating[0];
  count();
  await Promise.all(creating);
  clearImmediate(immediate);
  expect(turns).toBeGreaterThan(3);
  await store.close();
});
