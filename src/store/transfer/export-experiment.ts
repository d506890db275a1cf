import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AssayError, type Experiment } from "../../core/index.ts";
import { checkedPath, replaceFile } from "../artifacts/index.ts";
import { maintenanceOf } from "../maintenance-of.ts";
import type { ExportedRow, TrackingStore } from "../ports/index.ts";
import { JsonlWriter } from "./jsonl-file.ts";
import { FILES_FOLDER, FILES_LIST, MANIFEST_FILE, type Manifest, ROWS_FOLDER } from "./manifest.ts";

/** A file that is being copied; gone when it is in place. */
const PARTIAL_FILE = "partial";

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
  const experiment = await store.experiments.getExperiment(experimentId);
  if (experiment === undefined) {
    throw new AssayError("not-found", `No Experiment with id=${experimentId} exists`);
  }
  await makeEmptyFolder(folder);
  try {
    return await writeExport(store, experiment, folder);
  } catch (error) {
    // Half an export would stand in the way of the next attempt.
    for (const name of [ROWS_FOLDER, FILES_FOLDER, FILES_LIST, PARTIAL_FILE]) {
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
    }
    throw error;
  }
}

async function writeExport(
  store: TrackingStore,
  experiment: Experiment,
  folder: string,
): Promise<Manifest> {
  const maintenance = maintenanceOf(store);
  const rows = maintenance.exportRows(experiment.experimentId);
  const { tables, places } = await writeRows(rows, folder);
  const files = await writeFiles(store, places, folder);
  const { name, creationTime, lastUpdateTime } = experiment;
  const manifest: Manifest = {
    format: "assay-experiment",
    schemaVersion: maintenance.schemaVersion,
    experiment: { name, creationTime, lastUpdateTime },
    rows: tables,
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

/** Where the files of a run or model are, and where they go. */
type Place = NonNullable<ExportedRow["files"]>;

async function writeRows(
  rows: AsyncIterable<ExportedRow>,
  folder: string,
): Promise<{ readonly tables: Manifest["rows"]; readonly places: readonly Place[] }> {
  const tables: Manifest["rows"][number][] = [];
  const places: Place[] = [];
  let open: { readonly table: string; readonly writer: JsonlWriter } | undefined;
  const finish = async () => {
    if (open) tables.push({ table: open.table, ...(await open.writer.close()) });
  };
  for await (const { table, row, files } of rows) {
    if (open?.table !== table) {
      await finish();
      const path = join(folder, ROWS_FOLDER, `${table}.jsonl`);
      open = { table, writer: await JsonlWriter.create(path) };
    }
    await open.writer.write(row);
    if (files) places.push(files);
  }
  await finish();
  return { tables, places };
}

/** Copies the files of runs and models: what else lies in the experiment's location may be of others. */
async function writeFiles(
  { artifacts }: TrackingStore,
  places: readonly Place[],
  folder: string,
): Promise<Manifest["files"]> {
  const list = await JsonlWriter.create(join(folder, FILES_LIST));
  for (const place of places) {
    for (const found of await artifacts.list(place.uri)) {
      const path = checkedPath(`${place.path}/${found.path}`);
      const { content } = await artifacts.stream(place.uri, found.path);
      const file = join(folder, FILES_FOLDER, path);
      await mkdir(dirname(file), { recursive: true });
      const written = await replaceFile(file, join(folder, PARTIAL_FILE), content);
      await list.write({ path, ...written });
    }
  }
  return list.close();
}
