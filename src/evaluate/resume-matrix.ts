import { AssayError, RUN_TAGS, type Run, withoutAbsent } from "../core/index.ts";
import type { EvaluationRecord, TrackingStore } from "../store/index.ts";
import type { Cell } from "./matrix-options.ts";

/** The tag of a parent run, with the name of what is evaluated. */
export const MATRIX_TAG = "assay.matrix";

/** Runs that a matrix is looked for among, newest first. */
const PAGE_SIZE = 200;

export function tagsOf({ model, prompt }: Cell): { [tag: string]: string } {
  return withoutAbsent({ "assay.cell.model": model, "assay.cell.prompt": prompt });
}

/**
 * The parent run that `resume` means: the one it names, else the latest of this name that is not finished.
 *
 * @throws {AssayError} `not-found` when there is none.
 */
export async function findMatrix(
  { runs }: TrackingStore,
  experimentId: string,
  name: string,
  resume: true | string,
): Promise<Run> {
  if (typeof resume === "string") {
    const run = await runs.getRun(resume);
    if (run?.tags[MATRIX_TAG] !== undefined) return run;
    throw new AssayError("not-found", `Run ${resume} is no parent of several models or prompts`);
  }
  const query = { experimentIds: [experimentId], orderBy: ["attributes.start_time DESC"] };
  const found = await first(runs, query, ({ tags, status }) => {
    return tags[MATRIX_TAG] === name && status !== "FINISHED";
  });
  if (found !== undefined) return found;
  throw new AssayError(
    "not-found",
    `There is no unfinished run of "${name}" with several models or prompts in this experiment to resume`,
  );
}

/** The run of a cell below its parent, if it was begun. */
export function findCell(
  { runs }: TrackingStore,
  parent: Run,
  cell: Cell,
): Promise<Run | undefined> {
  const query = { experimentIds: [parent.experimentId], orderBy: ["attributes.start_time DESC"] };
  const wanted = Object.entries(tagsOf(cell));
  return first(runs, query, ({ tags }) => {
    if (tags[RUN_TAGS.parentRunId] !== parent.runId) return false;
    return wanted.every(([tag, value]) => tags[tag] === value);
  });
}

/** Whether nothing is left to do of an evaluation. */
export function isDone({ status, outcome }: EvaluationRecord, retryFailed: boolean): boolean {
  const hasEnded = status === "finished" || status === "incomplete";
  return hasEnded && outcome?.stop === undefined && !(retryFailed && status === "incomplete");
}

async function first(
  runs: TrackingStore["runs"],
  query: Parameters<TrackingStore["runs"]["searchRuns"]>[0],
  isWanted: (run: Run) => boolean,
): Promise<Run | undefined> {
  let pageToken: string | undefined;
  do {
    const page = await runs.searchRuns({
      ...query,
      maxResults: PAGE_SIZE,
      ...(pageToken !== undefined && { pageToken }),
    });
    const found = page.items.find(isWanted);
    if (found !== undefined) return found;
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
  return undefined;
}
