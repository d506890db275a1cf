import {
  AGGREGATION_NAMES,
  type AggregationName,
  type GateCounts,
  type Interval,
  sha256,
  withoutAbsent,
} from "../../core/index.ts";
import type { Evidence, GateMetric, GateScorer, MetricGate } from "../../gates/index.ts";
import { bettingInterval, missingBounds, trialVariance } from "../../stats/index.ts";
import { aggregateEvidence, meanEvidence, ScoreColumn } from "../score-column.ts";
import { columnOf, type GateColumn, type RunReader, rowMeans } from "./gated-run.ts";
import { groupedMean } from "./grouped-mean.ts";

type Scale = readonly [low: number, high: number];

/** What is known of the metric that a gate names, for the rows that it is about. */
export async function metricEvidence(
  reader: RunReader,
  metric: GateMetric,
  { slice }: Pick<MetricGate, "slice">,
): Promise<Evidence> {
  const { run } = reader;
  const { facts } = run;
  const { scorer, key } = metric;
  const aggregation = AGGREGATION_NAMES.find((name) => name === metric.aggregation);
  const known = run.evidence.get(key);
  if (scorer === undefined || aggregation === undefined) return known ?? {};
  const isMean = aggregation === "mean";
  const isPlain = slice === undefined && !needsRows(reader);
  if (isPlain && known !== undefined) {
    const counts = countsOf(run.summaries[scorer.key]);
    const scale = isMean && lacking(counts) > 0 ? await scaleOf(reader, scorer) : undefined;
    return { ...known, ...withCounts(counts, worstOf(known, counts, scale)) };
  }
  const whole = await reader.numbers(scorer.key);
  const ordinals = slice && (facts?.ordinalsOf(slice) ?? new Set<number>());
  const column = ordinals === undefined ? whole : columnOf(whole, ordinals);
  const counts =
    ordinals === undefined
      ? countsOf(run.summaries[scorer.key])
      : await countsOfSlice(reader, scorer.key, column, ordinals);
  if (!isMean) return { ...otherThanMean(aggregation, column, reader), ...withCounts(counts) };
  return meanOf(reader, metric, column, counts);
}

/** Yes and no are 1 and 0, though their scorer declares no scale. */
async function scaleOf(reader: RunReader, { key, scale }: GateScorer): Promise<Scale | undefined> {
  return scale ?? ((await reader.numbers(key)).isRate ? [0, 1] : undefined);
}

/** Whether evidence needs more than what was computed for all runs. */
function needsRows({ run }: RunReader): boolean {
  return run.guarantee === "exact" || run.trials > 1 || run.groups.size > 0;
}

/** Its intervals take each value for a piece of evidence of its own. */
function otherThanMean(
  aggregation: AggregationName,
  column: GateColumn,
  { run }: RunReader,
): Evidence {
  const of = new ScoreColumn(column.values, column.ordinals);
  const found = aggregateEvidence(aggregation, of, run.trials > 1);
  if (run.groups.size === 0 || found.interval === undefined) return found;
  const { interval: _ofIndependentRows, ...rest } = found;
  return { ...rest, noInterval: "rows that belong to groups give this metric no interval" };
}

function meanOf(
  reader: RunReader,
  { scorer }: GateMetric,
  column: GateColumn,
  counts: GateCounts | undefined,
): Evidence | Promise<Evidence> {
  const { run } = reader;
  const isJudge = scorer !== undefined && run.judges.has(scorer.key);
  const options = withoutAbsent({
    scale: scorer?.scale,
    source: isJudge ? ({ kind: "judge", model: "" } as const) : undefined,
  });
  const scores = new ScoreColumn(column.values, column.ordinals);
  const mean = meanEvidence(scores, options, column.isRate);
  if (mean.estimate === undefined) return { ...withCounts(counts) };
  const scale = scorer?.scale ?? (column.isRate ? ([0, 1] as const) : undefined);
  const hasGroups = run.groups.size > 0;
  const grouped = hasGroups ? groupedMean(mean, column, run.groups, scale) : undefined;
  const shared = {
    ...(grouped?.evidence ?? mean),
    ...withCounts(
      counts && withoutAbsent({ ...counts, clusters: grouped?.clusters }),
      worstOf(mean, counts, scale),
    ),
    ...(run.trials > 1 && rerunOf(scores)),
  };
  if (run.guarantee !== "exact") return shared;
  return exactInterval(reader, column, scale).then((exact) => {
    const { interval: _other, ...rest } = shared;
    const isKnown =
      exact !== undefined && (grouped === undefined || grouped.interval !== undefined);
    return isKnown ? { ...rest, interval: exact } : rest;
  });
}

function rerunOf(scores: ScoreColumn): Pick<Evidence, "rerunStandardError"> {
  const found = trialVariance(scores.rows());
  return found === undefined ? {} : { rerunStandardError: found.rerunStandardError };
}

/**
 * Betting intervals depend on the order of the values: it is that of the hashes of the row keys, and of the
 * names of groups. A group is one value, its mean, and weighs as many rows as it has.
 */
async function exactInterval(
  reader: RunReader,
  column: GateColumn,
  scale: Scale | undefined,
): Promise<Interval | undefined> {
  if (scale === undefined) return undefined;
  const [low, high] = scale;
  const keys = await reader.keys();
  const { ordinals, means } = rowMeans(column);
  const units = new Map<string, { rows: number; sum: number }>();
  for (const [index, ordinal] of ordinals.entries()) {
    const group = reader.run.groups.get(ordinal);
    const name = group === undefined ? `${keys.get(ordinal) ?? ordinal}` : `group ${group}`;
    const { rows, sum } = units.get(name) ?? { rows: 0, sum: 0 };
    units.set(name, { rows: rows + 1, sum: sum + ((means[index] as number) - low) / (high - low) });
  }
  const placed = [...units].map(([name, { rows, sum }]) => ({
    place: sha256(name),
    rows,
    // Means may miss the ends of the scale by a rounding.
    value: Math.min(1, Math.max(0, sum / rows)),
  }));
  placed.sort((a, b) => (a.place < b.place ? -1 : 1));
  const found = bettingInterval(
    placed.map(({ value }) => value),
    undefined,
    placed.map(({ rows }) => rows),
  );
  return (
    found && {
      ...found,
      lower: low + found.lower * (high - low),
      upper: low + found.upper * (high - low),
    }
  );
}

function countsOf(
  summary: { scored: number; failed: number; missing: number; notApplicable: number } | undefined,
): GateCounts | undefined {
  if (summary === undefined) return undefined;
  const { scored, failed, missing, notApplicable } = summary;
  return { scored, failed, missing, notApplicable };
}

/** What rows of a slice lack is looked up one by one: they are few, or the run is incomplete. */
async function countsOfSlice(
  { run }: RunReader,
  scorer: string,
  column: GateColumn,
  ordinals: ReadonlySet<number>,
): Promise<GateCounts> {
  const scored = new Map<number, number>();
  for (const ordinal of column.ordinals) scored.set(ordinal, (scored.get(ordinal) ?? 0) + 1);
  const lacking = [...ordinals].filter((ordinal) => (scored.get(ordinal) ?? 0) < run.trials);
  const counts = { scored: column.values.length, failed: 0, missing: 0, notApplicable: 0 };
  let seen = 0;
  if (lacking.length > 0) {
    for await (const row of run.results.listResults(run.runId, { ordinals: lacking })) {
      const score = row.scores[scorer];
      if (score?.kind === "scored") {
        // A word, where the column has none of the numbers because of it.
        if (column.values.length === 0) counts.scored += 1;
        continue;
      }
      seen += 1;
      if (score?.reason === "not-applicable") counts.notApplicable += 1;
      else if (score !== undefined || row.error !== undefined) counts.failed += 1;
      else counts.missing += 1;
    }
  }
  const planned = ordinals.size * run.trials;
  counts.missing += Math.max(0, planned - counts.scored - seen);
  return counts;
}

function worstOf(
  { estimate }: Evidence,
  counts: GateCounts | undefined,
  scale: Scale | undefined,
): Evidence["worstCase"] {
  if (counts === undefined || estimate === undefined || scale === undefined) return undefined;
  const without = lacking(counts);
  return without === 0
    ? undefined
    : missingBounds(estimate * counts.scored, counts.scored, without, scale);
}

const lacking = (counts: GateCounts | undefined) => (counts?.failed ?? 0) + (counts?.missing ?? 0);

function withCounts(counts: GateCounts | undefined, worstCase?: Evidence["worstCase"]) {
  return { ...(counts && { counts }), ...(worstCase && { worstCase }) };
}
