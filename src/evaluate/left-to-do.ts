import type { Row } from "../core/index.ts";
import { evaluationStore } from "./evaluation-store.ts";
import type { Plan } from "./plan.ts";
import { findLatest, findRun } from "./resume-run.ts";
import { isWhole } from "./run-trials.ts";

/** Of how many trials of a row the model is asked, and of how many the scorers. */
export interface LeftOfRow {
  readonly asked: number;
  readonly scored: number;
}

/**
 * The run that a plan with `resume` would go on with; absent where it would begin one.
 *
 * @param isAlone - Else it stands among others, and begins anew where it has no run.
 * @throws as resuming does.
 */
export async function runToResume(plan: Plan, isAlone: boolean): Promise<string | undefined> {
  const { resume = false } = plan.options;
  if (resume === false) return undefined;
  const store = await evaluationStore(plan.options);
  if (isAlone) return (await findRun(plan, store)).runId;
  return (await findLatest(plan, store))?.record.runId;
}

/** What is left of each row; of all of it where there is no run yet. Nothing is changed by it. */
export async function leftToDo(
  plan: Plan,
  runId: string | undefined,
): Promise<(row: Row) => LeftOfRow> {
  const { trials } = plan;
  if (runId === undefined) return () => ({ asked: trials, scored: trials });
  const { results } = await evaluationStore(plan.options);
  const again = new Set<string>();
  const nameOf = ({ rowKey, trial }: { rowKey: string; trial: number }) => `${trial} ${rowKey}`;
  if (plan.options.retryFailed) {
    for await (const row of results.listResults(runId, { failed: true })) again.add(nameOf(row));
  }
  const left = new Map<string, LeftOfRow>();
  for await (const trial of results.committedTrials(runId)) {
    const { asked, scored } = left.get(trial.rowKey) ?? { asked: trials, scored: trials };
    const isAgain = again.has(nameOf(trial));
    left.set(trial.rowKey, {
      asked: asked - Number(!(isAgain && trial.hasFailed)),
      scored: scored - Number(!isAgain && isWhole(plan, trial)),
    });
  }
  return ({ rowKey }) => left.get(rowKey) ?? { asked: trials, scored: trials };
}
