import { dollarsText, scorerKey } from "../../core/index.ts";
import { type CostEstimate, estimateCost, type Plan } from "../../evaluate/index.ts";
import { EXIT } from "./exit-codes.ts";
import { type Io, line } from "./io.ts";

/** Says what an evaluation would do: rows, calls and their cost. Nothing is stored or called. */
export async function printDryRun(plans: readonly Plan[], io: Io, json: boolean): Promise<number> {
  const outlooks: Awaited<ReturnType<typeof outlookOf>>[] = [];
  for (const plan of plans) outlooks.push(await outlookOf(plan));
  if (json) {
    line(io.stdout, JSON.stringify(outlooks, null, 2));
    return EXIT.ok;
  }
  for (const plan of outlooks) {
    line(io.stdout, `${plan.name}: ${plan.rows} rows, scorers ${plan.scorers.join(", ")}`);
    line(
      io.stdout,
      `  ${plan.modelCalls} model calls, ${plan.judgeCalls} judge calls; ${costText(plan)}`,
    );
    for (const note of plan.notes) line(io.stdout, `  note: ${note}`);
  }
  return EXIT.ok;
}

async function outlookOf(plan: Plan) {
  const { name, trials, predictor, scorers, notes } = plan;
  const { rowsSeen, ...estimate } = await estimateCost(plan);
  return {
    name,
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
