import { beforeEach, describe, expect, test } from "vitest";
import type { JsonValue, Span, TraceInfo, TraceState } from "../../src/core/index.ts";
import { openSource, type SourceOptions, type TraceData } from "../../src/datasets/index.ts";
import type { TrackingStore } from "../../src/store/index.ts";
import { rowsOf, useTempStore } from "../evaluate/temp-store.ts";

const at = useTempStore();
let store: TrackingStore;
let experimentId: string;

beforeEach(async () => {
  store = await at.open();
  ({ experimentId } = await store.experiments.ensureExperiment("support"));
});

interface Given {
  readonly inputs?: JsonValue;
  readonly outputs?: JsonValue;
  readonly state?: TraceState;
  readonly tags?: TraceInfo["tags"];
  readonly experimentId?: string;
}

const idOf = (n: number) => `tr-${String(n).padStart(32, "0")}`;

/** A trace of two spans, the inner of which was written first. */
async function write(n: number, { inputs, outputs, state = "OK", tags, ...given }: Given) {
  const span = (id: string, more: Partial<Span>): Span => ({
    traceId: idOf(n).slice(3),
    spanId: id.repeat(16),
    name: `span ${id}`,
    type: "CHAIN",
    startNs: BigInt(n) * 1_000_000n,
    endNs: BigInt(n) * 1_000_000n + 5n,
    status: "OK",
    attributes: {},
    events: [],
    ...more,
  });
  const root = span("a", {
    ...(inputs !== undefined && { inputs }),
    ...(outputs !== undefined && { outputs }),
  });
  const inner = span("b", { parentSpanId: root.spanId, inputs: "inner", outputs: "inner" });
  const info: TraceInfo = {
    traceId: idOf(n),
    experimentId: given.experimentId ?? experimentId,
    name: "answer",
    state,
    startTime: n,
    spanCount: 2,
    metadata: { user: "ada" },
    ...(tags !== undefined && { tags }),
  };
  await store.traces.writeTrace(info, [inner, root]);
}

async function read(data: TraceData, options: SourceOptions = {}) {
  const source = await openSource(data, { traces: async () => store, ...options });
  await source.inspect();
  const rows = [];
  for await (const row of source.rows()) rows.push(row);
  return rows;
}

describe("stored traces as rows", () => {
  test("bring what went into and came out of the outermost span, tags, metadata and their id", async () => {
    await write(1, { inputs: { question: "Why?" }, outputs: "Because.", tags: { team: "x" } });
    const metadata = expect.objectContaining({ user: "ada" });
    expect(await read({ traces: "" })).toEqual([
      {
        rowKey: idOf(1),
        traceId: idOf(1),
        ordinal: 0,
        inputs: { question: "Why?" },
        outputs: "Because.",
        expectations: {},
        metadata,
        tags: expect.objectContaining({ team: "x" }),
      },
    ]);
  });

  test("are those that the filter finds, newest first, of one experiment or all", async () => {
    const other = await store.experiments.ensureExperiment("other");
    await write(1, { inputs: "a", outputs: "A", tags: { team: "x" } });
    await write(2, { inputs: "b", state: "ERROR" });
    await write(3, {
      inputs: "c",
      outputs: "C",
      tags: { team: "x" },
      experimentId: other.experimentId,
    });
    const ids = async (data: TraceData, options?: SourceOptions) =>
      (await read(data, options)).map(({ rowKey }) => rowKey);
    expect(await ids({ traces: "" })).toEqual([3, 2, 1].map(idOf));
    expect(await ids({ traces: "tags.team = 'x'" })).toEqual([3, 1].map(idOf));
    expect(await ids({ traces: "", experiment: "support" })).toEqual([2, 1].map(idOf));
    expect(await ids({ traces: "", experiment: ["support", "other"], limit: 1 })).toEqual([
      idOf(3),
    ]);
    expect(await ids({ traces: "" }, { filter: ({ outputs }) => outputs === "A" })).toEqual([
      idOf(1),
    ]);
  });

  test("come page by page, as many as there are", async () => {
    for (let n = 1; n <= 120; n++) await write(n, { inputs: n, outputs: n });
    const rows = await read({ traces: "" });
    expect(rows.map(({ inputs }) => inputs.input)).toEqual(
      Array.from({ length: 120 }, (_, i) => 120 - i),
    );
    expect(await read({ traces: "", limit: 70 })).toHaveLength(70);
  });

  test.each([
    [{ traces: "status ~ 'OK'" }, "invalid-argument", /^Invalid filter at position 8/],
    [{ traces: "", experiment: "none" }, "not-found", /^No experiment is called "none"$/],
    [
      { traces: "", limit: 0 },
      "invalid-argument",
      /^Expected the limit of traces to be an integer of at least 1, got 0$/,
    ],
    [{ traces: "status = 'OK'" }, "invalid-argument", /^No stored trace matches the filter$/],
  ])("are refused: %j", async (data, code, message) => {
    await expect(read(data)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test("need a tracking store", async () => {
    await expect(openSource({ traces: "" })).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

test("evaluate scores stored traces without a model, also when the newest failed", async () => {
  await write(1, { inputs: { question: "Why?" }, outputs: "Because." });
  await write(2, { inputs: { question: "How?" }, state: "ERROR" });
  const result = await at.evaluate({
    data: { traces: "" },
    scorers: [
      function long({ outputs }: { outputs: unknown }) {
        return String(outputs).length > 3;
      },
    ],
    maxFailed: 1,
  });
  expect(result).toMatchObject({
    name: "traces",
    counts: { rows: 2, completed: 2, failed: 1 },
    summaries: { long: { scored: 1, failed: 1 } },
  });
  expect((await rowsOf(result)).map(({ rowKey }) => rowKey)).toEqual([idOf(2), idOf(1)]);
});
