import { type Summary, scorerKey, withoutAbsent } from "../core/index.ts";
import {
  type Decision,
  type GateResult,
  overallDecision,
  overallVerdict,
  type Verdict,
} from "../gates/index.ts";
import type { EvaluationStatus } from "../store/index.ts";
import type { Aggregates } from "./aggregate-run.ts";
import { decideRun } from "./gating/decide-run.ts";
import type { GatedRun } from "./gating/gated-run.ts";
import { catalogOf } from "./gating/plan-gates.ts";
import type { RowFacts } from "./gating/row-facts.ts";
import type { Plan } from "./plan.ts";
import type { TrialContext } from "./predict.ts";

/** What was found of a run, as far as it tells whether that is enough. */
interface Found extends Pick<Aggregates, "summaries" | "problems"> {
  readonly counts: Pick<Aggregates["counts"], "completed" | "failed">;
}

/** One line per scorer (or the model) that lacks more scores than `maxFailed` allows, and per metric that failed. */
export function findProblems(
  { maxFailed }: Plan,
  { counts, summaries, problems }: Found,
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
export function incompleteScorers(
  { maxFailed }: Plan,
  { summaries }: Pick<Found, "summaries">,
): string[] {
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

/** Failed results that are looked at for what they have in common. */
const LOOKED_AT = 200;

/** Why most of the failed results failed, in a line. */
export async function commonReasons({
  store,
  runId,
}: Pick<TrialContext, "store" | "runId">): Promise<string[]> {
  const counts = new Map<string, number>();
  let seen = 0;
  for await (const row of store.results.listResults(runId, { failed: true, limit: LOOKED_AT })) {
    seen += 1;
    const unscored = Object.values(row.scores).find(
      (score) => score.kind === "unscored" && score.reason !== "not-applicable",
    );
    const reason = row.error ?? (unscored?.kind === "unscored" ? unscored.detail : undefined);
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  if (most === undefined) return [];
  const [reason, count] = most;
  const isCommon = count > 1 || seen === 1;
  return [`${isCommon ? `most often (${count} of ${seen} looked at)` : "for example"}: ${reason}`];
}

/** What an evaluation comes to: without enough results nothing passes. */
export function conclusionOf(
  status: EvaluationStatus,
  gates: readonly GateResult[],
): { readonly verdict?: Verdict; readonly decision?: Decision } {
  const isOpen = gates.length > 0 && status !== "finished";
  return withoutAbsent({
    verdict: isOpen ? ("undecided" as const) : overallVerdict(gates),
    decision: isOpen ? ("fail" as const) : overallDecision(gates),
  });
}

/** Whether a problem is that of a metric which failed, whatever is demanded of the results. */
export function isUncomputed(problem: string): boolean {
  return problem.includes(" cannot be computed: ");
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
