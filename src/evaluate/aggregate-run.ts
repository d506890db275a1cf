import {
  type Aggregation,
  describeError,
  type Interval,
  redactText,
  type Scorer,
  type Summary,
  scorerKey,
  withoutAbsent,
} from "../core/index.ts";
import type { Evidence } from "../gates/index.ts";
import {
  aggregate,
  momentsOf,
  plusTwoTInterval,
  quantileInterval,
  tInterval,
  wilsonInterval,
} from "../stats/index.ts";
import type { ResultCounts, ScoreValues, TrackingStore } from "../store/index.ts";
import { COST_METRIC, LATENCY_METRICS, metricKeys } from "./metric-keys.ts";
import type { Plan } from "./plan.ts";

/** What the committed rows of a run say. */
export interface Aggregates {
  readonly counts: ResultCounts;
  readonly summaries: { readonly [scorer: string]: Summary };
  /** By metric key; with the interval of those that have one. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** Metrics that could not be computed, one line each. */
  readonly problems: readonly string[];
}

/** Reads every total from the committed rows; nothing is taken from counters kept meanwhile. */
export async function aggregateRun(
  plan: Plan,
  { results }: TrackingStore,
  runId: string,
  plannedTrials: number,
): Promise<Aggregates> {
  const summaries = new Map<string, Summary>();
  const evidence = new Map<string, Evidence>();
  const problems: string[] = [];
  for (const scorer of plan.scorers) {
    const key = scorerKey(scorer.scorer);
    const counts = await results.countScores(runId, key);
    const scores = await results.scoreValues(runId, key);
    // Verdicts in words among numbers: a mean over the numbers alone would leave them out silently.
    const values = scores.values.length < counts.scored ? new Float64Array() : scores.values;
    const mean = meanEvidence(scorer, { ...scores, values });
    const summary = withoutAbsent<Summary>({
      mean: mean.estimate,
      interval: mean.interval,
      n: plannedTrials,
      ...counts,
      missing: plannedTrials - counts.scored - counts.failed - counts.notApplicable,
    });
    summaries.set(key, summary);
    for (const { key: metric, aggregation } of metricKeys(scorer)) {
      try {
        evidence.set(metric, aggregation === "mean" ? mean : other(aggregation, values, plan));
      } catch (error) {
        // The caller's own function; the results it could not digest are paid for and stay.
        problems.push(redactText(`${metric} cannot be computed: ${describeError(error)}`));
      }
    }
  }
  const counts = await results.countResults(runId);
  const seconds = (await results.latencies(runId)).map((ms) => ms / 1000);
  for (const name of ["mean", "p90"] as const) {
    evidence.set(LATENCY_METRICS[name], other(name, seconds, plan));
  }
  const { cost } = counts.usage;
  if (cost !== undefined) evidence.set(COST_METRIC, { estimate: cost });
  return { counts, summaries: Object.fromEntries(summaries), evidence, problems };
}

function meanEvidence({ scorer }: Scorer, scores: ScoreValues): Evidence {
  const { values } = scores;
  if (values.length === 0) return {};
  const isRate = scores.isRate || isPassOrFail(scorer, values);
  // Repetitions of a row are not new evidence about the population: intervals rest on row means.
  const rows = rowMeans(scores);
  const scale = isRate ? ([0, 1] as const) : scorer.scale;
  const estimate = aggregate("mean", [...values]);
  const interval =
    isRate && rows.length === values.length
      ? wilsonInterval(
          values.reduce((passes, value) => passes + value, 0),
          values.length,
        )
      : scale === undefined
        ? tInterval(momentsOf(rows))
        : plusTwoTInterval(momentsOf(rows), scale);
  return withoutAbsent<Evidence>({ estimate, interval, n: values.length });
}

/** A judge with two labels, worth 0 and 1, gives a rate as well, though its verdicts are numbers. */
function isPassOrFail({ scale, source }: Scorer["scorer"], values: Float64Array): boolean {
  const isUnit = scale?.[0] === 0 && scale[1] === 1;
  return source?.kind === "judge" && isUnit && values.every((value) => value === 0 || value === 1);
}

/** The mean of each row's trials. Scores arrive in row order. */
function rowMeans({ ordinals, values }: ScoreValues): number[] {
  const means: number[] = [];
  for (let start = 0; start < values.length; ) {
    let end = start;
    let sum = 0;
    while (end < values.length && ordinals[end] === ordinals[start]) {
      sum += values[end] as number;
      end += 1;
    }
    means.push(sum / (end - start));
    start = end;
  }
  return means;
}

/** @throws what a caller's own aggregation throws, and for one that gives no number. */
function other(aggregation: Aggregation, values: Float64Array, { trials }: Plan): Evidence {
  if (values.length === 0) return {};
  const n = values.length;
  if (typeof aggregation === "function") {
    const estimate: unknown = aggregation([...values]);
    if (typeof estimate === "number") return { estimate, n };
    throw new TypeError(`expected a number, got ${typeof estimate}`);
  }
  const estimate = aggregate(aggregation, [...values]);
  // These intervals take every value for a new piece of evidence, which repetitions of a row are not.
  const interval = trials > 1 ? undefined : intervalOf(aggregation, values);
  return withoutAbsent<Evidence>({ estimate, interval, n });
}

function intervalOf(aggregation: string, values: Float64Array): Interval | undefined {
  switch (aggregation) {
    case "mean":
      return tInterval(momentsOf(values));
    case "p90":
      return quantileInterval(values.toSorted(), 0.9);
    case "median":
      return quantileInterval(values.toSorted(), 0.5);
    default:
      return undefined;
  }
}
