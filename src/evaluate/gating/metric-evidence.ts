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
import { columnWith, lacking, ordinalsWithout } from "./without-score.ts";

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
  const isWhole = !isMean || lacking(countsOf(run.summaries[scorer.key])) === 0;
  if (slice === undefined && isWhole && !needsRows(reader) && known !== undefined) {
    return { ...known, ...withCounts(countsOf(run.summaries[scorer.key])) };
  }
  const whole = await reader.numbers(scorer.key);
  const ordinals = slice && (facts?.ordinalsOf(slice) ?? new Set<number>());
  const column = ordinals === undefined ? whole : columnOf(whole, ordinals);
  const counts =
    ordinals === undefined
      ? countsOf(run.summaries[scorer.key])
      : await countsOfSlice(reader, scorer.key, column, ordinals);
  if (!isMean) return { ...otherThanMean(aggregation, column, reader), ...withCounts(counts) };
  return meanOf(reader, scorer, column, counts, ordinals);
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

async function meanOf(
  reader: RunReader,
  scorer: GateScorer,
  column: GateColumn,
  counts: GateCounts | undefined,
  ordinals: ReadonlySet<number> | undefined,
): Promise<Evidence> {
  const { run } = reader;
  // Yes and no are 1 and 0, though their scorer declares no scale.
  const scale = scorer.scale ?? (column.isRate ? ([0, 1] as const) : undefined);
  const { clusters, ...mean } = await intervalOf(reader, scorer, column, scale);
  if (mean.estimate === undefined) return withCounts(counts);
  const worstCase = worstOf(mean, counts, scale);
  const asIfScored =
    worstCase &&
    counts &&
    scale &&
    (await asIf(reader, scorer, { column, counts, ordinals, scale }));
  return {
    ...mean,
    ...withCounts(counts && withoutAbsent({ ...counts, clusters }), worstCase),
    ...(asIfScored && { asIfScored }),
    ...(run.trials > 1 && rerunOf(new ScoreColumn(column.values, column.ordinals))),
  };
}

/** The mean and its interval, as the run's groups and guarantee want it. */
async function intervalOf(
  reader: RunReader,
  scorer: GateScorer,
  column: GateColumn,
  scale: Scale | undefined,
): Promise<Evidence & { readonly clusters?: number }> {
  const { run } = reader;
  const options = withoutAbsent({
    scale: scorer.scale,
    source: run.judges.has(scorer.key) ? ({ kind: "judge", model: "" } as const) : undefined,
  });
  const mean = meanEvidence(
    new ScoreColumn(column.values, column.ordinals),
    options,
    column.isRate,
  );
  if (mean.estimate === undefined) return {};
  const grouped = run.groups.size > 0 ? groupedMean(mean, column, run.groups, scale) : undefined;
  const found = withoutAbsent({ ...(grouped?.evidence ?? mean), clusters: grouped?.clusters });
  if (run.guarantee !== "exact") return found;
  const exact = await exactInterval(reader, column, scale);
  const { interval: _other, ...rest } = found;
  const isKnown = exact !== undefined && (grouped === undefined || grouped.interval !== undefined);
  return isKnown ? { ...rest, interval: exact } : rest;
}

/** The intervals if all results without a score had the lowest, and the highest. */
async function asIf(
  reader: RunReader,
  scorer: GateScorer,
  about: {
    readonly column: GateColumn;
    readonly counts: GateCounts;
    readonly ordinals: ReadonlySet<number> | undefined;
    readonly scale: Scale;
  },
): Promise<Evidence["asIfScored"]> {
  const { column, counts, ordinals, scale } = about;
  const without = lacking(counts);
  // Too many, and nothing is decided.
  if (without > reader.run.maxFailed * (without + counts.scored)) return undefined;
  const places = await ordinalsWithout(reader, scorer.key, column, counts, ordinals);
  const [lower, upper] = await Promise.all(
    scale.map((value) => intervalOf(reader, scorer, columnWith(column, places, value), scale)),
  );
  return lower?.interval && upper?.interval && { lower: lower.interval, upper: upper.interval };
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

function withCounts(counts: GateCounts | undefined, worstCase?: Evidence["worstCase"]) {
  return { ...(counts && { counts }), ...(worstCase && { worstCase }) };
}
