import { withoutAbsent } from "../core/index.ts";
import type { EvaluationOutcome } from "../store/index.ts";
import { flushTraces } from "../tracing/index.ts";
import { logInBatches } from "../tracking/index.ts";
import type { AdaptiveBudget } from "./adaptive/adaptive-budget.ts";
import { stoppedEarly } from "./adaptive/stopped-early.ts";
import { type Aggregates, aggregateRun, metricsIn } from "./aggregate-run.ts";
import {
  commonReasons,
  conclusionOf,
  decideGates,
  findProblems,
  incompleteMetrics,
  incompleteScorers,
} from "./conclude.ts";
import { termsOf } from "./configuration.ts";
import { type CorpusFindings, CorpusFolds } from "./corpus-folds.ts";
import type { TrialContext } from "./predict.ts";
import type { EvaluateResult } from "./result.ts";
import { findFlakyRowsOf, readersOf } from "./result-readers.ts";
import { ResultsTable } from "./results-table.ts";
import { tableRows, writeArtifacts } from "./run-artifacts.ts";

/** How far the rows of a run got. */
export interface Reached {
  readonly rows: number;
  /** Rows are left that nobody will reach any more. */
  readonly isCut: boolean;
  /** Why a limit of the run stopped it; what is left may be resumed. */
  readonly stop?: string | undefined;
  /** Of the rows, where only their end told it. */
  readonly digest?: string | undefined;
  readonly durationMs: number;
  /** Others go on with the run: what it came to so far is told and not stored. */
  readonly isLeft?: boolean;
  /** Its gates are certain, whatever rows are left. */
  readonly budget?: AdaptiveBudget;
  /** With `budget`: rows are left, and nobody will judge them. */
  readonly isPartial?: boolean;
  /** Who holds the run: what it came to is stored only while nobody else has taken it. */
  readonly worker?: string;
}

/** Computes everything from the committed rows, decides, and closes the run. */
export async function finishRun(
  context: TrialContext,
  { rows, isCut, stop, durationMs, isLeft = false, worker, budget, isPartial = false }: Reached,
): Promise<EvaluateResult> {
  const { plan, runId, experimentId, spending } = context;
  if (plan.options.traceJudges) await flushTraces();
  // What was left out because it could not matter is not missing.
  const planned = isPartial
    ? (await context.store.results.countResults(runId)).completed
    : rows * plan.trials;
  const isOpenEnded = isCut || isLeft || isPartial || stop !== undefined;
  const scores = await aggregateRun(context, planned, isOpenEnded);
  // Who interrupts a run waits for it; its table is written when it is resumed.
  const hasTable = !isCut && !isLeft && !isPartial && tableRows(context) > 0;
  const table = hasTable ? new ResultsTable(plan) : undefined;
  const corpus = await readRows(context, table);
  const all = withCorpus(scores, corpus);
  const whole = isPartial ? [] : await decideGates(context, all, rows);
  const gates = budget?.results(isPartial ? undefined : whole) ?? whole;
  const early = isPartial ? stoppedEarly(context, all, rows, gates) : undefined;
  const aggregates = early?.aggregates ?? all;
  const { completed, failed, usage } = aggregates.counts;
  const lacking = findProblems(plan, aggregates, planned);
  const reasons = lacking.length === 0 ? [] : await commonReasons(context);
  const problems = [...(stop === undefined ? [] : [stop]), ...lacking, ...reasons];
  const status = isCut ? "interrupted" : problems.length > 0 ? "incomplete" : "finished";
  const metrics = metricsIn(aggregates.evidence);
  const flaky = plan.trials > 1 ? await findFlakyRowsOf(context) : undefined;
  const written = isLeft
    ? { artifacts: {}, notes: [] }
    : await writeArtifacts(context, corpus.tables, table, completed);
  const notes = [
    ...aggregates.notes,
    ...(early?.notes ?? []),
    ...plan.remarks.lines(),
    ...written.notes,
  ];
  const incomplete = incompleteScorers(plan, aggregates);
  const outcome = withoutAbsent<EvaluationOutcome>({
    status,
    ...conclusionOf(status, gates),
    gates,
    summaries: aggregates.summaries,
    usage,
    durationMs,
    problems,
    judges: Object.keys(aggregates.judges).length > 0 ? aggregates.judges : undefined,
    notes: notes.length > 0 ? notes : undefined,
    incompleteScorers: incomplete,
    incompleteMetrics: incompleteMetrics(plan, incomplete),
    strict: plan.options.strict === true || undefined,
    terms: termsOf(plan),
    adaptive: early?.adaptive,
    stop,
  });
  if (!isLeft) await closeRun(context, outcome, metrics, worker);
  return {
    ...outcome,
    status,
    name: plan.name,
    runId,
    experimentId,
    metrics,
    counts: withoutAbsent({
      rows,
      trials: rows * plan.trials,
      completed,
      failed,
      flaky: flaky?.size,
    }),
    ...(spending.cache && { cache: spending.cache }),
    notes,
    artifacts: written.artifacts,
    ...readersOf(context, flaky),
  };
}

async function closeRun(
  { store, runId }: TrialContext,
  outcome: EvaluationOutcome,
  metrics: { readonly [key: string]: number },
  worker: string | undefined,
): Promise<void> {
  const timestamp = Date.now();
  await logInBatches(store, runId, {
    metrics: Object.entries(metrics).map(([key, value]) => ({ key, value, timestamp, step: 0 })),
  });
  await store.results.finishEvaluation(runId, outcome, worker);
  const status = outcome.status === "interrupted" ? "KILLED" : "FINISHED";
  await store.runs.updateRun(runId, { status, endTime: Date.now() });
}

/** Rows whose columns are looked at before a table is written: nearly always those of all. */
const LOOKED_AT_FOR_COLUMNS = 500;

/** One pass over the committed rows, for all that no column of scores tells; none where nothing needs it. */
async function readRows(
  context: TrialContext,
  table: ResultsTable | undefined,
): Promise<CorpusFindings> {
  const { plan, store, runId } = context;
  const folds = new CorpusFolds(plan);
  const inTable = table === undefined ? 0 : tableRows(context);
  if (!folds.isEmpty || inTable > 0) {
    let left = inTable;
    const query = folds.isEmpty ? { limit: Math.min(inTable, LOOKED_AT_FOR_COLUMNS) } : {};
    for await (const row of store.results.listResults(runId, query)) {
      folds.add(row);
      if (left > 0) table?.add(row);
      left -= 1;
    }
  }
  return folds.findings();
}

function withCorpus(scores: Aggregates, corpus: CorpusFindings): Aggregates {
  return {
    ...scores,
    evidence: new Map([...scores.evidence, ...corpus.evidence]),
    problems: [...scores.problems, ...corpus.problems],
    notes: [...scores.notes, ...corpus.notes],
  };
}
