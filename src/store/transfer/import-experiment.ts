import { join } from "node:path";
import { AssayError, type Experiment } from "../../core/index.ts";
import { openArtifactStore } from "../artifacts/index.ts";
import { maintenanceOf } from "../collect-garbage.ts";
import type { ExportedRow, TrackingStore, WrittenArtifact } from "../ports/index.ts";
import { checkFile, readJsonlFile } from "./jsonl-file.ts";
import { FILES_FOLDER, FILES_LIST, type Manifest, ROWS_FOLDER } from "./manifest.ts";

/**
 * Makes an experiment of what {@link exportExperiment} wrote. All of it appears at once; when anything
 * fails, nothing of it stays.
 *
 * @param name - Of the new experiment; that of the exported one when absent.
 * @throws {AssayError} `invalid-argument` for a folder that is not whole, `already-exists` when the name,
 *   a run or a trace is in the store.
 */
export async function importExperiment(
  store: TrackingStore,
  folder: string,
  name?: string,
): Promise<Experiment> {
  const maintenance = maintenanceOf(store);
  // Loaded here: importing Assay does not load a schema library.
  const { readManifest } = await import("./read-manifest.ts");
  const manifest = await readManifest(folder, maintenance.schemaVersion);
  // All of it first: what is damaged is found before anything is written.
  for (const { table, sha256 } of manifest.rows) await checkFile(rowsFile(folder, table), sha256);
  await checkFile(join(folder, FILES_LIST), manifest.files.sha256);
  const experiment = { ...manifest.experiment, ...(name !== undefined && { name }) };
  return maintenance.importRows(experiment, rowsIn(folder, manifest), (location) =>
    copyFiles(store, folder, location),
  );
}

async function* rowsIn(folder: string, { rows }: Manifest): AsyncGenerator<ExportedRow> {
  for (const { table } of rows) {
    for await (const row of readJsonlFile(rowsFile(folder, table))) {
      yield { table, row: row as ExportedRow["row"] };
    }
  }
}

function rowsFile(folder: string, table: string): string {
  if (!/^[a-z_]+$/.test(table)) {
    throw new AssayError("invalid-argument", `The export names a table "${table}", which is none`);
  }
  return join(folder, ROWS_FOLDER, `${table}.jsonl`);
}

async function copyFiles(store: TrackingStore, folder: string, location: string): Promise<void> {
  const copies = openArtifactStore();
  const source = join(folder, FILES_FOLDER);
  for await (const line of readJsonlFile(join(folder, FILES_LIST))) {
    const { path, sha256 } = line as WrittenArtifact;
    const { content } = await copies.stream(source, path);
    const written = await store.artifacts.write(location, path, content);
    if (written.sha256 === sha256) continue;
    throw new AssayError("invalid-argument", `The export is damaged: ${path} has changed`);
  }
}
