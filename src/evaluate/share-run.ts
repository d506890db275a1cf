import { setTimeout as delay } from "node:timers/promises";
import { AssayError, withoutAbsent } from "../core/index.ts";
import type { EvaluationRecord, TrackingStore } from "../store/index.ts";
import { releaseDead } from "./chunk-queue.ts";
import { checkWorker } from "./configuration.ts";
import { finishRun, type Reached } from "./finish-run.ts";
import { type Hold, holdEvaluation, newWorker, tryToHold } from "./lease.ts";
import type { Plan } from "./plan.ts";
import { planRows } from "./plan-rows.ts";
import type { TrialContext } from "./predict.ts";
import type { EvaluateResult } from "./result.ts";
import { prepareCommitted } from "./resume-run.ts";
import { type ChunksEnd, polls, runChunks } from "./run-chunks.ts";
import { abandonRun, reopenRun } from "./run-record.ts";
import { Spending } from "./spending.ts";
import { storedResult } from "./stored-result.ts";

/** Whether the rows are to be planned ahead, so that they can be shuffled and shared. */
export function isPlannedAhead({ shuffle, shared, budget }: Plan["options"]): boolean {
  return shuffle === true || shared === true || budget === "adaptive";
}

/** Whether a run that is resumed has its rows in the store, or is to have them there. */
export async function isPlanned(
  { options }: Plan,
  { work }: TrackingStore,
  { runId }: EvaluationRecord,
): Promise<boolean> {
  return isPlannedAhead(options) || (await work.left(runId)) !== undefined;
}

/**
 * The run that a worker is to take part in.
 *
 * @throws {AssayError} `not-found` when there is none; `invalid-argument` when it shares nothing, or the
 *   worker would do something else than it.
 */
export async function findSharedRun(
  plan: Plan,
  store: TrackingStore,
  runId: string,
): Promise<TrialContext> {
  const record = await store.results.getEvaluation(runId);
  if (record === undefined) {
    throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
  }
  checkWorker(record, plan);
  const context = await contextOf(plan, store, record);
  const left = await store.work.left(runId);
  if (left === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Run ${runId} shares no work: it was begun without --shared, or its rows are still being written`,
    );
  }
  await releaseDead(context, left.workers);
  if (left.free + left.held > 0 && record.status !== "running") await reopenRun(context, record);
  return context;
}

/**
 * Prepares a planned run for going on with it: failures that are to be made again, and rows that changed,
 * are planned anew.
 *
 * @throws {AssayError} `conflict` when that cannot be done because others are at work.
 */
export async function reopenShared(
  plan: Plan,
  store: TrackingStore,
  record: EvaluationRecord,
): Promise<TrialContext> {
  const { retryFailed, allowChangedData } = plan.options;
  const { runId } = record;
  const context = await contextOf(plan, store, record);
  const found = await store.work.left(runId);
  const isFreed = await releaseDead(context, found?.workers ?? []);
  const left = isFreed ? await store.work.left(runId) : found;
  if (left === undefined || retryFailed || allowChangedData) {
    if (left !== undefined && left.held > 0) {
      throw new AssayError(
        "conflict",
        `Run ${runId} is being worked on by ${left.workers.length} workers, so its rows cannot be planned anew. Wait for them or stop them.`,
      );
    }
    const hold = await holdEvaluation(store, runId);
    try {
      await prepareCommitted(plan, store, record);
      await planRows({ ...context, plan });
    } finally {
      await hold.release();
    }
  }
  await reopenRun(context, record);
  const replanned = await store.results.getEvaluation(runId);
  return contextOf(plan, store, replanned ?? record);
}

async function contextOf(
  plan: Plan,
  store: TrackingStore,
  { runId, rows }: EvaluationRecord,
): Promise<TrialContext> {
  const run = await store.runs.getRun(runId);
  const spending = new Spending(plan.options, await store.results.countResults(runId));
  return {
    plan: withoutAbsent({ ...plan, rows: rows ?? plan.rows }),
    store,
    runId,
    experimentId: run?.experimentId ?? "",
    spending,
    isShared: true,
  };
}

/** Works on a planned run with whoever else does, and finishes it if this is the last to leave. */
export async function shareRun(context: TrialContext): Promise<EvaluateResult> {
  const worker = newWorker();
  try {
    const ended = await runChunks(context, worker);
    return await concludeTogether(context, worker, ended);
  } catch (error) {
    await abandonIfLast(context, error);
    throw error;
  }
}

/** One at a time, and the last one has all of it before its eyes: what it stores, stays. */
async function concludeTogether(
  context: TrialContext,
  worker: string,
  ended: ChunksEnd,
): Promise<EvaluateResult> {
  const { store, runId } = context;
  for (const poll of polls()) {
    const hold = await tryToHold(store, runId, worker);
    if ("release" in hold) return await conclude(context, hold, ended).finally(hold.release);
    await delay(poll);
  }
  throw new AssayError("internal", "polls() came to an end");
}

async function conclude(
  context: TrialContext,
  { worker }: Hold,
  { stop, budget }: ChunksEnd,
): Promise<EvaluateResult> {
  const { store, runId } = context;
  const record = await store.results.getEvaluation(runId);
  const left = await store.work.left(runId);
  if (record === undefined || left === undefined) {
    throw new AssayError("conflict", `Run ${runId} was planned anew meanwhile; join it again`);
  }
  const isAllDone = left.free + left.held === 0;
  if (isAllDone && hasEnded(record)) return storedResult(context, record);
  const isCertain = budget?.isCertain === true;
  const reached: Reached = {
    rows: record.rows ?? 0,
    isCut: !isAllDone && !isCertain && stop === undefined,
    stop: isAllDone || isCertain ? undefined : stop,
    durationMs: await durationOf(context),
    isLeft: left.held > 0,
    worker,
    ...(isCertain && { budget, isPartial: !isAllDone }),
  };
  const result = await finishRun(context, reached);
  // What nobody needs to judge any more is not left to be taken.
  if (isCertain && !isAllDone) await store.work.clear(runId);
  // Rows that stay are no harm; gc takes them with the run.
  if (isAllDone) await Promise.allSettled([store.work.removeRows(runId)]);
  return result;
}

/** Of the whole run, whichever process does what of it. */
async function durationOf({ store, runId }: TrialContext): Promise<number> {
  const run = await store.runs.getRun(runId);
  return Math.max(0, Date.now() - (run?.startTime ?? Date.now()));
}

const hasEnded = ({ status, outcome }: EvaluationRecord) =>
  (status === "finished" || status === "incomplete") && outcome?.stop === undefined;

/** While others are at work the run goes on without this worker; else nobody would say that it does not. */
async function abandonIfLast(context: TrialContext, error: unknown): Promise<void> {
  const { store, runId } = context;
  const [left, record] = await Promise.allSettled([
    store.work.left(runId),
    store.results.getEvaluation(runId),
  ]);
  if (left.status === "fulfilled" && (left.value?.held ?? 0) > 0) return;
  if (record.status === "fulfilled" && record.value && hasEnded(record.value)) return;
  await abandonRun(context, await durationOf(context).catch(() => 0), error);
}
