import { AssayError, withoutAbsent } from "../core/index.ts";
import type { EvaluationRecord } from "../store/index.ts";
import type { EvaluateResult } from "./result.ts";
import { findFlakyRowsOf, type RunOfPlan, readersOf } from "./result-readers.ts";
import { artifactsOf } from "./run-artifacts.ts";

/** The result of an evaluation that has ended, as another process or an earlier one stored it. */
export async function storedResult(
  context: RunOfPlan,
  { runId, name, rows = 0, trials, outcome }: EvaluationRecord,
): Promise<EvaluateResult> {
  const { store } = context;
  const run = await store.runs.getRun(runId);
  if (run === undefined || outcome === undefined || outcome.status === "failed") {
    throw new AssayError("internal", `Run ${runId} has no result`);
  }
  const { completed, failed } = await store.results.countResults(runId);
  const flaky = trials > 1 ? await findFlakyRowsOf(context) : undefined;
  return {
    ...outcome,
    status: outcome.status,
    name,
    runId,
    experimentId: run.experimentId,
    metrics: run.metrics,
    counts: withoutAbsent({
      rows,
      trials: rows * trials,
      completed,
      failed,
      flaky: flaky?.size,
    }),
    notes: outcome.notes ?? [],
    artifacts: await artifactsOf(context),
    ...readersOf(context, flaky),
  };
}
