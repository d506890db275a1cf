import { AssayError, isAssayError, withoutAbsent } from "../core/index.ts";
import type { EvaluationRecord, TrackingStore } from "../store/index.ts";
import { startTracing } from "../tracing/index.ts";
import { withAutolog } from "../tracing/langchain/index.ts";
import { ActiveRun, systemTags, withActiveRun } from "../tracking/index.ts";
import { decidedAgain } from "./decide-again.ts";
import { evaluationStore } from "./evaluation-store.ts";
import { finishRun } from "./finish-run.ts";
import { type Hold, holdEvaluation } from "./lease.ts";
import type { EvaluateOptions } from "./options.ts";
import { type Plan, planEvaluation } from "./plan.ts";
import { planRows } from "./plan-rows.ts";
import type { TrialContext } from "./predict.ts";
import { tellFinished, tellProgress } from "./progressing.ts";
import type { EvaluateResult } from "./result.ts";
import { findLatest, findRun, readCommitted, unfinishedNote } from "./resume-run.ts";
import { abandonRun, createRun, recordPlan, reopenRun, startOf } from "./run-record.ts";
import { runRows } from "./run-rows.ts";
import { findSharedRun, isPlanned, isPlannedAhead, reopenShared, shareRun } from "./share-run.ts";
import { Spending } from "./spending.ts";
import { abandon, runSignal } from "./stop-signal.ts";

/**
 * Evaluates a model, or outputs made beforehand, on every row of the data, and keeps everything in
 * the tracking store as one run.
 *
 * A row whose model fails stays in the run as failed: it is counted beside every mean and in none.
 *
 * @throws {AssayError} `invalid-argument` or `configuration` for options or data that cannot be used,
 *   before a run is made; `configuration` also for a key that the provider rejects on the way,
 *   `invalid-argument` for a row of a stream that cannot be used; `not-found` or `conflict` for a run
 *   that cannot be resumed.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  return runPlan(await planEvaluation(options));
}

/** Runs what {@link planEvaluation} found good; a plan is run once. */
export async function runPlan(plan: Plan): Promise<EvaluateResult> {
  const { end, signal } = runSignal(plan.options);
  try {
    return await runLimited({ ...plan, options: { ...plan.options, signal } });
  } finally {
    end();
  }
}

/**
 * Runs a plan that stands among others that are resumed together: goes on with its run, decides again on what
 * it came to where it has ended, and begins it where it never was.
 */
export async function runOrResume(plan: Plan): Promise<EvaluateResult> {
  const store = await evaluationStore(plan.options);
  const found = await findLatest(plan, store);
  if (found === undefined) {
    return runPlan({ ...plan, options: { ...plan.options, resume: false } });
  }
  const { record, hasEnded } = found;
  if (hasEnded) return decidedAgain({ plan, store, runId: record.runId }, record);
  return runPlan({ ...plan, options: { ...plan.options, resume: record.runId } });
}

async function runLimited(plan: Plan): Promise<EvaluateResult> {
  const { options } = plan;
  // They are looked up while the store opens.
  void systemTags();
  const store = await evaluationStore(options);
  if (options.run !== undefined) return runShared(await findSharedRun(plan, store, options.run));
  const isResumed = options.resume !== undefined && options.resume !== false;
  if (isResumed) {
    const record = await findRun(plan, store);
    return (await isPlanned(plan, store, record))
      ? runShared(await reopenShared(plan, store, record))
      : resumeRun(plan, store, record);
  }
  const context = await beginRun(plan, store);
  if (isPlannedAhead(options)) return runShared(await planShared(context));
  return runToEnd(context, async () => {
    await recordPlan(context);
    return holdEvaluation(store, context.runId);
  });
}

/** Begins a run for workers to take part in, without working on it; resolves to its id once they can. */
export async function planSharedRun(plan: Plan): Promise<string> {
  const store = await evaluationStore(plan.options);
  const { runId } = await planShared(await beginRun(plan, store));
  return runId;
}

async function beginRun(plan: Plan, store: TrackingStore): Promise<TrialContext> {
  const { runId, experimentId } = await createRun(plan, store);
  const unfinished = await unfinishedNote(plan, store, experimentId);
  const noted = { ...plan, notes: [...plan.notes, ...unfinished] };
  return { plan: noted, store, runId, experimentId, spending: new Spending(plan.options) };
}

async function planShared(context: TrialContext): Promise<TrialContext> {
  const started = performance.now();
  let order: readonly number[];
  try {
    await recordPlan(context);
    order = await planRows(context);
  } catch (error) {
    await abandonRun(context, performance.now() - started, error);
    throw error;
  }
  return { ...context, order, isShared: true };
}

async function runShared(context: TrialContext): Promise<EvaluateResult> {
  const { options } = context.plan;
  tellProgress(context.plan, { kind: "started", ...startOf(context) });
  prepareTracing(context);
  const run = await active(context);
  const result = await withActiveRun(run, () => withChainsTraced(options, () => shareRun(context)));
  return tellFinished(context.plan, result);
}

async function resumeRun(
  plan: Plan,
  store: TrackingStore,
  record: EvaluationRecord,
): Promise<EvaluateResult> {
  const { runId } = record;
  const run = await store.runs.getRun(runId);
  const experimentId = run?.experimentId ?? "";
  // Before anything is changed: another process may be at it.
  const hold = await holdEvaluation(store, runId);
  try {
    const committed = await readCommitted(plan, store, record);
    const spending = new Spending(plan.options, await store.results.countResults(runId));
    const resumed = { plan, store, runId, experimentId, spending, committed };
    return await runToEnd(resumed, async (context) => {
      await reopenRun(context, record);
      return hold;
    });
  } finally {
    await hold.release();
  }
}

/** @param begin - Records what the run sets out to do; resolves to the hold on it, which is released. */
async function runToEnd(
  context: TrialContext,
  begin: (context: TrialContext) => Promise<Hold>,
): Promise<EvaluateResult> {
  const { options } = context.plan;
  const started = performance.now();
  let result: EvaluateResult;
  let hold: Hold | undefined;
  try {
    const holding = await begin(context);
    hold = holding;
    tellProgress(context.plan, { kind: "started", ...startOf(context) });
    prepareTracing(context);
    holding.lost.addEventListener("abort", () => abandon(options.signal), { once: true });
    const run = await active(context);
    const reached = await withActiveRun(run, () =>
      withChainsTraced(options, () => runRows(context)),
    );
    await holding.check();
    const durationMs = performance.now() - started;
    result = await finishRun(
      context,
      withoutAbsent({ ...reached, durationMs, worker: holding.worker }),
    );
  } catch (thrown) {
    const error = await reasonOf(thrown, hold);
    await abandonRun(context, performance.now() - started, error, hold?.worker);
    throw error;
  } finally {
    await hold?.release();
  }
  return tellFinished(context.plan, result);
}

/** Two processes on one run get in each other's way in several manners: the loss of the run is said first. */
async function reasonOf(thrown: unknown, hold: Hold | undefined): Promise<unknown> {
  const [checked] = await Promise.allSettled([hold?.check()]);
  const isLost = checked.status === "rejected" && isAssayError(checked.reason, "conflict");
  return isLost ? checked.reason : thrown;
}

/** The evaluation's run, as the one that models and scorers log to. */
async function active({ store, runId }: TrialContext): Promise<ActiveRun> {
  const run = await store.runs.getRun(runId);
  if (run === undefined) throw new AssayError("not-found", `The run ${runId} is gone`);
  return new ActiveRun(store, run);
}

/** Loads the tracing SDK before the first row, where there will be traces: scorers have none of their own. */
function prepareTracing({ plan }: TrialContext): void {
  if (plan.predictor !== undefined || plan.options.traceJudges === true) startTracing();
}

/** A LangChain chain that a model function calls is part of the row's trace; a model URI calls none. */
function withChainsTraced<T>(
  { model, predictFn }: EvaluateOptions,
  work: () => Promise<T>,
): Promise<T> {
  return typeof (model ?? predictFn) === "function" ? withAutolog(work) : work();
}
