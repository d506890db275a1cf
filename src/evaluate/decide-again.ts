import { canonicalJson, withoutAbsent } from "../core/index.ts";
import type { EvaluationRecord } from "../store/index.ts";
import {
  commonReasons,
  conclusionOf,
  findProblems,
  incompleteMetrics,
  incompleteScorers,
  isUncomputed,
} from "./conclude.ts";
import { termsOf } from "./configuration.ts";
import { decidePlanned } from "./gating/stored-run.ts";
import type { EvaluateResult } from "./result.ts";
import type { RunOfPlan } from "./result-readers.ts";
import { storedResult } from "./stored-result.ts";

/**
 * The result of an evaluation that has ended, decided on what the plan demands now. Nothing is computed
 * again but that, and the run keeps what it was decided on.
 *
 * @throws {AssayError} `invalid-argument` for a run that stopped early, which decides no other gates.
 */
export async function decidedAgain(
  context: RunOfPlan,
  record: EvaluationRecord,
): Promise<EvaluateResult> {
  const { plan, store, runId } = context;
  const stored = await storedResult(context, record);
  if (canonicalJson(record.outcome?.terms ?? {}) === canonicalJson(termsOf(plan))) return stored;
  const { verdict: _, decision: __, incompleteMetrics: ___, ...kept } = stored;
  const gates = plan.gates.length === 0 ? [] : await decidePlanned(context, record);
  const counts = await store.results.countResults(runId);
  const found = { counts, summaries: stored.summaries, problems: [] };
  const lacking = findProblems(plan, found, stored.counts.trials);
  const problems = [
    ...lacking,
    ...stored.problems.filter(isUncomputed),
    ...(lacking.length === 0 ? [] : await commonReasons(context)),
  ];
  const status = problems.length > 0 ? "incomplete" : "finished";
  const incomplete = incompleteScorers(plan, found);
  return {
    ...kept,
    ...conclusionOf(status, gates),
    status,
    gates,
    problems,
    incompleteScorers: incomplete,
    ...withoutAbsent({ incompleteMetrics: incompleteMetrics(plan, incomplete) }),
  };
}
