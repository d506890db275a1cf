import { scorerKey } from "../../core/index.ts";
import { type EvaluateOptions, planEvaluation } from "../../evaluate/index.ts";
import { EXIT } from "./exit-codes.ts";
import { type Io, line } from "./io.ts";

/** Says what an evaluation would do: rows, model calls, judge calls. Nothing is stored or called. */
export async function printDryRun(
  evaluations: readonly EvaluateOptions[],
  io: Io,
  json: boolean,
): Promise<number> {
  const plans = [];
  for (const options of evaluations) {
    const { name, rows, trials, predictor, scorers, notes } = await planEvaluation(options);
    const judges = scorers.filter(({ scorer }) => scorer.source?.kind === "judge").length;
    const results = rows === undefined ? undefined : rows * trials;
    plans.push({
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
    });
  }
  if (json) {
    line(io.stdout, JSON.stringify(plans, null, 2));
    return EXIT.ok;
  }
  for (const plan of plans) {
    const { rows = "an unknown number of", modelCalls = "?", judgeCalls = "?" } = plan;
    line(io.stdout, `${plan.name}: ${rows} rows, scorers ${plan.scorers.join(", ")}`);
    line(io.stdout, `  ${modelCalls} model calls, ${judgeCalls} judge calls; cost: unknown`);
    for (const note of plan.notes) line(io.stdout, `  note: ${note}`);
  }
  return EXIT.ok;
}
