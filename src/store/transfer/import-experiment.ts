import { join } from "node:path";
import { AssayError, type Experiment } from "../../core/index.ts";
import { maintenanceOf } from "../maintenance-of.ts";
import type { ExportedRow, TrackingStore } from "../ports/index.ts";
import { FileCopies } from "./file-copies.ts";
import { checkFile, readJsonlFile } from "./jsonl-file.ts";
import { FILES_LIST, type Manifest, ROWS_FOLDER } from "./manifest.ts";

export interface ImportOptions {
  /** Of the new experiment; that of the exported one when absent. */
  readonly name?: string;
  /**
   * Leaves the registered datasets out; evaluations keep name, version and digest of theirs in their own
   * record.
   */
  readonly withoutDatasets?: boolean;
}

/** Tables of registered datasets, which are not the experiment's own. */
const OF_DATASETS = /^datasets$|^dataset_/;

/**
 * Makes an experiment of what {@link exportExperiment} wrote. All of it appears at once; when anything
 * fails, nothing of it stays.
 *
 * The registered datasets that its runs name come along. One that is in the store with the same versions
 * stays as it is, and gets those it lacks.
 *
 * @throws {AssayError} `invalid-argument` for a folder that is not whole; `already-exists` when the name,
 *   a run or a trace is in the store, or another dataset with the name of one; `conflict` for a dataset
 *   of which a version holds other records in the store.
 */
export async function importExperiment(
  store: TrackingStore,
  folder: string,
  { name, withoutDatasets = false }: ImportOptions = {},
): Promise<Experiment> {
  const maintenance = maintenanceOf(store);
  // Loaded here: importing Assay does not load a schema library.
  const { checkVersion, readManifest } = await import("./read-manifest.ts");
  const manifest = await readManifest(folder);
  checkVersion(manifest, folder, maintenance.schemaVersion);
  // All of it first: what is damaged is found before anything is written.
  for (const { table, sha256 } of manifest.rows) await checkFile(rowsFile(folder, table), sha256);
  await checkFile(join(folder, FILES_LIST), manifest.files.sha256);
  const experiment = { ...manifest.experiment, ...(name !== undefined && { name }) };
  const read = {
    ...manifest,
    rows: manifest.rows.filter(({ table }) => !withoutDatasets || !OF_DATASETS.test(table)),
  };
  const copies = new FileCopies(store.artifacts, folder);
  try {
    return await maintenance.importRows(experiment, rowsIn(folder, read), (location) =>
      copies.copyTo(location),
    );
  } catch (error) {
    // Whether or not they can be removed, the failure to tell is the one above.
    await Promise.allSettled([copies.remove()]);
    throw error;
  }
}

async function* rowsIn(folder: string, { rows }: Manifest): AsyncGenerator<ExportedRow> {
  for (const { table } of rows) {
    for await (const { value, source } of readJsonlFile(rowsFile(folder, table))) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new AssayError("invalid-argument", `The export is damaged: ${source} is no row`);
      }
      yield { table, row: value as ExportedRow["row"], source };
    }
  }
}

function rowsFile(folder: string, table: string): string {
  if (!/^[a-z_]+$/.test(table)) {
    throw new AssayError("invalid-argument", `The export names a table "${table}", which is none`);
  }
  return join(folder, ROWS_FOLDER, `${table}.jsonl`);
}
