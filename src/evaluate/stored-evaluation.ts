import { AssayError, withoutAbsent } from "../core/index.ts";
import type { EvaluationRecord, TrackingStore } from "../store/index.ts";
import type { EvaluateResult } from "./result.ts";

/** What reports tell of an evaluation; of one that is stored it may be running, or failed. */
export type ReportedEvaluation = Omit<
  EvaluateResult,
  "status" | "tables" | "flaky" | "decide" | "artifacts"
> & { readonly status: EvaluationRecord["status"] };

/** A stored evaluation as reports tell of it, as far as it came. */
export async function storedEvaluation(
  store: TrackingStore,
  record: EvaluationRecord,
): Promise<ReportedEvaluation> {
  const { runId, name, status, rows = 0, trials, outcome } = record;
  const run = await store.runs.getRun(runId);
  if (run === undefined) throw new AssayError("not-found", `There is no run ${runId}`);
  const { completed, failed, usage } = await store.results.countResults(runId);
  return withoutAbsent<ReportedEvaluation>({
    name,
    runId,
    experimentId: run.experimentId,
    status,
    verdict: outcome?.verdict,
    decision: outcome?.decision,
    gates: outcome?.gates ?? [],
    metrics: run.metrics,
    summaries: outcome?.summaries ?? {},
    counts: { rows, trials: rows * trials, completed, failed },
    usage: outcome?.usage ?? usage,
    judges: outcome?.judges,
    cache: undefined,
    durationMs: outcome?.durationMs ?? (run.endTime ?? Date.now()) - run.startTime,
    problems: outcome?.problems ?? [],
    notes: outcome?.notes ?? [],
    incompleteScorers: outcome?.incompleteScorers ?? [],
    incompleteMetrics: outcome?.incompleteMetrics,
    adaptive: outcome?.adaptive,
    rows: (query) => store.results.listResults(runId, query),
  });
}
