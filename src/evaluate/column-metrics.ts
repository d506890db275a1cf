import {
  answerOf,
  type ColumnMetric,
  type ColumnResult,
  describeError,
  type JsonValue,
  redactText,
  type Score,
  type Scorer,
  scorerKey,
} from "../core/index.ts";
import type { Evidence } from "../gates/index.ts";
import type { NewScore } from "../store/index.ts";
import type { TrialContext } from "./predict.ts";
import { scorerFailure, toScores, unscored } from "./to-scores.ts";

/** Scores that are committed at once. */
const BATCH = 500;

/** What a metric over columns gave beside the scores that it committed. */
interface ColumnFindings {
  /** By metric key. */
  readonly evidence: ReadonlyMap<string, Evidence>;
  /** Whether its own aggregates stand in the place of those of the scores. */
  readonly hasOwnAggregates: boolean;
  readonly problems: readonly string[];
}

/** Whether a scorer gives its verdicts only when all rows are there. */
export function isOverColumns({ scorer }: Scorer): boolean {
  return scorer.columns !== undefined;
}

/** The keys that a metric over columns may give: its own aggregates, the one that is named like it bare. */
export function columnKeys({ scorer }: Scorer): string[] {
  if (scorer.columns === undefined) return [];
  return [scorer.name, ...scorer.columns.aggregates].map((name) => keyOf(scorer, name));
}

/**
 * Computes one metric over the columns of the committed trials, and commits its scores. A trial that has
 * one from before, in a run that went on, keeps it.
 */
export async function scoreColumns(
  { store, runId }: TrialContext,
  scorer: Scorer & { readonly scorer: { readonly columns?: ColumnMetric } },
  metrics: { readonly [key: string]: number },
): Promise<ColumnFindings> {
  const metric = scorer.scorer.columns as ColumnMetric;
  const key = scorerKey(scorer.scorer);
  const { columns, lacking } = await readColumns({ store, runId }, metric, key);
  let result: ColumnResult | { readonly error: unknown };
  try {
    result = columns.predictions.length === 0 ? {} : await metric.compute({ ...columns, metrics });
  } catch (error) {
    result = { error };
  }
  let batch: NewScore[] = [];
  for (const { resultId, place } of lacking) {
    const score = scoreAt(result, place, scorer);
    batch.push({ resultId, scorer: key, scores: [score] });
    if (batch.length < BATCH) continue;
    await store.results.commitScores(runId, batch);
    batch = [];
  }
  if (batch.length > 0) await store.results.commitScores(runId, batch);
  if ("error" in result) {
    const problem = redactText(`${key} cannot be computed: ${describeError(result.error)}`);
    return { evidence: new Map(), hasOwnAggregates: false, problems: [problem] };
  }
  const n = columns.predictions.length;
  const aggregates = Object.entries(result.aggregates ?? {}).filter(
    ([, value]) => typeof value === "number" && !Number.isNaN(value),
  );
  return {
    evidence: new Map(
      aggregates.map(([name, estimate]) => [keyOf(scorer.scorer, name), { estimate, n }]),
    ),
    hasOwnAggregates: result.aggregates !== undefined,
    problems: [],
  };
}

/** As MLflow names it: an aggregate that is called like the metric has no name behind it. */
function keyOf(scorer: Scorer["scorer"], name: string): string {
  return name === scorer.name ? scorerKey(scorer) : `${scorerKey(scorer)}/${name}`;
}

function scoreAt(
  result: ColumnResult | { readonly error: unknown },
  place: number,
  { scorer }: Scorer,
): Score {
  if ("error" in result) return scorerFailure(result.error);
  // A metric of all rows together says nothing of one: a number would get a mean that means nothing.
  if (result.scores === undefined) return { kind: "scored", value: "counted" };
  const value = result.scores[place];
  const rationale = result.justifications?.[place] ?? undefined;
  if (value === null || value === undefined) {
    return unscored("not-applicable", rationale ?? "the metric gave no score");
  }
  const [score] = toScores({ kind: "scored", value, rationale }, scorer);
  return score as Score;
}

/** The columns of all answered trials, and which of those lack a verdict of this scorer. */
async function readColumns(
  { store, runId }: Pick<TrialContext, "store" | "runId">,
  { inputs: wanted }: ColumnMetric,
  key: string,
) {
  const predictions: JsonValue[] = [];
  const targets: JsonValue[] = [];
  const inputs = new Map<string, JsonValue[]>(wanted.map((name) => [name, []]));
  for await (const row of store.results.listResults(runId)) {
    if (row.outputs === undefined) continue;
    predictions.push(answerOf(row.outputs));
    targets.push(row.expectations.expected_response ?? null);
    for (const [name, column] of inputs) column.push(row.inputs[name] ?? null);
  }
  const lacking: { resultId: number; place: number }[] = [];
  let place = 0;
  for await (const { resultId, hasFailed, scorers } of store.results.committedTrials(runId)) {
    if (hasFailed) continue;
    if (!scorers.includes(key)) lacking.push({ resultId, place });
    place += 1;
  }
  return { columns: { predictions, targets, inputs: Object.fromEntries(inputs) }, lacking };
}
