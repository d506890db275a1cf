import { describeError, type JsonValue, redactText } from "../core/index.ts";
import { LOGGED_ARTIFACTS_TAG, loggedArtifactsWith } from "../tracking/index.ts";
import type { TrialContext } from "./predict.ts";
import { DEFAULT_TABLE_ROWS, RESULTS_TABLE, type ResultsTable } from "./results-table.ts";

/** What was written beside the metrics. */
export interface WrittenArtifacts {
  /** By name without ending, the URI of each. */
  readonly artifacts: { readonly [name: string]: string };
  /** What could not be written, or not whole, one line each. */
  readonly notes: readonly string[];
}

/** How many results the table takes; 0 for no table. */
export function tableRows({ plan }: Pick<TrialContext, "plan">): number {
  const { resultsTable = true } = plan.options;
  return resultsTable === true ? DEFAULT_TABLE_ROWS : Number(resultsTable);
}

/**
 * Writes the tables of a run as JSON artifacts. What fails is a note: the results are in the store, and
 * nothing that was paid for hangs on a copy of them.
 *
 * @param table - With the columns of its rows known; absent for none.
 */
export async function writeArtifacts(
  context: TrialContext,
  tables: ReadonlyMap<string, JsonValue>,
  table: ResultsTable | undefined,
  completed: number,
): Promise<WrittenArtifacts> {
  const { store, runId } = context;
  const artifacts: { [name: string]: string } = {};
  const notes: string[] = [];
  if (tables.size === 0 && table === undefined) return { artifacts, notes };
  const run = await store.runs.getRun(runId);
  const uri = run?.artifactUri ?? "";
  const write = async (name: string, content: string | AsyncIterable<Uint8Array>) => {
    const path = `${name}.json`;
    try {
      await store.artifacts.write(uri, path, content);
      artifacts[name] = `${uri.replace(/\/$/, "")}/${path}`;
    } catch (error) {
      notes.push(redactText(`${path} could not be written: ${describeError(error)}`));
    }
  };
  for (const [name, value] of tables) {
    await write(name, `${JSON.stringify(store.scrubber.value(value), null, 2)}\n`);
  }
  if (table === undefined) return { artifacts, notes };
  const limit = tableRows(context);
  await write(RESULTS_TABLE, table.content(store.results.listResults(runId, { limit })));
  if (RESULTS_TABLE in artifacts) {
    // Where MLflow's load_table looks for the tables of a run.
    const tag = loggedArtifactsWith(run?.tags[LOGGED_ARTIFACTS_TAG], `${RESULTS_TABLE}.json`);
    if (tag !== undefined)
      await store.runs.logBatch(runId, { tags: { [LOGGED_ARTIFACTS_TAG]: tag } });
    if (completed > limit) {
      notes.push(
        `${RESULTS_TABLE}.json has the first ${limit} of ${completed} results (resultsTable)`,
      );
    }
  }
  return { artifacts, notes };
}

/** The tables that another process has written of the run, by name. */
export async function artifactsOf({
  store,
  runId,
}: Pick<TrialContext, "store" | "runId">): Promise<{ [name: string]: string }> {
  const uri = (await store.runs.getRun(runId))?.artifactUri ?? "";
  const artifacts: { [name: string]: string } = {};
  for (const { path } of await store.artifacts.list(uri)) {
    if (path.includes("/") || !path.endsWith(".json")) continue;
    artifacts[path.slice(0, -".json".length)] = `${uri.replace(/\/$/, "")}/${path}`;
  }
  return artifacts;
}
