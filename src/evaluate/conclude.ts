import { type Summary, scorerKey, withoutAbsent } from "../core/index.ts";
import type { GateResult } from "../gates/index.ts";
import type { Aggregates } from "./aggregate-run.ts";
import { decideRun } from "./gating/decide-run.ts";
import type { GatedRun } from "./gating/gated-run.ts";
import { catalogOf } from "./gating/plan-gates.ts";
import type { RowFacts } from "./gating/row-facts.ts";
import type { Plan } from "./plan.ts";
import type { TrialContext } from "./predict.ts";

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

/** Decides every gate on the committed scores; a metric whose scorer lacks too many scores decides nothing. */
export async function decideGates(
  { plan, store, runId }: TrialContext,
  { evidence, summaries, groups }: Aggregates,
  rows: number,
): Promise<GateResult[]> {
  const { gates, baseline, facts, scorers, options } = plan;
  if (gates.length === 0) return [];
  const known = await completeFacts(plan, facts, rows);
  const run = withoutAbsent<GatedRun>({
    results: store.results,
    runId,
    catalog: catalogOf(scorers, options, plan.predictor !== undefined),
    rows,
    trials: plan.trials,
    evidence,
    summaries,
    maxFailed: plan.maxFailed,
    facts: known,
    // A run that an earlier version began has only those of the rows that this one added.
    groups: groups.size === rows ? groups : new Map([...(known?.clusters ?? []), ...groups]),
    judges: new Set(
      scorers.flatMap(({ scorer }) => (scorer.source?.kind === "judge" ? [scorerKey(scorer)] : [])),
    ),
    guarantee: options.guarantee ?? "standard",
  });
  return decideRun(run, gates, withoutAbsent({ strict: options.strict, baseline }));
}

/** Rows that passed through other hands are read again, where they can be. */
async function completeFacts(
  { source }: Plan,
  facts: RowFacts | undefined,
  rows: number,
): Promise<RowFacts | undefined> {
  if (facts === undefined || facts.size >= rows || !source.isRepeatable) return facts;
  for await (const row of source.rows()) facts.add(row);
  return facts;
}

function lacksScores(summary: Summary, maxFailed: number): boolean {
  const applicable = summary.n - summary.notApplicable;
  return applicable > 0 && (summary.failed + summary.missing) / applicable > maxFailed;
}

function lackOf({ n, notApplicable, failed, missing }: Summary): string {
  return `${failed + missing} of ${n - notApplicable} results have no score (${failed} failed, ${missing} missing)`;
}
