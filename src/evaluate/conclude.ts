import { type Summary, scorerKey } from "../core/index.ts";
import { decideGate, type GateResult } from "../gates/index.ts";
import type { Aggregates } from "./aggregate-run.ts";
import { gateKeys, isCalled } from "./metric-keys.ts";
import type { Plan } from "./plan.ts";

/** One line per scorer (or the model) that lacks more scores than `maxFailed` allows, and per metric that failed. */
export function findProblems(
  { maxFailed }: Plan,
  { counts, summaries, problems }: Aggregates,
  planned: number,
): string[] {
  const allowed = `${Number((maxFailed * 100).toFixed(2))} %`;
  const lacking = Object.entries(summaries)
    .filter(([, summary]) => lacksScores(summary, maxFailed))
    .map(([key, summary]) => `${key}: ${lackOf(summary)}; at most ${allowed} may`);
  const unreached = planned - counts.completed;
  if (planned > 0 && (counts.failed + unreached) / planned > maxFailed) {
    const parts = [
      counts.failed > 0 && `the model failed on ${counts.failed} of ${planned} rows`,
      unreached > 0 && `${unreached} of ${planned} rows were not reached`,
    ];
    lacking.unshift(`${parts.filter(Boolean).join(", ")}; at most ${allowed} may`);
  }
  return [...lacking, ...problems];
}

/** Keys of the scorers that lack more scores than `maxFailed` allows. */
export function incompleteScorers({ maxFailed }: Plan, { summaries }: Aggregates): string[] {
  return Object.entries(summaries).flatMap(([key, summary]) =>
    lacksScores(summary, maxFailed) ? [key] : [],
  );
}

/** Metrics of all rows together that rest on too few of them, where their keys do not tell the scorer. */
export function incompleteMetrics(
  { scorers }: Plan,
  incomplete: readonly string[],
): string[] | undefined {
  const keys = scorers
    .filter(({ scorer }) => incomplete.includes(scorerKey(scorer)))
    .flatMap(({ scorer }) => scorer.corpus?.keys ?? []);
  return keys.length > 0 ? keys : undefined;
}

/** Decides every gate; a metric whose scorer lacks too many scores decides nothing. */
export function decideGates(plan: Plan, { evidence, summaries }: Aggregates): GateResult[] {
  const metrics = plan.scorers.flatMap((scorer) =>
    gateKeys(scorer, plan.options).map((metric) => ({
      metric,
      summary: summaries[scorerKey(scorer.scorer)],
    })),
  );
  return plan.gates.map((gate) => {
    const found = metrics.find(({ metric }) => isCalled(metric, gate.metric));
    const measured = evidence.get(found?.metric.key ?? gate.metric) ?? {};
    const result = decideGate(gate, measured, plan.options.strict);
    const summary = found?.summary;
    if (summary === undefined || !lacksScores(summary, plan.maxFailed)) return result;
    return {
      ...result,
      verdict: "undecided",
      decision: "fail",
      message: `${gate.metric} cannot be judged: ${lackOf(summary)}; demanded ${gate.operator} ${gate.threshold}`,
    };
  });
}

function lacksScores(summary: Summary, maxFailed: number): boolean {
  const applicable = summary.n - summary.notApplicable;
  return applicable > 0 && (summary.failed + summary.missing) / applicable > maxFailed;
}

function lackOf({ n, notApplicable, failed, missing }: Summary): string {
  return `${failed + missing} of ${n - notApplicable} results have no score (${failed} failed, ${missing} missing)`;
}
