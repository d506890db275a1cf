import {
  isAssayError,
  type JsonValue,
  MASK,
  type Row,
  type Scorer,
  scorerKey,
  withoutAbsent,
} from "../core/index.ts";
import type { CommittedTrial, NewResult, NewVerdicts, TrackingStore } from "../store/index.ts";
import { discardTraces } from "../tracing/index.ts";
import { clusterOf } from "./gating/row-facts.ts";
import { predict, type TrialContext } from "./predict.ts";
import { type Answered, scoreTrial, type Verdicts } from "./score-trial.ts";

/** One repetition of one row. */
export interface Trial {
  readonly row: Row;
  readonly trial: number;
  /** What an earlier process left of it, in a run that goes on. */
  readonly committed?: CommittedTrial;
}

/** Predicts, commits, scores and commits again; resolves to whether the model answered. */
export async function runTrial(context: TrialContext, trial: Trial): Promise<boolean> {
  if (trial.committed !== undefined) return finishTrial(context, trial, trial.committed);
  const { predictor, scorers } = context.plan;
  const answered = await predict(context, trial.row, trial.trial);
  if (predictor === undefined || scorers.every(({ scorer }) => scorer.isImmediate)) {
    await commitScored(context, answered, score(context, scorers, answered));
  } else {
    // What was paid for is kept before anything that may take its time is done with it.
    const resultId = await commitResult(context, answered, []);
    await commitVerdicts(context, resultId, score(context, scorers, answered));
  }
  return "outputs" in answered.outcome;
}

/** Commits outputs that cost nothing together with the verdicts that are there, and the others when they come. */
export async function commitScored(
  context: TrialContext,
  answered: Answered,
  { ready, coming }: Verdicts,
): Promise<void> {
  // Looked at only once the answer is stored: until then a rejection is not one that nobody noticed.
  for (const verdicts of coming) verdicts.catch(() => undefined);
  const resultId = await commitResult(context, answered, ready);
  if (coming.length > 0) await commitVerdicts(context, resultId, { ready: [], coming });
}

/** A judge's own calls are not part of the application's trace. */
export function score(
  context: TrialContext,
  scorers: readonly Scorer[],
  answered: Answered,
): Verdicts {
  return discardTraces(() => scoreTrial(context, scorers, answered));
}

export function newResult(answered: Answered, scores: readonly NewVerdicts[]): NewResult {
  const { row, trial, outcome, latencyMs, usage, trace } = answered;
  const traceId = trace?.info.traceId ?? row.traceId;
  return {
    rowKey: row.rowKey,
    ordinal: row.ordinal,
    trial,
    inputs: row.inputs,
    expectations: row.expectations,
    outcome,
    scores,
    ...(latencyMs !== undefined && { latencyMs }),
    ...(usage !== undefined && { usage }),
    ...(traceId !== undefined && { traceId }),
    ...fieldsOf(row),
  };
}

/** What gates may ask of a row later, beside its inputs and expectations. */
export function fieldsOf(
  row: Pick<Row, "inputs" | "metadata" | "tags" | "columns">,
): Pick<NewResult, "metadata" | "tags" | "columns" | "group"> {
  const { metadata, tags, columns } = row;
  const group = clusterOf(row);
  return {
    ...(metadata !== undefined && { metadata }),
    ...(tags !== undefined && { tags }),
    ...(columns !== undefined && { columns }),
    ...(group !== undefined && { group }),
  };
}

function commitResult(
  { store, runId }: TrialContext,
  answered: Answered,
  scores: readonly NewVerdicts[],
): Promise<number> {
  return store.results.commitResult(runId, newResult(answered, scores));
}

/** All are waited for: a scorer that goes on after the run was given up would write into a finished run. */
async function commitVerdicts(
  { store, runId }: TrialContext,
  resultId: number,
  { ready, coming }: Verdicts,
): Promise<void> {
  const { results } = store;
  const commits: Promise<unknown>[] = coming.map(async (verdicts) =>
    results.commitScore(runId, { ...(await verdicts), resultId }),
  );
  if (ready.length > 0) {
    const scores = ready.map((verdicts) => ({ ...verdicts, resultId }));
    commits.push(results.commitScores(runId, scores));
  }
  const settled = await Promise.allSettled(commits);
  const reasons = settled.flatMap((commit) =>
    commit.status === "rejected" ? [commit.reason] : [],
  );
  if (reasons.length === 0) return;
  // What was given up only follows from the stop; an error beside it would go unheard.
  throw reasons.find((reason) => !isAssayError(reason, "cancelled")) ?? reasons[0];
}

/** Makes the verdicts that are lacking on an answer that is there already. */
async function finishTrial(
  context: TrialContext,
  { row, trial }: Trial,
  { resultId, scorers: done }: CommittedTrial,
): Promise<boolean> {
  const { plan, store, runId } = context;
  const lacking = plan.scorers.filter(({ scorer }) => !done.includes(scorerKey(scorer)));
  const stored = await store.results.getResult(runId, resultId);
  if (stored === undefined) return runTrial(context, { row, trial });
  const { outputs = null, error, latencyMs, usage, traceId } = stored;
  if (error === undefined && mayBeChanged(store, outputs)) {
    // Scorers see what the model said, which is not there any more.
    await store.results.discardResult(runId, resultId);
    return runTrial(context, { row, trial });
  }
  const trace = traceId === undefined ? undefined : await store.traces.getTrace(traceId);
  const answered = withoutAbsent<Answered>({
    row,
    trial,
    outcome: error === undefined ? { outputs } : { error },
    latencyMs,
    usage,
    trace,
  });
  await commitVerdicts(context, resultId, score(context, lacking, answered));
  return error === undefined;
}

/** Whether secrets or what a mask hides may have been taken out of outputs before they were stored. */
function mayBeChanged({ scrubber }: TrackingStore, outputs: JsonValue): boolean {
  return scrubber.isMasking || JSON.stringify(outputs).includes(MASK);
}
