import { AssayError, canonicalJson, type Row } from "../core/index.ts";
import type {
  CommittedTrial,
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
  readonly failed: number;
  /** The trials of a row, by their numbers. To be asked for one row after another, in the order of the data. */
  of(row: Row): Promise<ReadonlyMap<number, CommittedTrial>>;
  /** Releases what was not asked for. */
  end(): Promise<void>;
}

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
  const isDone = hasEnded && !retryFailed && record.outcome?.stop === undefined;
  if (isDone && !hasOtherData(plan, record)) {
    throw new AssayError(
      "invalid-argument",
      `Run ${runId} is ${status}: there is nothing to resume. Its failed results are made again with --retry-failed.`,
    );
  }
  checkConfiguration(runId, configuration, configurationOf(plan), allowChangedData);
  return record;
}

/** Whether there may be rows that a run has not seen, and they are allowed: then it goes on though it has ended. */
export function hasOtherData(plan: Plan, record: Resumed): boolean {
  return plan.options.allowChangedData === true && !isKnownEqual(plan, record);
}

function isKnownEqual(plan: Plan, { configuration = {} }: Resumed): boolean {
  return plan.digest !== undefined && configuration.data === configurationOf(plan).data;
}

/**
 * The latest run of the same configuration, and whether nothing is left to do of it.
 *
 * @throws nothing for other configurations: they are runs of something else.
 */
export async function findLatest(
  plan: Plan,
  store: TrackingStore,
): Promise<{ readonly record: EvaluationRecord; readonly hasEnded: boolean } | undefined> {
  const { retryFailed = false } = plan.options;
  const experimentId = await experimentOf(plan, store);
  const query = { experimentId, name: plan.name, withEnded: true };
  const wanted = canonicalJson(configurationOf(plan));
  const runs = (await store.results.unfinishedEvaluations(query)).filter(isFree);
  const record = runs.find(({ configuration }) => canonicalJson(configuration) === wanted);
  if (record === undefined) return undefined;
  const { status, outcome } = record;
  const isThrough = status === "finished" || status === "incomplete";
  return { record, hasEnded: isThrough && outcome?.stop === undefined && !retryFailed };
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

/** Sees to it that what is committed belongs to the rows of the data, and is not to be made again. */
export async function prepareCommitted(
  plan: Plan,
  { results }: Pick<TrackingStore, "results">,
  record: Resumed,
): Promise<void> {
  const { runId } = record;
  const { retryFailed, allowChangedData } = plan.options;
  if (plan.source.isRepeatable && !isKnownEqual(plan, record)) {
    if (allowChangedData)
      await results.moveResults(runId, await ordinalsOf(plan), dataPlanOf(plan));
    else await checkRows(plan, { results }, runId);
  } else if (allowChangedData) {
    await results.replan(runId, dataPlanOf(plan));
  }
  if (retryFailed) await results.discardFailures(runId);
}

/** Prepares what is committed, and reads it beside the rows: a million trials at once take a gigabyte. */
export async function readCommitted(
  plan: Plan,
  store: Pick<TrackingStore, "results">,
  record: Resumed,
): Promise<CommittedTrials> {
  await prepareCommitted(plan, store, record);
  const { failed } = await store.results.countResults(record.runId);
  const trials = store.results.committedTrials(record.runId);
  // What is read once was not compared with the results: its rows are known by their keys alone.
  return plan.source.isRepeatable
    ? { failed, ...inStep(trials) }
    : { failed, ...(await byKey(trials)) };
}

type Resumed = Pick<EvaluationRecord, "runId" | "configuration">;
type Lookup = Pick<CommittedTrials, "of" | "end">;

/** Of results in the order of the rows. What is committed meanwhile stands before the row that is asked for. */
function inStep(trials: AsyncIterable<CommittedTrial>): Lookup {
  const committed = trials[Symbol.asyncIterator]();
  let next: IteratorResult<CommittedTrial> | undefined;
  return {
    of: async ({ ordinal }) => {
      const found = new Map<number, CommittedTrial>();
      next ??= await committed.next();
      while (!next.done && next.value.ordinal <= ordinal) {
        if (next.value.ordinal === ordinal) found.set(next.value.trial, next.value);
        next = await committed.next();
      }
      return found;
    },
    end: async () => void (await committed.return?.()),
  };
}

async function byKey(trials: AsyncIterable<CommittedTrial>): Promise<Lookup> {
  const rows = new Map<string, Map<number, CommittedTrial>>();
  for await (const one of trials) {
    const row = rows.get(one.rowKey);
    if (row === undefined) rows.set(one.rowKey, new Map([[one.trial, one]]));
    else row.set(one.trial, one);
  }
  return { of: async ({ rowKey }) => rows.get(rowKey) ?? new Map(), end: async () => undefined };
}

async function ordinalsOf({ source }: Plan): Promise<Map<string, number>> {
  const ordinals = new Map<string, number>();
  for await (const { rowKey, ordinal } of source.rows()) ordinals.set(rowKey, ordinal);
  return ordinals;
}

/**
 * Sees to it that a run which has ended is of this data, also where the configuration does not tell.
 *
 * @throws {AssayError} `invalid-argument` naming the first row that differs.
 */
export async function checkEndedRows(
  plan: Plan,
  store: Pick<TrackingStore, "results">,
  record: EvaluationRecord,
): Promise<void> {
  if (isKnownEqual(plan, record) || !plan.source.isRepeatable) return;
  // An adaptive budget leaves rows out.
  const isWhole = record.outcome?.adaptive === undefined;
  await checkRows(plan, store, record.runId, isWhole);
}

/**
 * Long data has no digest until it has been read once, so it is compared with the results row by row.
 *
 * @param isWhole - Whether every row has to have a result.
 */
async function checkRows(
  { source }: Plan,
  { results }: Pick<TrackingStore, "results">,
  runId: string,
  isWhole = false,
): Promise<void> {
  const committed = results.committedTrials(runId)[Symbol.asyncIterator]();
  let next = await committed.next();
  for await (const row of source.rows()) {
    if (next.done && isWhole) throw changed(runId, `row ${row.ordinal + 1} is new`);
    while (!next.done && next.value.ordinal === row.ordinal) {
      checkRow(runId, row, next.value);
      next = await committed.next();
    }
    if (next.done && !isWhole) return;
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
