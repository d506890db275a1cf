import { dollarsText, scorerKey } from "../../core/index.ts";
import { type CostEstimate, estimateCost, type Plan } from "../../evaluate/index.ts";
import { EXIT } from "./exit-codes.ts";
import { type Io, line } from "./io.ts";

/** An evaluation, and the run that it would go on with. */
interface Planned {
  readonly plan: Plan;
  readonly runId: string | undefined;
}

/** Says what an evaluation would do: rows, calls and their cost. Nothing is stored or called. */
export async function printDryRun(
  evaluations: readonly Planned[],
  io: Io,
  json: boolean,
): Promise<number> {
  const outlooks: Awaited<ReturnType<typeof outlookOf>>[] = [];
  for (const evaluation of evaluations) outlooks.push(await outlookOf(evaluation));
  if (json) {
    line(io.stdout, JSON.stringify(outlooks, null, 2));
    return EXIT.ok;
  }
  for (const plan of outlooks) {
    line(io.stdout, `${plan.name}: ${plan.rows} rows, scorers ${plan.scorers.join(", ")}`);
    if (plan.runId !== undefined) line(io.stdout, `  left of run ${plan.runId}:`);
    line(
      io.stdout,
      `  ${plan.modelCalls} model calls, ${plan.judgeCalls} judge calls; ${costText(plan)}`,
    );
    for (const note of plan.notes) line(io.stdout, `  note: ${note}`);
  }
  return EXIT.ok;
}

async function outlookOf({ plan, runId }: Planned) {
  const { name, trials, predictor, scorers, notes } = plan;
  const { rowsSeen, ...estimate } = await estimateCost(plan, runId);
  return {
    name,
    ...(runId !== undefined && { runId }),
    ...estimate,
    trials,
    ...(predictor !== undefined && { model: predictor.name }),
    scorers: scorers.map(({ scorer }) => scorerKey(scorer)),
    notes,
  };
}

function costText({
  cost,
  withoutPrice,
  modelCalls,
  judgeCalls,
}: Omit<CostEstimate, "rowsSeen">): string {
  const unknown = withoutPrice.map((uri) => uri.replace(/\?.*$/s, ""));
  const apart =
    unknown.length === 0 ? "" : ` without ${unknown.join(", ")}, whose price is not known`;
  if (cost !== undefined)
    return `cost: about ${cost < 1 ? dollarsText(cost) : `$${cost.toFixed(2)}`}${apart}`;
  if (unknown.length > 0) return `cost: not known, of ${unknown.join(", ")}`;
  return modelCalls + judgeCalls === 0
    ? "cost: none"
    : "cost: not known, the model is your own code";
}
