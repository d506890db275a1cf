import {
  counted,
  describeError,
  redactText,
  type Scorer,
  type Summary,
  scorerKey,
  withoutAbsent,
} from "../core/index.ts";
import type { Evidence } from "../gates/index.ts";
import type { CallTotals, ResultCounts, ScoreValues, UnknownCosts } from "../store/index.ts";
import { isOverColumns, scoreColumns } from "./column-metrics.ts";
import { costEvidence, costNotes } from "./cost-evidence.ts";
import { groupedMean } from "./gating/grouped-mean.ts";
import { latencyEvidence } from "./latency-evidence.ts";
import { COST_METRIC, metricKeys, partKeys, reducedKeys } from "./metric-keys.ts";
import type { Plan } from "./plan.ts";
import type { TrialContext } from "./predict.ts";
import { reduceTrials } from "./reduce-trials.ts";
import { aggregateEvidence, meanEvidence, numbersOf, ScoreColumn } from "./score-column.ts";

/** What the committed rows of a run say. */
export interface Aggregates {
  readonly counts: ResultCounts;
  readonly summaries: { readonly [scorer: string]: Summary };
  /** By metric key; with the interval of those that have one. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** What the judges called, by scorer key. */
  readonly judges: { readonly [scorer: string]: CallTotals };
  /** What rows belong to, by ordinal; empty where they stand alone. */
  readonly groups: ReadonlyMap<number, string>;
  /** Metrics that could not be computed, one line each. */
  readonly problems: readonly string[];
  /** What else must be known to read the metrics, one line each. */
  readonly notes: readonly string[];
}

/**
 * Reads every total from the committed scores; nothing is taken from counters kept meanwhile.
 *
 * @param isPartial - Rows are left that a resumed run may reach: metrics over all rows wait for them.
 */
export async function aggregateRun(
  context: TrialContext,
  plannedTrials: number,
  isPartial: boolean,
): Promise<Aggregates> {
  const { plan, runId } = context;
  const { results } = context.store;
  const summaries = new Map<string, Summary>();
  const evidence = new Map<string, Evidence>();
  const problems: string[] = [];
  const notes: string[] = [];
  const groups = await results.rowGroups(runId);
  // Metrics over columns are told those of the other scorers.
  const isLate = (scorer: Scorer) => Number(isOverColumns(scorer));
  for (const scorer of plan.scorers.toSorted((a, b) => isLate(a) - isLate(b))) {
    const columns =
      isOverColumns(scorer) && !isPartial
        ? await scoreColumns(context, scorer, metricsIn(evidence))
        : undefined;
    const found = await aggregateScorer(context, scorer, groups);
    const { scored, failed, notApplicable } = found.counts;
    const summary = withoutAbsent<Summary>({
      mean: found.mean.estimate,
      interval: found.mean.interval,
      n: plannedTrials,
      ...found.counts,
      missing: plannedTrials - scored - failed - notApplicable,
    });
    summaries.set(scorerKey(scorer.scorer), summary);
    for (const [key, value] of found.evidence) evidence.set(key, value);
    if (columns?.hasOwnAggregates) for (const { key } of metricKeys(scorer)) evidence.delete(key);
    for (const [key, value] of columns?.evidence ?? []) evidence.set(key, value);
    problems.push(...found.problems, ...(columns?.problems ?? []));
    notes.push(...found.notes);
  }
  const counts = await results.countResults(runId);
  const latencies = latencyEvidence(await results.latencies(runId), plan.trials > 1);
  for (const [key, found] of latencies) evidence.set(key, found);
  const { cost } = counts.usage;
  const limits = limitsOf(plan);
  // To find them takes a pass over the results.
  if (cost !== undefined || limits.length > 0) {
    const unknown = await results.unknownCosts(runId);
    if (cost !== undefined) {
      const found = costEvidence(cost, unknown, plan.predictor?.name);
      evidence.set(COST_METRIC, found);
      notes.push(...costNotes(found));
    }
    notes.push(...unlimited(limits, unknown));
  }
  const judges = await results.callTotals(runId);
  notes.push(...mixedModels(judges));
  return {
    ...{ counts, summaries: Object.fromEntries(summaries), evidence, judges },
    ...{ groups, problems, notes },
  };
}

/** A provider may answer with another model than the one asked for, or change it in the middle of a run. */
function mixedModels(judges: Aggregates["judges"]): string[] {
  return Object.entries(judges).flatMap(([key, { answeredBy }]) =>
    answeredBy.length > 1
      ? [`${key} was judged by more than one model: ${answeredBy.join(", ")}`]
      : [],
  );
}

/** Why there is no mean, where some verdicts would have given one. */
function mixedVerdicts(key: string, { values, counts }: ScoreValues): string[] {
  const words = counts.scored - values.length;
  return words === 0 || values.length === 0
    ? []
    : [`${key} has no mean: ${words} of ${counts.scored} verdicts are words, the others numbers`];
}

/** What a model may spend at most, by the names of the options. */
function limitsOf({ options, predictor }: Plan): string[] {
  if (predictor === undefined) return [];
  return (["maxCost", "maxTokens"] as const).filter((name) => options[name] !== undefined);
}

/** That limits could not be kept, because answers told nothing that counts towards them. */
function unlimited(limits: readonly string[], { silent }: UnknownCosts): string[] {
  if (silent === 0 || limits.length === 0) return [];
  return [
    `${limits.join(" and ")} could not count ${counted(silent, "answer")} that told of no tokens`,
  ];
}

/** What was measured, as numbers by key. */
export function metricsIn(evidence: ReadonlyMap<string, Evidence>): { [key: string]: number } {
  const measured = [...evidence].flatMap(([key, { estimate }]) =>
    estimate === undefined ? [] : [[key, estimate] as const],
  );
  return Object.fromEntries(measured);
}

/** One scorer at a time, so that one column of a long run is in memory. */
async function aggregateScorer(
  { plan, store: { results }, runId }: TrialContext,
  scorer: Scorer,
  groups: Aggregates["groups"],
) {
  const key = scorerKey(scorer.scorer);
  // One pass gives the counts as well: for a million rows each takes seconds.
  const all = await results.scoreValues(runId, key);
  const scores = numbersOf(all);
  const { counts } = scores;
  const column = new ScoreColumn(scores.values, scores.ordinals);
  const alone = meanEvidence(column, scorer.scorer, scores.isRate);
  const scale = scorer.scorer.scale ?? (scores.isRate ? ([0, 1] as const) : undefined);
  const mean =
    groups.size === 0 || alone.estimate === undefined
      ? alone
      : groupedMean(alone, scores, groups, scale).evidence;
  const evidence = new Map<string, Evidence>();
  const problems: string[] = [];
  for (const { key: metric, aggregation } of metricKeys(scorer)) {
    try {
      const isMean = aggregation === "mean";
      const other = () => aggregateEvidence(aggregation, column, plan.trials > 1);
      evidence.set(metric, isMean ? mean : other());
    } catch (error) {
      // The caller's own function; the results it could not digest are paid for and stay.
      problems.push(redactText(`${metric} cannot be computed: ${describeError(error)}`));
    }
  }
  const notes: string[] = mixedVerdicts(key, all);
  for (const { key: metric, reduction } of reducedKeys(scorer, plan.options)) {
    const about = { key: metric, isRate: scores.isRate };
    const reduced = reduceTrials(column, reduction, scorer, plan.options, about);
    evidence.set(metric, reduced.evidence);
    notes.push(...reduced.notes);
  }
  const parts = partKeys(scorer);
  const means = await results.partMeans(
    runId,
    key,
    parts.map(({ part }) => part),
  );
  for (const { part, key: metric } of parts) {
    const found = means[part];
    if (found !== undefined) evidence.set(metric, { estimate: found.mean, n: found.n });
  }
  return { counts, mean, evidence, problems, notes };
}
