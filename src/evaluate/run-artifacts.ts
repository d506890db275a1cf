import {
  describeError,
  type JsonValue,
  type ResultRow,
  type Run,
  redactText,
} from "../core/index.ts";
import type { ArtifactContent, TrackingStore } from "../store/index.ts";
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

/** Files that are written beside one run. What fails is a note: nothing that was paid for hangs on a copy. */
export class RunFiles {
  readonly artifacts: { [name: string]: string } = {};
  readonly notes: string[] = [];
  readonly #store: TrackingStore;
  readonly #run: Run;

  constructor(store: TrackingStore, run: Run) {
    this.#store = store;
    this.#run = run;
  }

  /** @param isTable - Whether MLflow's `load_table` is to find it: pandas' "split". */
  async write(name: string, content: ArtifactContent, isTable = false): Promise<void> {
    await this.#noting(name, isTable, () => this.#put(name, content));
  }

  /** @param table - With the columns of the first rows known; rows with others are all read once more. */
  async writeTable(name: string, table: ResultsTable, rows: () => AsyncIterable<ResultRow>) {
    await this.#noting(name, true, async () => {
      try {
        await this.#put(name, table.content(rows()));
      } catch (error) {
        if (!table.isOutgrown) throw error;
        for await (const row of rows()) table.add(row);
        await this.#put(name, table.content(rows()));
      }
    });
  }

  async #put(name: string, content: ArtifactContent): Promise<void> {
    await this.#store.artifacts.write(this.#run.artifactUri, `${name}.json`, content);
  }

  async #noting(name: string, isTable: boolean, put: () => Promise<void>): Promise<void> {
    const { artifactUri, runId, tags } = this.#run;
    const path = `${name}.json`;
    try {
      await put();
      this.artifacts[name] = `${artifactUri.replace(/\/$/, "")}/${path}`;
      const tag = isTable ? loggedArtifactsWith(tags[LOGGED_ARTIFACTS_TAG], path) : undefined;
      if (tag === undefined) return;
      await this.#store.runs.logBatch(runId, { tags: { [LOGGED_ARTIFACTS_TAG]: tag } });
    } catch (error) {
      this.notes.push(redactText(`${path} could not be written: ${describeError(error)}`));
    }
  }

  async writeJson(name: string, value: JsonValue, isTable = false): Promise<void> {
    const shown = this.#store.scrubber.value(value);
    await this.write(name, `${JSON.stringify(shown, null, 2)}\n`, isTable);
  }
}

/** How many results the table takes; 0 for no table. */
export function tableRows({ plan }: Pick<TrialContext, "plan">): number {
  const { resultsTable = true } = plan.options;
  return resultsTable === true ? DEFAULT_TABLE_ROWS : Number(resultsTable);
}

/**
 * Writes the tables of a run as JSON artifacts.
 *
 * @param table - With the columns of its first rows known; absent for none.
 */
export async function writeArtifacts(
  context: TrialContext,
  tables: ReadonlyMap<string, JsonValue>,
  table: ResultsTable | undefined,
  completed: number,
): Promise<WrittenArtifacts> {
  const { store, runId } = context;
  const run = await store.runs.getRun(runId);
  if (run === undefined || (tables.size === 0 && table === undefined)) {
    return { artifacts: {}, notes: [] };
  }
  const files = new RunFiles(store, run);
  for (const [name, value] of tables) await files.writeJson(name, value);
  const limit = tableRows(context);
  if (table !== undefined) {
    const rows = () => store.results.listResults(runId, { limit });
    await files.writeTable(RESULTS_TABLE, table, rows);
    if (completed > limit) {
      files.notes.push(
        `${RESULTS_TABLE}.json has the first ${limit} of ${completed} results (resultsTable)`,
      );
    }
  }
  return files;
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
