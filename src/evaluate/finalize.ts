import {
  type Interval,
  type Scorer,
  type Summary,
  scorerKey,
  withoutAbsent,
} from "../core/index.ts";
import { decideGate, type Evidence, type GateResult } from "../gates/index.ts";
import {
  aggregate,
  momentsOf,
  plusTwoTInterval,
  quantileInterval,
  tInterval,
  wilsonInterval,
} from "../stats/index.ts";
import type { ResultCounts, ScoreValues, TrackingStore } from "../store/index.ts";
import { metricKeys } from "./metric-keys.ts";
import type { Plan } from "./plan.ts";

/** What the committed rows of a run say. */
export interface Aggregates {
  readonly counts: ResultCounts;
  readonly summaries: { readonly [scorer: string]: Summary };
  /** By metric key; with the interval of those that have one. */
  readonly evidence: ReadonlyMap<string, Evidence>;
}

/** Reads every total from the committed rows; nothing is taken from counters kept meanwhile. */
export async function aggregateRun(
  plan: Plan,
  store: TrackingStore,
  runId: string,
  plannedTrials: number,
): Promise<Aggregates> {
  const summaries: Record<string, Summary> = {};
  const evidence = new Map<string, Evidence>();
  for (const scorer of plan.scorers) {
    const key = scorerKey(scorer.scorer);
    const counts = await store.results.countScores(runId, key);
    const values = await store.results.scoreValues(runId, key);
    const estimate = meanEvidence(scorer, values);
    summaries[key] = withoutAbsent<Summary>({
      mean: estimate.estimate,
      interval: estimate.interval,
      n: plannedTrials,
      ...counts,
      missing: plannedTrials - counts.scored - counts.failed - counts.notApplicable,
    });
    for (const { key: metric, aggregation } of metricKeys(scorer)) {
      evidence.set(metric, aggregation === "mean" ? estimate : other(aggregation, values.values));
    }
  }
  const counts = await store.results.countResults(runId);
  const seconds = (await store.results.latencies(runId)).map((ms) => ms / 1000);
  if (seconds.length > 0) {
    evidence.set("latency/mean", other("mean", seconds));
    evidence.set("latency/p90", other("p90", seconds));
  }
  const { cost } = counts.usage;
  if (cost !== undefined) evidence.set("cost/total", { estimate: cost });
  return { counts, summaries, evidence };
}

function meanEvidence({ scorer }: Scorer, scores: ScoreValues): Evidence {
  const { values, isRate } = scores;
  if (values.length === 0) return {};
  // Repetitions of a row are not new evidence about the population: intervals rest on row means.
  const rows = rowMeans(scores);
  const moments = momentsOf(rows);
  const scale = scorer.scale ?? (isRate ? ([0, 1] as const) : undefined);
  const interval =
    isRate && rows.length === values.length
      ? wilsonInterval(
          values.reduce((passes, value) => passes + value, 0),
          values.length,
        )
      : scale === undefined
        ? tInterval(moments)
        : plusTwoTInterval(moments, scale);
  const estimate = aggregate("mean", Array.from(values));
  return withoutAbsent<Evidence>({ estimate, interval, n: values.length });
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

function other(
  aggregation: ReturnType<typeof metricKeys>[number]["aggregation"],
  values: Float64Array,
): Evidence {
  if (values.length === 0) return {};
  const n = values.length;
  if (typeof aggregation === "function") return { estimate: aggregation([...values]), n };
  const estimate = aggregate(aggregation, Array.from(values));
  const interval = intervalOf(aggregation, values);
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

/** One line per scorer (or the model) that lacks more scores than `maxFailed` allows. */
export function findProblems(
  plan: Plan,
  { counts, summaries }: Aggregates,
  planned: number,
): string[] {
  const allowed = `${Number((plan.maxFailed * 100).toFixed(2))} %`;
  const problems = Object.entries(summaries).flatMap(([key, summary]) => {
    const applicable = summary.n - summary.notApplicable;
    const lacking = summary.failed + summary.missing;
    if (applicable <= 0 || lacking / applicable <= plan.maxFailed) return [];
    return [
      `${key}: ${lacking} of ${applicable} results have no score (${summary.failed} failed, ${summary.missing} missing); at most ${allowed} may`,
    ];
  });
  const unanswered = counts.failed + planned - counts.completed;
  if (planned > 0 && unanswered / planned > plan.maxFailed) {
    problems.unshift(
      `the model failed on ${counts.failed} of ${planned} rows${counts.completed < planned ? `, ${planned - counts.completed} were not reached` : ""}; at most ${allowed} may`,
    );
  }
  return problems;
}

/** Decides every gate; a metric whose scorer lacks too many scores decides nothing. */
export function decideGates(plan: Plan, { evidence, summaries }: Aggregates): GateResult[] {
  return plan.gates.map((gate) => {
    const scorer = plan.scorers.find(({ scorer }) => {
      const key = scorerKey(scorer);
      return gate.metric === key || gate.metric.startsWith(`${key}/`);
    });
    const key = scorer && scorerKey(scorer.scorer);
    const isBareMean = scorer?.scorer.bareMean === true && gate.metric === `${key}/mean`;
    const found = evidence.get(isBareMean ? (key as string) : gate.metric) ?? {};
    const result = decideGate(gate, found);
    const summary = key === undefined ? undefined : summaries[key];
    if (summary === undefined || !lacksScores(summary, plan.maxFailed)) return result;
    return {
      ...result,
      verdict: "undecided",
      decision: "fail",
      message: `${gate.metric} cannot be judged: ${summary.failed + summary.missing} of ${summary.n} results have no score; demanded ${gate.operator} ${gate.threshold}`,
    };
  });
}

export function lacksScores(summary: Summary, maxFailed: number): boolean {
  const applicable = summary.n - summary.notApplicable;
  return applicable > 0 && (summary.failed + summary.missing) / applicable > maxFailed;
}
