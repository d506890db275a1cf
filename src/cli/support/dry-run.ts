import { scorerKey } from "../../core/index.ts";
import type { Plan } from "../../evaluate/index.ts";
import { EXIT } from "./exit-codes.ts";
import { type Io, line } from "./io.ts";

/** Says what an evaluation would do: rows, model calls, judge calls. Nothing is stored or called. */
export async function printDryRun(plans: readonly Plan[], io: Io, json: boolean): Promise<number> {
  const outlooks = await Promise.all(plans.map(outlookOf));
  if (json) {
    line(io.stdout, JSON.stringify(outlooks, null, 2));
    return EXIT.ok;
  }
  for (const plan of outlooks) {
    const { rows = "an unknown number of", modelCalls = "?", judgeCalls = "?" } = plan;
    line(io.stdout, `${plan.name}: ${rows} rows, scorers ${plan.scorers.join(", ")}`);
    line(io.stdout, `  ${modelCalls} model calls, ${judgeCalls} judge calls; cost: unknown`);
    for (const note of plan.notes) line(io.stdout, `  note: ${note}`);
  }
  return EXIT.ok;
}

async function outlookOf(plan: Plan) {
  const { name, trials, predictor, scorers, notes } = plan;
  // Long data is counted only here: an evaluation counts it as it goes.
  const { rows } = plan.rows === undefined ? await plan.source.inspect({ whole: true }) : plan;
  const judges = scorers.filter(({ scorer }) => scorer.source?.kind === "judge").length;
  const results = rows === undefined ? undefined : rows * trials;
  return {
    name,
    ...(rows !== undefined && { rows }),
    trials,
    ...(predictor !== undefined && { model: predictor.name }),
    scorers: scorers.map(({ scorer }) => scorerKey(scorer)),
    ...(results !== undefined && {
      modelCalls: predictor === undefined ? 0 : results,
      judgeCalls: results * judges,
    }),
    notes,
  };
}
