import {
  AGGREGATION_NAMES,
  addUsage,
  type Run,
  type Summary,
  scorerKey,
  type Usage,
  withoutAbsent,
} from "../../core/index.ts";
import type { EvaluationOutcome, EvaluationRecord, TrackingStore } from "../../store/index.ts";
import { logInBatches } from "../../tracking/index.ts";
import { costEvidence, costNotes } from "../cost-evidence.ts";
import { groupedMean } from "../gating/grouped-mean.ts";
import { latencyEvidence } from "../latency-evidence.ts";
import { COST_METRIC } from "../metric-keys.ts";
import { aggregateEvidence, meanEvidence, numbersOf, ScoreColumn } from "../score-column.ts";
import type { Shard } from "./shard.ts";

/** A shard's run, wherever it is stored. */
export interface ShardRun {
  readonly store: TrackingStore;
  readonly runId: string;
}

/** A shard that came to its end. */
export interface Part extends ShardRun {
  readonly run: Run;
  readonly record: EvaluationRecord;
  readonly shard: Shard;
}

/** Aggregates and logs what was copied; metrics of functions and of all rows together need the evaluation's own code. */
export async function mergedOutcome(
  target: TrackingStore,
  runId: string,
  parts: readonly Part[],
  rows: number,
): Promise<EvaluationOutcome> {
  const [first] = parts as readonly [Part];
  const { record } = first;
  const planned = rows * record.trials;
  const summaries: { [scorer: string]: Summary } = {};
  const metrics: { [key: string]: number } = {};
  const groups = await target.results.rowGroups(runId);
  const known = new Set(parts.flatMap(({ run }) => Object.keys(run.metrics)));
  for (const scorer of record.scorers) {
    const key = scorerKey(scorer);
    const scores = numbersOf(await target.results.scoreValues(runId, key));
    const { values, ordinals, counts, isRate } = scores;
    const column = new ScoreColumn(values, ordinals);
    const alone = meanEvidence(column, scorer, isRate);
    const scale = scorer.scale ?? (isRate ? ([0, 1] as const) : undefined);
    const mean =
      groups.size === 0 || alone.estimate === undefined
        ? alone
        : groupedMean(alone, { values, ordinals }, groups, scale).evidence;
    const { scored, failed, notApplicable } = counts;
    summaries[key] = withoutAbsent<Summary>({
      mean: mean.estimate,
      interval: mean.interval,
      n: planned,
      scored,
      failed,
      notApplicable,
      missing: planned - scored - failed - notApplicable,
    });
    if (known.has(key) && mean.estimate !== undefined) metrics[key] = mean.estimate;
    for (const name of AGGREGATION_NAMES) {
      if (!known.has(`${key}/${name}`)) continue;
      const { estimate } = aggregateEvidence(name, column, true);
      if (estimate !== undefined) metrics[`${key}/${name}`] = estimate;
    }
  }
  for (const [key, { estimate }] of latencyEvidence(await target.results.latencies(runId), true)) {
    if (estimate !== undefined) metrics[key] = estimate;
  }
  const judges = await target.results.callTotals(runId);
  // With what was used for results that were made again.
  const usage = parts.reduce<Usage>(
    (sum, part) => addUsage(sum, part.record.outcome?.usage ?? {}),
    {},
  );
  const notes: string[] = [];
  if (usage.cost !== undefined) {
    metrics[COST_METRIC] = usage.cost;
    const unknown = await target.results.unknownCosts(runId);
    notes.push(...costNotes(costEvidence(usage.cost, unknown, record.model)));
  }
  const left = [...known].filter((key) => !Object.hasOwn(metrics, key));
  if (left.length > 0) {
    notes.push(`metrics of functions and of all rows together are not merged: ${left.join(", ")}`);
  }
  const timestamp = Date.now();
  await logInBatches(target, runId, {
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp, step: 0 })),
  });
  const problems = parts.flatMap(({ record: { outcome }, shard }) =>
    (outcome?.problems ?? []).map((problem) => `shard ${shard.index}/${shard.of}: ${problem}`),
  );
  const maxFailed = Number(record.terms?.["max failed"] ?? 0.02);
  const lacking = Object.entries(summaries).filter(([, { n, notApplicable, failed, missing }]) => {
    const applicable = n - notApplicable;
    return applicable > 0 && (failed + missing) / applicable > maxFailed;
  });
  return withoutAbsent<EvaluationOutcome>({
    status: lacking.length > 0 ? "incomplete" : "finished",
    gates: [],
    summaries,
    usage,
    judges: Object.keys(judges).length > 0 ? judges : undefined,
    durationMs: Math.max(...parts.map((part) => part.record.outcome?.durationMs ?? 0)),
    problems: lacking.length > 0 ? problems : [],
    incompleteScorers: lacking.map(([key]) => key),
    notes: notes.length > 0 ? notes : undefined,
  });
}
