import {
  describeError,
  type Row,
  RUN_TAGS,
  redactText,
  scorerKey,
  withoutAbsent,
} from "../core/index.ts";
import { overallDecision, overallVerdict } from "../gates/index.ts";
import type { EvaluationOutcome, EvaluationPlan, TrackingStore } from "../store/index.ts";
import { flushTraces, startTracing } from "../tracing/index.ts";
import { activeRun, currentExperimentName, getTrackingUri, storeAt } from "../tracking/index.ts";
import { aggregateRun, decideGates, findProblems } from "./finalize.ts";
import { forEachConcurrently } from "./for-each.ts";
import type { EvaluateOptions } from "./options.ts";
import { type Plan, planEvaluation } from "./plan.ts";
import type { EvaluateResult } from "./result.ts";
import { runTrial, type TrialContext } from "./run-trial.ts";

/**
 * Evaluates a model, or outputs made beforehand, on every row of the data, and keeps everything in
 * the tracking store as one run.
 *
 * A row whose model fails stays in the run as failed: it is counted beside every mean and in none.
 *
 * @throws {AssayError} `invalid-argument` or `configuration` for options or data that cannot be used,
 *   before a run is made; `configuration` also for a key that the provider rejects on the way.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  const plan = await planEvaluation(options);
  const store = await storeAt(options.trackingUri ?? getTrackingUri());
  const context = await beginRun(plan, store);
  const { runId } = context;
  options.onProgress?.({
    kind: "started",
    name: plan.name,
    runId,
    ...(plan.rows !== undefined && { trials: plan.rows * plan.trials }),
    scorers: plan.scorers.map(({ scorer }) => scorerKey(scorer)),
    notes: plan.notes,
  });
  startTracing();
  const started = performance.now();
  try {
    const rows = await runRows(context);
    const result = await finish(context, rows, performance.now() - started);
    options.onProgress?.({ kind: "finished", result });
    return result;
  } catch (error) {
    await abandon(store, runId, performance.now() - started, error);
    throw error;
  }
}

async function beginRun(plan: Plan, store: TrackingStore): Promise<TrialContext> {
  const { options } = plan;
  const parent = activeRun();
  const experimentId =
    parent?.experimentId ??
    (await store.experiments.ensureExperiment(options.experiment ?? currentExperimentName()))
      .experimentId;
  const { runId } = await store.runs.createRun(
    withoutAbsent({
      experimentId,
      name: options.runName,
      parentRunId: parent?.runId,
      tags: { ...options.tags, [RUN_TAGS.runType]: "evaluation" },
    }),
  );
  const scorers = plan.scorers.map(({ scorer }) => {
    const { prepare: _prepare, aggregations: _aggregations, ...record } = scorer;
    return record;
  });
  await store.results.beginEvaluation(
    runId,
    withoutAbsent<EvaluationPlan>({
      name: plan.name,
      rows: plan.rows,
      trials: plan.trials,
      scorers,
      dataset: withoutAbsent({ name: plan.source.name, digest: plan.digest }),
      model: plan.predictor?.name,
    }),
  );
  await store.runs.logParams(
    runId,
    withoutAbsent({
      data: plan.source.name,
      data_digest: plan.digest,
      model: plan.predictor?.name,
      trials: String(plan.trials),
    }) as { [key: string]: string },
  );
  return { plan, store, runId, experimentId };
}

/** Runs every trial of every row; resolves to how many rows there are. */
async function runRows(context: TrialContext): Promise<number> {
  const { plan, store, runId } = context;
  const { signal, onProgress, limit } = plan.options;
  const progress = { completed: 0, failed: 0 };
  let rows = 0;
  async function* trials(): AsyncGenerator<{ row: Row; trial: number }> {
    for await (const row of plan.source.rows()) {
      rows += 1;
      for (let trial = 0; trial < plan.trials; trial++) yield { row, trial };
      if (rows === limit) return;
    }
  }
  await forEachConcurrently(
    trials(),
    plan.concurrency,
    async ({ row, trial }) => {
      const answered = await runTrial(context, row, trial);
      progress.completed += 1;
      if (!answered) progress.failed += 1;
      onProgress?.({ kind: "row", ...progress });
    },
    signal,
  );
  await flushTraces();
  if (plan.rows !== undefined) return plan.rows;
  await store.results.setPlannedRows(runId, rows);
  return rows;
}

async function finish(
  context: TrialContext,
  rows: number,
  durationMs: number,
): Promise<EvaluateResult> {
  const { plan, store, runId, experimentId } = context;
  const planned = rows * plan.trials;
  const aggregates = await aggregateRun(plan, store, runId, planned);
  const { counts, summaries, evidence } = aggregates;
  const problems = findProblems(plan, aggregates, planned);
  const isCut = plan.options.signal?.aborted === true && counts.completed < planned;
  const status = isCut ? "interrupted" : problems.length > 0 ? "incomplete" : "finished";
  const gates = decideGates(plan, aggregates);
  const decision = gates.length > 0 && status !== "finished" ? "fail" : overallDecision(gates);
  const verdict = gates.length > 0 && status !== "finished" ? "undecided" : overallVerdict(gates);
  const metrics = Object.fromEntries(
    [...evidence].flatMap(([key, { estimate }]) =>
      estimate === undefined ? [] : [[key, estimate]],
    ),
  );
  await store.runs.logMetrics(
    runId,
    Object.entries(metrics).map(([key, value]) => ({
      key,
      value,
      timestamp: Date.now(),
      step: 0,
    })),
  );
  const { usage } = counts;
  const outcome = withoutAbsent<EvaluationOutcome>({
    status,
    verdict,
    decision,
    gates,
    summaries,
    usage,
    durationMs,
    problems,
  });
  await store.results.finishEvaluation(runId, outcome);
  await store.runs.updateRun(runId, {
    status: isCut ? "KILLED" : "FINISHED",
    endTime: Date.now(),
  });
  return {
    ...outcome,
    status,
    name: plan.name,
    runId,
    experimentId,
    metrics,
    counts: { rows, trials: planned, completed: counts.completed, failed: counts.failed },
    rows: (query) => store.results.listResults(runId, query),
  };
}

/** Closes a run that cannot go on; what was committed stays. */
async function abandon(
  store: TrackingStore,
  runId: string,
  durationMs: number,
  error: unknown,
): Promise<void> {
  const { usage } = await store.results.countResults(runId);
  await store.results.finishEvaluation(runId, {
    status: "failed",
    gates: [],
    summaries: {},
    usage,
    durationMs,
    problems: [redactText(describeError(error))],
  });
  await store.runs.updateRun(runId, { status: "FAILED", endTime: Date.now() });
}
