import { type ResultRow, withoutAbsent } from "../../core/index.ts";
import type { NewResult, NewScore, TrackingStore } from "../../store/index.ts";
import { fieldsOf } from "../run-trial.ts";
import type { ShardRun } from "./merged-outcome.ts";

/** Where the results of shards go. */
interface Target extends ShardRun {
  readonly experimentId: string;
}

/** Results, traces and calls that are copied at once. */
const BATCH = 200;

/** Copies the results of a shard with their traces, and what its judges called. */
export async function copyShard({ store, runId }: ShardRun, target: Target): Promise<void> {
  let batch: ResultRow[] = [];
  for await (const row of store.results.listResults(runId, { parts: true })) {
    batch.push(row);
    if (batch.length < BATCH) continue;
    await copyResults(batch, store, target);
    batch = [];
  }
  await copyResults(batch, store, target);
  await copyCalls({ store, runId }, target);
}

async function copyResults(
  rows: readonly ResultRow[],
  from: TrackingStore,
  target: Target,
): Promise<void> {
  if (rows.length === 0) return;
  const traces = await Promise.all(rows.map(({ traceId }) => copyTrace(traceId, from, target)));
  const results = rows.map((row, index) => newResult(row, traces[index]));
  await target.store.results.commitResults(target.runId, results);
}

function newResult(row: ResultRow, traceId: string | undefined): NewResult {
  const { rowKey, ordinal, trial, inputs, expectations, latencyMs, usage, parts } = row;
  return {
    ...withoutAbsent<Pick<NewResult, "latencyMs" | "usage" | "traceId">>({
      latencyMs,
      usage,
      traceId,
    }),
    ...{ rowKey, ordinal, trial, inputs, expectations, ...fieldsOf(row) },
    outcome: row.error === undefined ? { outputs: row.outputs ?? null } : { error: row.error },
    scores: Object.entries(row.scores).map(([scorer, score]) => ({
      scorer,
      scores: [score, ...(parts?.[scorer] ?? [])],
    })),
  };
}

/** @returns The trace's id where the target has it then. */
async function copyTrace(
  traceId: string | undefined,
  from: TrackingStore,
  { store, runId, experimentId }: Target,
): Promise<string | undefined> {
  if (traceId === undefined || from === store) return traceId;
  const trace = await from.traces.getTrace(traceId);
  if (trace === undefined) return undefined;
  await store.traces.writeTrace({ ...trace.info, experimentId, runId }, trace.spans);
  return traceId;
}

/** What was called for results that are gone belongs to no scorer, and is in the usage alone. */
async function copyCalls({ store, runId }: ShardRun, target: Target): Promise<void> {
  let batch: NewScore[] = [];
  const commit = async () => {
    if (batch.length > 0) await target.store.results.commitScores(target.runId, batch);
    batch = [];
  };
  for await (const { scorer, ...call } of store.results.listCalls(runId)) {
    if (scorer === undefined) continue;
    // Which verdict a call was made for is not known any more: it comes with none.
    batch.push({ resultId: 0, scorer, scores: [], calls: [call] });
    if (batch.length === BATCH) await commit();
  }
  await commit();
}
