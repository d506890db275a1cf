import { AssayError, type Row } from "../core/index.ts";
import type {
  CommittedTrial,
  EvaluationConfiguration,
  EvaluationRecord,
  TrackingStore,
  UnfinishedEvaluation,
} from "../store/index.ts";
import { checkConfiguration, configurationOf } from "./configuration.ts";
import { isDead } from "./lease.ts";
import type { Plan } from "./plan.ts";
import { dataPlanOf, experimentOf } from "./run-record.ts";

/** What is there already of a run that goes on. */
export interface CommittedTrials {
  /** Of each trial that was committed, by {@link trialKey}. */
  readonly trials: ReadonlyMap<string, CommittedTrial>;
  readonly failed: number;
}

export const trialKey = (rowKey: string, trial: number) => `${trial} ${rowKey}`;

/**
 * The run that `resume` means: the one it names, else the latest of this evaluation that came to no end.
 *
 * @throws {AssayError} `not-found` when there is none; `invalid-argument` when it set out to do something
 *   else, which the message names.
 */
export async function findRun(plan: Plan, store: TrackingStore): Promise<EvaluationRecord> {
  const { resume, retryFailed = false, allowChangedData = false } = plan.options;
  const record =
    typeof resume === "string"
      ? await store.results.getEvaluation(resume)
      : await latestRun(plan, store, retryFailed);
  if (record === undefined) {
    throw new AssayError("not-found", `There is no evaluation in run ${resume}`);
  }
  const { runId, status, configuration = {} } = record;
  const hasEnded = status === "finished" || status === "incomplete";
  if (hasEnded && !retryFailed && record.outcome?.stop === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Run ${runId} is ${status}: there is nothing to resume. Its failed results are made again with --retry-failed.`,
    );
  }
  checkConfiguration(runId, configuration, configurationOf(plan), allowChangedData);
  return record;
}

async function latestRun(
  plan: Plan,
  store: TrackingStore,
  withEnded: boolean,
): Promise<EvaluationRecord> {
  const experimentId = await experimentOf(plan, store);
  const query = { experimentId, name: plan.name, withEnded };
  const found = await store.results.unfinishedEvaluations(query);
  // Where there are only such that others work on, who does is said when it is taken.
  const latest = found.find(isFree) ?? found[0];
  if (latest !== undefined) return latest;
  const kind = withEnded ? "run" : "unfinished run";
  throw new AssayError(
    "not-found",
    `There is no ${kind} of "${plan.name}" in this experiment to resume`,
  );
}

/** Whether no process works on it that is not known to be dead. */
export function isFree({ workers }: UnfinishedEvaluation): boolean {
  return workers.every(isDead);
}

/** Says that an earlier run of the evaluation came to no end: it is never continued unasked. */
export async function unfinishedNote(
  plan: Plan,
  { results }: TrackingStore,
  experimentId: string,
): Promise<string[]> {
  const query = { experimentId, name: plan.name };
  const latest = (await results.unfinishedEvaluations(query)).find(isFree);
  if (latest === undefined) return [];
  const { completed } = await results.countResults(latest.runId);
  return [
    `run ${latest.runId} of "${plan.name}" is unfinished, with ${completed} results; --resume goes on with it`,
  ];
}

/** Reads what is committed, and sees to it that it belongs to the rows of the data. */
export async function readCommitted(
  plan: Plan,
  { results }: TrackingStore,
  { runId, configuration = {} }: { runId: string; configuration?: EvaluationConfiguration },
): Promise<CommittedTrials> {
  const { retryFailed, allowChangedData } = plan.options;
  const isKnownEqual =
    plan.digest !== undefined && configuration.data === configurationOf(plan).data;
  if (plan.source.isRepeatable && !isKnownEqual) {
    if (allowChangedData)
      await results.moveResults(runId, await ordinalsOf(plan), dataPlanOf(plan));
    else await checkRows(plan, { results }, runId);
  } else if (allowChangedData) {
    await results.replan(runId, dataPlanOf(plan));
  }
  if (retryFailed) await results.discardFailures(runId);
  const trials = new Map<string, CommittedTrial>();
  let failed = 0;
  for await (const committed of results.committedTrials(runId)) {
    trials.set(trialKey(committed.rowKey, committed.trial), committed);
    if (committed.hasFailed) failed += 1;
  }
  return { trials, failed };
}

async function ordinalsOf({ source }: Plan): Promise<Map<string, number>> {
  const ordinals = new Map<string, number>();
  for await (const { rowKey, ordinal } of source.rows()) ordinals.set(rowKey, ordinal);
  return ordinals;
}

/** Long data has no digest until it has been read once, so it is compared with the results row by row. */
async function checkRows(
  { source }: Plan,
  { results }: Pick<TrackingStore, "results">,
  runId: string,
): Promise<void> {
  const committed = results.committedTrials(runId)[Symbol.asyncIterator]();
  let next = await committed.next();
  for await (const row of source.rows()) {
    while (!next.done && next.value.ordinal === row.ordinal) {
      checkRow(runId, row, next.value);
      next = await committed.next();
    }
    if (next.done) return;
  }
  if (!next.done) throw changed(runId, `row ${next.value.ordinal + 1} is gone`);
}

function checkRow(runId: string, row: Row, { rowKey, ordinal }: CommittedTrial): void {
  if (row.rowKey !== rowKey) throw changed(runId, `row ${ordinal + 1} is another one`);
}

function changed(runId: string, difference: string): AssayError {
  return new AssayError(
    "invalid-argument",
    `Run ${runId} cannot be resumed: its data has changed, ${difference}. Begin a new run, or set it back. With --allow-changed-data the rows that are still there are kept.`,
  );
}
