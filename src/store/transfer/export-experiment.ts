import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AssayError, type Experiment } from "../../core/index.ts";
import { openArtifactStore } from "../artifacts/index.ts";
import { maintenanceOf } from "../collect-garbage.ts";
import type { ExportedRow, TrackingStore } from "../ports/index.ts";
import { JsonlWriter } from "./jsonl-file.ts";
import { FILES_FOLDER, FILES_LIST, MANIFEST_FILE, type Manifest, ROWS_FOLDER } from "./manifest.ts";

/**
 * Writes an experiment with its runs, results, traces and files to a folder, which is made and must be
 * empty. Two stores with the same content give the same bytes.
 *
 * @throws {AssayError} `not-found` for an unknown experiment, `already-exists` for a folder with files.
 */
export async function exportExperiment(
  store: TrackingStore,
  experimentId: string,
  folder: string,
): Promise<Manifest> {
  const maintenance = maintenanceOf(store);
  const experiment = await store.experiments.getExperiment(experimentId);
  if (experiment === undefined) {
    throw new AssayError("not-found", `No Experiment with id=${experimentId} exists`);
  }
  await makeEmptyFolder(folder);
  const rows = await writeRows(maintenance.exportRows(experimentId), folder);
  const files = await writeFiles(store, experiment, folder);
  const { name, creationTime, lastUpdateTime } = experiment;
  const manifest: Manifest = {
    format: "assay-experiment",
    schemaVersion: maintenance.schemaVersion,
    experiment: { name, creationTime, lastUpdateTime },
    rows,
    files,
  };
  // Last: a folder without it is not complete.
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function makeEmptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new AssayError("already-exists", `The folder ${folder} is not empty; name another one`);
  }
  await mkdir(join(folder, ROWS_FOLDER));
}

async function writeRows(
  rows: AsyncIterable<ExportedRow>,
  folder: string,
): Promise<Manifest["rows"]> {
  const tables: Manifest["rows"][number][] = [];
  let open: { readonly table: string; readonly writer: JsonlWriter } | undefined;
  const finish = async () => {
    if (open) tables.push({ table: open.table, ...(await open.writer.close()) });
  };
  for await (const { table, row } of rows) {
    if (open?.table !== table) {
      await finish();
      const path = join(folder, ROWS_FOLDER, `${table}.jsonl`);
      open = { table, writer: await JsonlWriter.create(path) };
    }
    await open.writer.write(row);
  }
  await finish();
  return tables;
}

/** Copies what lies below the experiment's location, and what runs and models keep elsewhere. */
async function writeFiles(
  store: TrackingStore,
  experiment: Experiment,
  folder: string,
): Promise<Manifest["files"]> {
  const copies = openArtifactStore();
  const target = join(folder, FILES_FOLDER);
  const list = await JsonlWriter.create(join(folder, FILES_LIST));
  for await (const { uri, prefix } of placesOf(store, experiment)) {
    for (const { path } of await store.artifacts.list(uri)) {
      const { content } = await store.artifacts.stream(uri, path);
      await list.write(await copies.write(target, `${prefix}${path}`, content));
    }
  }
  return list.close();
}

/** The experiment's own place, and those of runs whose files lie elsewhere. */
async function* placesOf(
  store: TrackingStore,
  { experimentId, artifactLocation }: Experiment,
): AsyncGenerator<{ readonly uri: string; readonly prefix: string }> {
  yield { uri: artifactLocation, prefix: "" };
  let pageToken: string | undefined;
  do {
    const query = { experimentIds: [experimentId], lifecycle: "all" as const };
    const page = await store.runs.searchRuns({ ...query, ...(pageToken && { pageToken }) });
    for (const { runId, artifactUri } of page.items) {
      if (artifactUri.startsWith(`${artifactLocation}/`)) continue;
      yield { uri: artifactUri, prefix: `${runId}/artifacts/` };
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
}
