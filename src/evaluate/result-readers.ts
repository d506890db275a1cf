import { withoutAbsent } from "../core/index.ts";
import { type FlakyRows, findFlakyRows, readFlakyRows } from "./flaky-rows.ts";
import { decideStoredRun } from "./gating/stored-run.ts";
import type { TrialContext } from "./predict.ts";
import type { EvaluateResult } from "./result.ts";
import { RESULTS_TABLE, ResultsTable } from "./results-table.ts";

/** A run, and what it sets out to do. */
export type RunOfPlan = Pick<TrialContext, "plan" | "store" | "runId">;

/** Which rows are flaky, by the rules that are stored with the plan. */
export function findFlakyRowsOf({ plan, store, runId }: RunOfPlan): Promise<FlakyRows | undefined> {
  const { flakySpread, passThreshold } = plan.options;
  const rules = plan.scorers.map(({ scorer }) => withoutAbsent({ passThreshold, ...scorer }));
  return findFlakyRows(store.results, runId, rules, flakySpread);
}

/** What a result reads from the store when it is asked for. */
export function readersOf(
  { plan, store, runId }: RunOfPlan,
  flaky: FlakyRows = new Map(),
): Pick<EvaluateResult, "tables" | "flaky" | "rows" | "decide"> {
  const { results } = store;
  const table = new ResultsTable(plan);
  return {
    tables: {
      [RESULTS_TABLE]: {
        async *[Symbol.asyncIterator]() {
          for await (const row of results.listResults(runId)) yield table.record(row);
        },
      },
    },
    flaky: { [Symbol.asyncIterator]: () => readFlakyRows(results, runId, flaky) },
    decide: (gates, options = {}) => decideStoredRun(store, runId, { ...options, gates }),
    rows: (query) => results.listResults(runId, query),
  };
}
