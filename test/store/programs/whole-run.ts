import type { TrackingStore } from "../../../src/store/index.ts";

export const RESULTS = 5;
export const POINTS = 10;
export const SPANS = 3;

/** A run with params, tags, metrics, an evaluation and a trace; resolves to its id once all is durable. */
export async function writeWholeRun(store: TrackingStore, experimentId: string): Promise<string> {
  const { runId } = await store.runs.createRun({ experimentId });
  await store.results.beginEvaluation(runId, {
    name: "e",
    trials: 1,
    rows: RESULTS,
    scorers: [{ name: "s" }],
    dataset: { name: "d" },
  });
  await Promise.all([
    store.runs.logBatch(runId, {
      params: { a: "1", b: "2" },
      tags: { c: "3", d: "4" },
      metrics: Array.from({ length: POINTS }, (_, step) => ({
        key: "m",
        value: step,
        timestamp: step,
        step,
      })),
    }),
    writeTrace(store, experimentId, runId),
    ...Array.from({ length: RESULTS }, (_, ordinal) => writeResult(store, runId, ordinal)),
  ]);
  return runId;
}

async function writeResult(store: TrackingStore, runId: string, ordinal: number): Promise<void> {
  const resultId = await store.results.commitResult(runId, {
    rowKey: `row-${ordinal}`,
    ordinal,
    trial: 0,
    inputs: { question: "q".repeat(100) },
    expectations: {},
    outcome: { outputs: "a".repeat(100) },
  });
  await store.results.commitScore(runId, {
    resultId,
    scorer: "s",
    scores: [{ kind: "scored", value: ordinal }],
  });
}

async function writeTrace(
  store: TrackingStore,
  experimentId: string,
  runId: string,
): Promise<void> {
  const startNs = BigInt(Date.now()) * 1_000_000n;
  const spans = Array.from({ length: SPANS }, (_, at) => ({
    traceId: runId,
    spanId: String(at).padStart(16, "0"),
    name: `span ${at}`,
    type: "CHAIN" as const,
    startNs,
    endNs: startNs + 1n,
    status: "OK" as const,
    attributes: {},
    events: [],
    inputs: "i".repeat(100),
  }));
  const info = { experimentId, runId, name: "t", state: "OK" as const, startTime: Date.now() };
  await store.traces.writeTrace({ ...info, traceId: `tr-${runId}`, spanCount: SPANS }, spans);
}

/** What of a run is there that {@link writeWholeRun} has written or was about to write. */
export async function shownOf(store: TrackingStore, runId: string) {
  const run = await store.runs.getRun(runId);
  const evaluation = await store.results.getEvaluation(runId);
  const trace = await store.traces.getTrace(`tr-${runId}`);
  const ordinals: number[] = [];
  for await (const { ordinal } of store.results.listResults(runId)) ordinals.push(ordinal);
  return {
    params: Object.keys(run?.params ?? {}).length,
    // Beside the name that every run has.
    tags: Object.keys(run?.tags ?? {}).filter((tag) => !tag.startsWith("mlflow.")).length,
    points: (await store.runs.getMetricHistory(runId, "m")).length,
    spans: trace?.spans.length ?? 0,
    hasEvaluation: evaluation !== undefined,
    ordinals,
    scores: [...(await store.results.scoreValues(runId, "s")).values],
  };
}

export const WHOLE = {
  params: 2,
  tags: 2,
  points: POINTS,
  spans: SPANS,
  hasEvaluation: true,
  ordinals: [...Array(RESULTS).keys()],
  scores: [...Array(RESULTS).keys()],
};
