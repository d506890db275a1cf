import { AssayError } from "../core/index.ts";
import type {
  DeletedEntities,
  DeletedEntity,
  MaintenanceStore,
  TrackingStore,
} from "./ports/index.ts";

/**
 * Removes for good what was deleted before a time: experiments with all that is in them, runs with their
 * results and traces, logged models, and the files of all of them. May be repeated after a crash.
 *
 * @param before - Milliseconds since the Unix epoch.
 * @returns What was removed.
 */
export async function collectGarbage(
  store: TrackingStore,
  before: number,
): Promise<DeletedEntities> {
  const maintenance = maintenanceOf(store);
  const deleted = await maintenance.listDeleted(before);
  // Files first: what is still in the database is found again by the next attempt.
  for (const run of deleted.runs) {
    await removeFiles(store, run);
    await maintenance.purgeRun(run.id);
  }
  for (const model of deleted.models) {
    await removeFiles(store, model);
    await maintenance.purgeModel(model.id);
  }
  for (const experiment of deleted.experiments) {
    await removeFiles(store, experiment);
    await maintenance.purgeExperiment(experiment.id);
  }
  return deleted;
}

/** @throws {AssayError} `configuration` for a store whose database is not ours to maintain. */
export function maintenanceOf(store: TrackingStore): MaintenanceStore {
  if (store.maintenance !== undefined) return store.maintenance;
  throw new AssayError(
    "configuration",
    `${store.uri} is kept by a server. Run this where its database is, with the database's own URI.`,
  );
}

async function removeFiles(store: TrackingStore, { artifactUri }: DeletedEntity): Promise<void> {
  // The folder of a run or model holds nothing but this one.
  await store.artifacts.delete(artifactUri.replace(/\/artifacts\/?$/, ""));
}
