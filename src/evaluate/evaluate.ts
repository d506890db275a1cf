import type { Row } from "../core/index.ts";
import { flushTraces, startTracing } from "../tracing/index.ts";
import { withAutolog } from "../tracing/langchain/index.ts";
import { systemTags } from "../tracking/index.ts";
import { evaluationStore } from "./evaluation-store.ts";
import { finishRun, type Reached } from "./finish-run.ts";
import { forEachConcurrently } from "./for-each.ts";
import type { EvaluateOptions } from "./options.ts";
import { type Plan, planEvaluation } from "./plan.ts";
import { type TrialContext, wasGivenUp } from "./predict.ts";
import type { EvaluateResult } from "./result.ts";
import { abandonRun, createRun, recordPlan, startOf } from "./run-record.ts";
import { runTrial } from "./run-trial.ts";

/**
 * Evaluates a model, or outputs made beforehand, on every row of the data, and keeps everything in
 * the tracking store as one run.
 *
 * A row whose model fails stays in the run as failed: it is counted beside every mean and in none.
 *
 * @throws {AssayError} `invalid-argument` or `configuration` for options or data that cannot be used,
 *   before a run is made; `configuration` also for a key that the provider rejects on the way, and
 *   `invalid-argument` for a row of a stream that cannot be used.
 */
export async function evaluate(options: EvaluateOptions): Promise<EvaluateResult> {
  return runPlan(await planEvaluation(options));
}

/** Runs what {@link planEvaluation} found good; a plan is run once. */
export async function runPlan(plan: Plan): Promise<EvaluateResult> {
  const { options } = plan;
  // They are looked up while the store opens.
  void systemTags();
  const store = await evaluationStore(options);
  const { runId, experimentId } = await createRun(plan, store);
  const context: TrialContext = { plan, store, runId, experimentId };
  const started = performance.now();
  let result: EvaluateResult;
  try {
    await recordPlan(context);
    options.onProgress?.({ kind: "started", ...startOf(context) });
    startTracing();
    const reached = await withChainsTraced(options, () => runRows(context));
    result = await finishRun(context, { ...reached, durationMs: performance.now() - started });
  } catch (error) {
    await abandonRun(context, performance.now() - started, error);
    throw error;
  }
  options.onProgress?.({ kind: "finished", result });
  return result;
}

/** A LangChain chain that a model function calls is part of the row's trace; a model URI calls none. */
function withChainsTraced<T>(
  { model, predictFn }: EvaluateOptions,
  work: () => Promise<T>,
): Promise<T> {
  return typeof (model ?? predictFn) === "function" ? withAutolog(work) : work();
}

/** Runs every trial of every row. */
async function runRows(context: TrialContext): Promise<Omit<Reached, "durationMs">> {
  const { plan, store, runId } = context;
  const { signal, onProgress, limit } = plan.options;
  // Data that grew since it was counted is cut off there: its run is the run of what was counted.
  const most = plan.rows ?? limit;
  const progress = { completed: 0, failed: 0 };
  let rows = 0;
  let givenUp = 0;
  async function* trials(): AsyncGenerator<{ row: Row; trial: number }> {
    for await (const row of plan.source.rows()) {
      rows += 1;
      for (let trial = 0; trial < plan.trials; trial++) yield { row, trial };
      if (rows === most) return;
    }
  }
  const hasEnded = await forEachConcurrently(
    trials(),
    plan.concurrency,
    async ({ row, trial }) => {
      const answered = await runTrial(context, row, trial).catch((error: unknown) => {
        if (!wasGivenUp(error, signal)) throw error;
      });
      if (answered === undefined) {
        givenUp += 1;
        return;
      }
      progress.completed += 1;
      if (!answered) progress.failed += 1;
      onProgress?.({ kind: "row", ...progress });
    },
    signal,
  );
  await flushTraces();
  const isCut =
    givenUp > 0 || (!hasEnded && progress.completed !== (most ?? Number.NaN) * plan.trials);
  if (plan.rows !== undefined) return { rows: plan.rows, isCut };
  await store.results.setPlannedRows(runId, rows);
  return { rows, isCut };
}
