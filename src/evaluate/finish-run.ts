import { withoutAbsent } from "../core/index.ts";
import { overallDecision, overallVerdict } from "../gates/index.ts";
import type { EvaluationOutcome } from "../store/index.ts";
import { logInBatches } from "../tracking/index.ts";
import { aggregateRun } from "./aggregate-run.ts";
import { decideGates, findProblems, incompleteScorers } from "./conclude.ts";
import type { TrialContext } from "./predict.ts";
import type { EvaluateResult } from "./result.ts";

/** How far the rows of a run got. */
export interface Reached {
  readonly rows: number;
  /** Rows are left that nobody will reach any more. */
  readonly isCut: boolean;
  /** Why a limit of the run stopped it; what is left may be resumed. */
  readonly stop?: string | undefined;
  /** Of the rows, where only their end told it. */
  readonly digest?: string | undefined;
  readonly durationMs: number;
  /** Others go on with the run: what it came to so far is told and not stored. */
  readonly isLeft?: boolean;
}

/** Computes everything from the committed rows, decides, and closes the run. */
export async function finishRun(
  { plan, store, runId, experimentId, spending }: TrialContext,
  { rows, isCut, stop, durationMs, isLeft = false }: Reached,
): Promise<EvaluateResult> {
  const planned = rows * plan.trials;
  const aggregates = await aggregateRun(plan, store, runId, planned);
  const { completed, failed, usage } = aggregates.counts;
  const lacking = findProblems(plan, aggregates, planned);
  const problems = stop === undefined ? lacking : [stop, ...lacking];
  const status = isCut ? "interrupted" : problems.length > 0 ? "incomplete" : "finished";
  const gates = decideGates(plan, aggregates);
  const isOpen = gates.length > 0 && status !== "finished";
  const metrics = Object.fromEntries(
    [...aggregates.evidence].flatMap(([key, { estimate }]) =>
      estimate === undefined ? [] : [[key, estimate]],
    ),
  );
  const outcome = withoutAbsent<EvaluationOutcome>({
    status,
    verdict: isOpen ? "undecided" : overallVerdict(gates),
    decision: isOpen ? "fail" : overallDecision(gates),
    gates,
    summaries: aggregates.summaries,
    usage,
    durationMs,
    problems,
    incompleteScorers: incompleteScorers(plan, aggregates),
    strict: plan.options.strict === true || undefined,
    stop,
  });
  if (!isLeft) {
    const timestamp = Date.now();
    await logInBatches(store, runId, {
      metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp, step: 0 })),
    });
    await store.results.finishEvaluation(runId, outcome);
    const ended = { status: isCut ? "KILLED" : "FINISHED", endTime: Date.now() } as const;
    await store.runs.updateRun(runId, ended);
  }
  return {
    ...outcome,
    status,
    name: plan.name,
    runId,
    experimentId,
    metrics,
    counts: { rows, trials: planned, completed, failed },
    ...(spending.cache && { cache: spending.cache }),
    rows: (query) => store.results.listResults(runId, query),
  };
}
