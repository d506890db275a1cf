import { AssayError, canonicalJson, RUN_TAGS, type Run, withoutAbsent } from "../core/index.ts";
import type { EvaluationRecord, TrackingStore } from "../store/index.ts";
import { checkConfiguration, configurationOf } from "./configuration.ts";
import type { Cell } from "./matrix-options.ts";
import type { Plan } from "./plan.ts";
import { checkEndedRows, hasOtherData, isFree } from "./resume-run.ts";

/** The tag of a parent run, with the name of what is evaluated. */
export const MATRIX_TAG = "assay.matrix";

/** Runs that a matrix is looked for among, newest first. */
const PAGE_SIZE = 200;

export function tagsOf({ model, prompt }: Cell): { [tag: string]: string } {
  return withoutAbsent({ "assay.cell.model": model, "assay.cell.prompt": prompt });
}

/** What a cell sets out to do. */
interface PlannedCell {
  readonly cell: Cell;
  readonly plan: Plan;
}

/** Which parent run is looked for. */
export interface MatrixQuery {
  readonly experimentId: string;
  readonly name: string;
  readonly resume: true | string;
  /** Names of the evaluations of its cells. */
  readonly cells: readonly string[];
  /** Whether failures of cells that are done are to be made again. */
  readonly retryFailed?: boolean | undefined;
}

/**
 * The parent run that `resume` means: the one it names, else the latest of this name that was not ended, or
 * that has a cell with rows left.
 *
 * @throws {AssayError} `not-found` when there is none.
 */
export async function findMatrix(
  { runs, results }: TrackingStore,
  { experimentId, name, resume, cells, retryFailed = false }: MatrixQuery,
): Promise<Run> {
  if (typeof resume === "string") {
    const run = await runs.getRun(resume);
    if (run?.tags[MATRIX_TAG] !== undefined) return run;
    throw new AssayError("not-found", `Run ${resume} is no parent of several models or prompts`);
  }
  const query = { experimentIds: [experimentId], orderBy: ["attributes.start_time DESC"] };
  const open = new Set<string>();
  for (const cell of cells) {
    const cellQuery = { experimentId, name: cell, withEnded: retryFailed };
    for (const { runId } of (await results.unfinishedEvaluations(cellQuery)).filter(isFree)) {
      const parent = (await runs.getRun(runId))?.tags[RUN_TAGS.parentRunId];
      if (parent !== undefined) open.add(parent);
    }
  }
  // The status alone does not tell: a parent is finished when a limit has stopped its cells.
  const found = await first(runs, query, ({ runId, tags, status }) => {
    return tags[MATRIX_TAG] === name && (status !== "FINISHED" || open.has(runId));
  });
  if (found !== undefined) return found;
  throw new AssayError(
    "not-found",
    `There is no unfinished run of "${name}" with several models or prompts in this experiment to resume`,
  );
}

/**
 * The latest parent run of a name with cells of the same configurations, whether it was ended or not.
 *
 * @throws nothing for other configurations: they are runs of something else.
 */
export function findLatestMatrix(
  store: TrackingStore,
  { experimentId, name }: Pick<MatrixQuery, "experimentId" | "name">,
  cells: readonly PlannedCell[],
): Promise<Run | undefined> {
  const query = { experimentIds: [experimentId], orderBy: ["attributes.start_time DESC"] };
  return first(store.runs, query, async (parent) => {
    if (parent.tags[MATRIX_TAG] !== name) return false;
    const same: boolean[] = [];
    for (const { cell, plan } of cells) {
      const record = await findRecord(store, parent, cell);
      if (record === undefined) continue;
      same.push(canonicalJson(record.configuration) === canonicalJson(configurationOf(plan)));
    }
    return same.length > 0 && same.every(Boolean);
  });
}

/**
 * The evaluations of the cells below their parent, in the order of the cells; absent where one was not begun.
 *
 * @throws {AssayError} `invalid-argument` when one of them set out to do something else, which the message names.
 */
export async function begunCells(
  store: TrackingStore,
  parent: Run,
  cells: readonly PlannedCell[],
): Promise<(EvaluationRecord | undefined)[]> {
  const records: (EvaluationRecord | undefined)[] = [];
  for (const { cell, plan } of cells) {
    const record = await findRecord(store, parent, cell);
    if (record !== undefined) {
      const { runId, configuration = {} } = record;
      const { allowChangedData = false } = plan.options;
      checkConfiguration(runId, configuration, configurationOf(plan), allowChangedData);
      if (isDone(plan, record)) await checkEndedRows(plan, store, record);
    }
    records.push(record);
  }
  return records;
}

/** The evaluation of a cell below its parent, if it was begun. */
async function findRecord(
  { runs, results }: TrackingStore,
  parent: Run,
  cell: Cell,
): Promise<EvaluationRecord | undefined> {
  const query = { experimentIds: [parent.experimentId], orderBy: ["attributes.start_time DESC"] };
  const wanted = Object.entries(tagsOf(cell));
  const child = await first(runs, query, ({ tags }) => {
    if (tags[RUN_TAGS.parentRunId] !== parent.runId) return false;
    return wanted.every(([tag, value]) => tags[tag] === value);
  });
  return child && results.getEvaluation(child.runId);
}

/** Whether nothing is left to do of an evaluation. */
export function isDone(plan: Plan, record: EvaluationRecord): boolean {
  const { status, outcome } = record;
  const hasEnded = status === "finished" || status === "incomplete";
  const isRetried = plan.options.retryFailed === true;
  return hasEnded && outcome?.stop === undefined && !isRetried && !hasOtherData(plan, record);
}

async function first(
  runs: TrackingStore["runs"],
  query: Parameters<TrackingStore["runs"]["searchRuns"]>[0],
  isWanted: (run: Run) => boolean | Promise<boolean>,
): Promise<Run | undefined> {
  let pageToken: string | undefined;
  do {
    const page = await runs.searchRuns({
      ...query,
      maxResults: PAGE_SIZE,
      ...(pageToken !== undefined && { pageToken }),
    });
    for (const run of page.items) {
      if (await isWanted(run)) return run;
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return undefined;
}
