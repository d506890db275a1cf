import { type ResultRow, type ScorerOptions, scorerKey } from "../core/index.ts";
import type { EvaluationRecord, ResultStore, ScoreValues } from "../store/index.ts";

/** How far apart the trials of a row may be, as a share of the scale, before it counts as flaky. */
const DEFAULT_FLAKY_SPREAD = 0.25;

/** A row whose trials do not agree. */
export interface FlakyRow {
  readonly rowKey: string;
  readonly ordinal: number;
  /** Keys of the scorers whose verdicts differ. */
  readonly scorers: readonly string[];
  readonly trials: readonly ResultRow[];
}

/** What flakiness of a scorer's verdicts is judged by. */
type FlakyRule = Pick<
  ScorerOptions,
  "name" | "version" | "scale" | "greaterIsBetter" | "passThreshold"
>;

/** By row, the scorers whose verdicts on its trials disagree. */
export type FlakyRows = ReadonlyMap<number, readonly string[]>;

/**
 * Finds the rows whose trials disagree: some pass and some do not, where it is known what passes (yes and
 * no, or a `passThreshold`); else, the scores are further apart than `flakySpread` of the scale. Numbers
 * without a scale, and verdicts in words, are not compared.
 *
 * @returns `undefined` when the verdicts of no scorer can be compared.
 */
export async function findFlakyRows(
  results: Pick<ResultStore, "scoreValues">,
  runId: string,
  rules: readonly FlakyRule[],
  flakySpread = DEFAULT_FLAKY_SPREAD,
): Promise<FlakyRows | undefined> {
  const rows = new Map<number, string[]>();
  let isCompared = false;
  for (const rule of rules) {
    const key = scorerKey(rule);
    const scores = await results.scoreValues(runId, key);
    const disagree = disagreement(rule, scores.isRate, flakySpread);
    if (disagree === undefined || scores.values.length === 0) continue;
    isCompared = true;
    for (const ordinal of flakyIn(scores, disagree)) {
      rows.set(ordinal, [...(rows.get(ordinal) ?? []), key]);
    }
  }
  return isCompared ? new Map([...rows].sort(([a], [b]) => a - b)) : undefined;
}

function* flakyIn(
  { ordinals, values }: ScoreValues,
  disagree: (low: number, high: number) => boolean,
): Generator<number> {
  for (let start = 0; start < values.length; ) {
    let end = start;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (; end < values.length && ordinals[end] === ordinals[start]; end += 1) {
      low = Math.min(low, values[end] as number);
      high = Math.max(high, values[end] as number);
    }
    if (disagree(low, high)) yield ordinals[start] as number;
    start = end;
  }
}

/** Whether the lowest and the highest score of a row mean different things; absent where that is not known. */
function disagreement(
  { passThreshold, scale, greaterIsBetter = true }: FlakyRule,
  isRate: boolean,
  flakySpread: number,
): ((low: number, high: number) => boolean) | undefined {
  if (isRate) return (low, high) => low !== high;
  if (passThreshold !== undefined) {
    return greaterIsBetter
      ? (low, high) => low < passThreshold && high >= passThreshold
      : (low, high) => low <= passThreshold && high > passThreshold;
  }
  if (scale === undefined) return undefined;
  const most = flakySpread * (scale[1] - scale[0]);
  // Sums of floats: 0.3 − 0.1 is not beyond 0.2.
  return (low, high) => high - low > most * (1 + 1e-12);
}

/** The rows with all their trials, read from the store page by page. */
export async function* readFlakyRows(
  results: Pick<ResultStore, "listResults">,
  runId: string,
  rows: FlakyRows,
): AsyncGenerator<FlakyRow> {
  let trials: ResultRow[] = [];
  const whole = (): FlakyRow[] => {
    const [first] = trials;
    if (first === undefined) return [];
    const { rowKey, ordinal } = first;
    return [{ rowKey, ordinal, scorers: rows.get(ordinal) ?? [], trials }];
  };
  for await (const row of results.listResults(runId, { ordinals: [...rows.keys()] })) {
    if (trials[0] !== undefined && trials[0].ordinal !== row.ordinal) {
      yield* whole();
      trials = [];
    }
    trials.push(row);
  }
  yield* whole();
}

/** The flaky rows of a run that is in the store; none of one with a single trial. */
export async function* flakyRowsOf(
  results: ResultStore,
  { runId, trials, scorers, flakySpread }: EvaluationRecord,
): AsyncGenerator<FlakyRow> {
  if (trials < 2) return;
  const rows = await findFlakyRows(results, runId, scorers, flakySpread);
  if (rows !== undefined) yield* readFlakyRows(results, runId, rows);
}
