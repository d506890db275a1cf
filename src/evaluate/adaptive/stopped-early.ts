import { dollarsText, type Summary, scorerKey, withoutAbsent } from "../../core/index.ts";
import type { GateResult } from "../../gates/index.ts";
import type { AdaptiveOutcome } from "../../store/index.ts";
import type { Aggregates } from "../aggregate-run.ts";
import { COST_METRIC } from "../metric-keys.ts";
import type { Plan } from "../plan.ts";
import type { TrialContext } from "../predict.ts";

/** What is told of a run that judged part of its rows: counts and bounds, and no mean that looks like a score. */
export interface StoppedEarly {
  readonly aggregates: Aggregates;
  readonly adaptive: AdaptiveOutcome;
  readonly notes: readonly string[];
}

/**
 * Takes the means out of what a stopped run measured: rows were taken until the verdict was certain, so the
 * mean of those is biased. The bounds of gates on the whole mean stand in the summaries.
 */
export function stoppedEarly(
  { plan }: Pick<TrialContext, "plan">,
  aggregates: Aggregates,
  rows: number,
  gates: readonly GateResult[],
): StoppedEarly {
  const { counts } = aggregates;
  const judged = Math.floor(counts.completed / plan.trials);
  const left = rows - judged;
  const { cost } = counts.usage;
  const savedCost =
    cost === undefined || counts.completed === 0
      ? undefined
      : (cost / counts.completed) * left * plan.trials;
  const summaries = Object.entries(aggregates.summaries).map(([key, summary]) => {
    const { mean: _partial, interval: _around, ...rest } = summary;
    const bounds = boundsOf(plan, gates, key);
    return [key, withoutAbsent<Summary>({ ...rest, interval: bounds })];
  });
  const evidence = new Map([...aggregates.evidence].filter(([key]) => key === COST_METRIC));
  return {
    aggregates: { ...aggregates, summaries: Object.fromEntries(summaries), evidence },
    adaptive: withoutAbsent({ judged, rows, savedCost }),
    notes: [noteOf(plan, judged, rows, savedCost)],
  };
}

/** Of the first gate on the mean of a scorer over all rows. */
function boundsOf({ gates, scorers }: Plan, results: readonly GateResult[], scorer: string) {
  const names = scorers
    .filter((one) => scorerKey(one.scorer) === scorer)
    .flatMap(({ scorer: { name } }) => [name, scorer, `${name}/mean`, `${scorer}/mean`]);
  const index = gates.findIndex(
    (gate) =>
      gate.kind === "metric" &&
      gate.slice === undefined &&
      gate.bound.kind === "value" &&
      names.includes(gate.metric),
  );
  return results[index]?.interval;
}

function noteOf(plan: Plan, judged: number, rows: number, savedCost: number | undefined): string {
  const left = (rows - judged) * plan.trials;
  const judges = plan.scorers.filter(({ scorer }) => scorer.source?.kind === "judge").length;
  const calls = left * (judges + (plan.predictor === undefined ? 0 : 1));
  const money = savedCost === undefined ? "" : ` and about ${dollarsText(savedCost)}`;
  const saved = calls === 0 ? "" : `, which saved ${calls} calls${money}`;
  return `${judged} of ${rows} rows were judged before every gate was certain; the other ${rows - judged} were left out${saved}. Part of the rows is no score: there are no means`;
}
