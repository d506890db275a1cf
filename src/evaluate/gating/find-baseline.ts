import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { AssayError, RUN_TAGS, type Run, scorerKey, withoutAbsent } from "../../core/index.ts";
import {
  type Baseline,
  type BaselineFile,
  readBaselineFile,
  writeBaselineFile,
} from "../../gates/index.ts";
import type { EvaluationRecord, ResultStore, TrackingStore } from "../../store/index.ts";
import { numbersOf, ScoreColumn } from "../score-column.ts";
import { rowKeys } from "./gated-run.ts";

/** The tag of a run that is a baseline, with the alias as its value. */
export const BASELINE_TAG = "assay.baseline";

interface Where {
  readonly store: () => Promise<TrackingStore>;
  readonly options: { readonly baseDir?: string; readonly experiment?: string };
  /** Of the evaluation: another one's runs are no baseline. */
  readonly name: string;
  /** The run that is decided: where the last one that passed is meant, it is not itself. */
  readonly runId?: string;
}

/**
 * The baseline that is named: a file (`*.json`), an alias (`@main`), the last passing run of this evaluation
 * on a branch (`branch:main`), or a run id or its beginning.
 *
 * @throws {AssayError} `not-found` or `invalid-argument` for one that is not there or cannot be used.
 */
export async function findBaseline(wanted: string, where: Where): Promise<Baseline> {
  if (wanted.endsWith(".json")) return fromFile(wanted, where.options.baseDir);
  const store = await where.store();
  const { run, name } = await findBaselineRun(wanted, store, where);
  const record = await store.results.getEvaluation(run.runId);
  if (record === undefined) {
    throw new AssayError("not-found", `Baseline ${wanted}: run ${run.runId} has no evaluation`);
  }
  return baselineOfRun(store.results, run, record, name);
}

async function fromFile(file: string, baseDir = "."): Promise<Baseline> {
  let text: string;
  try {
    text = await readFile(resolve(baseDir, file), "utf8");
  } catch (cause) {
    throw new AssayError("not-found", `There is no baseline file at ${file}`, { cause });
  }
  return readBaselineFile(text, basename(file));
}

async function findBaselineRun(
  wanted: string,
  store: TrackingStore,
  { name: evaluation, runId }: Where,
): Promise<{ run: Run; name: string }> {
  if (wanted.startsWith("@")) {
    const alias = wanted.slice(1);
    const run = await newest(store, `tags.\`${BASELINE_TAG}\` = '${quoted(alias)}'`, evaluation);
    if (run !== undefined) return { run, name: `${wanted}, ${runName(run)}` };
    throw new AssayError(
      "not-found",
      `No run of ${evaluation} is the baseline ${wanted}; make one with --save-baseline ${wanted}`,
    );
  }
  const branch = /^branch:(.+)$/.exec(wanted)?.[1];
  if (branch !== undefined) {
    const filter = `tags.\`${RUN_TAGS.gitBranch}\` = '${quoted(branch)}'`;
    const isOther = (one: Run, outcome: EvaluationRecord["outcome"]) =>
      one.runId !== runId && outcome?.decision === "pass";
    const run = await newest(store, filter, evaluation, isOther);
    if (run !== undefined) return { run, name: `branch ${branch}, ${runName(run)}` };
    throw new AssayError(
      "not-found",
      `No run of ${evaluation} on branch ${branch} has passed its gates yet`,
    );
  }
  if (wanted === "latest") {
    throw new AssayError(
      "invalid-argument",
      "latest is no baseline, as every run moves it: give a run id, branch:<name> for the last that passed, @<alias> or a *.baseline.json file",
    );
  }
  const [id, another] = await store.runs.findRunIds(wanted);
  if (id === undefined) {
    throw new AssayError(
      "not-found",
      `There is no baseline ${wanted}: expected a run id, branch:<name>, @<alias> or a *.baseline.json file`,
    );
  }
  if (another !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `Several runs begin with ${wanted}; give more digits of the baseline`,
    );
  }
  const run = (await store.runs.getRun(id)) as Run;
  return { run, name: runName(run) };
}

const runName = ({ runId }: Run) => `run ${runId.slice(0, 12)}`;
const quoted = (text: string) => text.replaceAll("'", "''");

/** The newest finished run of an evaluation that a filter finds. */
async function newest(
  store: TrackingStore,
  filter: string,
  evaluation: string,
  isWanted: (run: Run, outcome: EvaluationRecord["outcome"]) => boolean = () => true,
): Promise<Run | undefined> {
  let pageToken: string | undefined;
  do {
    const page = await store.runs.searchRuns(
      withoutAbsent({ filter, orderBy: ["start_time DESC"], maxResults: 100, pageToken }),
    );
    for (const run of page.items) {
      const record = await store.results.getEvaluation(run.runId);
      const isUsable = record?.name === evaluation && record.status === "finished";
      if (isUsable && isWanted(run, record.outcome)) return run;
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return undefined;
}

/** @throws {AssayError} `invalid-argument` for a run that did not finish, or that stopped early. */
function baselineOfRun(
  results: ResultStore,
  run: Run,
  record: EvaluationRecord,
  name: string,
): Baseline {
  checkUsable(record, name);
  return {
    name,
    data: dataOfRecord(record),
    scorers: scorersOf(record),
    metrics: run.metrics,
    rows: (scorer) => rowMeansByKey(results, run.runId, scorer),
  };
}

function checkUsable({ status, outcome, runId }: EvaluationRecord, name: string): void {
  const isPartial = outcome?.adaptive !== undefined;
  if (status === "finished" && !isPartial) return;
  throw new AssayError(
    "invalid-argument",
    isPartial
      ? `Run ${runId.slice(0, 12)} stopped early (adaptive budget): part of the rows is no baseline`
      : `The baseline (${name}) is ${status}; only a finished evaluation is one`,
  );
}

/** What a run was measured on, whatever it answered. */
export function dataOfRecord({ dataset }: EvaluationRecord): Baseline["data"] {
  const { name, digest, askedDigest, unorderedDigest, version } = dataset;
  return withoutAbsent({ name, digest: askedDigest ?? digest, unorderedDigest, version });
}

function scorersOf({ scorers }: EvaluationRecord): Baseline["scorers"] {
  return scorers.map((scorer) =>
    withoutAbsent({
      key: scorerKey(scorer),
      scale: scorer.scale,
      fingerprint: scorer.fingerprint,
      aspects: scorer.aspects,
    }),
  );
}

async function rowMeansByKey(
  results: ResultStore,
  runId: string,
  scorer: string,
): Promise<ReadonlyMap<string, number>> {
  const { ordinals, values } = numbersOf(await results.scoreValues(runId, scorer));
  const keys = await rowKeys(results, runId);
  const means = new ScoreColumn(values, ordinals).rowMeans;
  const rows = new Map<string, number>();
  let place = 0;
  for (const [index, ordinal] of ordinals.entries()) {
    if (ordinals[index - 1] === ordinal) continue;
    rows.set(keys.get(ordinal) ?? "", means[place] as number);
    place += 1;
  }
  return rows;
}

/**
 * A finished run as the text of a `*.baseline.json`.
 *
 * @throws {AssayError} `invalid-argument` for a run that did not finish or stopped early.
 */
export async function baselineFileOf(store: TrackingStore, runId: string): Promise<string> {
  const record = await store.results.getEvaluation(runId);
  const run = await store.runs.getRun(runId);
  if (record === undefined || run === undefined) {
    throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
  }
  checkUsable(record, `run ${runId.slice(0, 12)}`);
  const rows: { [rowKey: string]: { [scorer: string]: number } } = {};
  for (const { key } of scorersOf(record)) {
    for (const [rowKey, score] of await rowMeansByKey(store.results, runId, key)) {
      rows[rowKey] = { ...rows[rowKey], [key]: score };
    }
  }
  const file: BaselineFile = {
    version: 1,
    evaluation: record.name,
    runId,
    data: dataOfRecord(record),
    scorers: scorersOf(record),
    metrics: run.metrics,
    rows,
  };
  return writeBaselineFile(file);
}

/** Makes a finished run the baseline `@alias`, in the place of the one that was. */
export async function setBaselineAlias(
  store: TrackingStore,
  runId: string,
  alias: string,
): Promise<void> {
  const record = await store.results.getEvaluation(runId);
  if (record === undefined) {
    throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
  }
  checkUsable(record, `run ${runId.slice(0, 12)}`);
  const filter = `tags.\`${BASELINE_TAG}\` = '${quoted(alias)}'`;
  const former = await store.runs.searchRuns({ filter, maxResults: 100 });
  await store.runs.logBatch(runId, { tags: { [BASELINE_TAG]: alias } });
  for (const run of former.items) {
    if (run.runId === runId) continue;
    const other = await store.results.getEvaluation(run.runId);
    if (other?.name === record.name) await store.runs.deleteTag(run.runId, BASELINE_TAG);
  }
}
