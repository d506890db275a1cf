import { maintenanceOf } from "./maintenance-of.ts";
import type {
  ArtifactStore,
  DeletedEntities,
  DeletedEntity,
  DeletedKind,
  OwnFiles,
  TrackingStore,
} from "./ports/index.ts";

/**
 * Removes for good what was deleted before a time: experiments with all that is in them, runs with their
 * results and traces, logged models, and the files of all of them. May be repeated after a crash, and
 * run in several processes at once.
 *
 * @param before - Milliseconds since the Unix epoch.
 * @returns What was removed, by this call.
 */
export async function collectGarbage(
  store: TrackingStore,
  before: number,
): Promise<DeletedEntities> {
  const maintenance = maintenanceOf(store);
  const deleted = await maintenance.listDeleted(before);
  const removed = async (kind: DeletedKind, entities: readonly DeletedEntity[]) => {
    const gone: DeletedEntity[] = [];
    for (const entity of entities) {
      const files = await maintenance.claim(kind, entity.id, before);
      if (files === undefined) continue;
      // Files first: what is still in the database is found again by the next attempt.
      await deleteFiles(store.artifacts, files);
      if (await maintenance.purge(kind, entity.id)) gone.push(entity);
    }
    return gone;
  };
  const runs = await removed("run", deleted.runs);
  const models = await removed("model", deleted.models);
  return { experiments: await removed("experiment", deleted.experiments), runs, models };
}

async function deleteFiles(artifacts: ArtifactStore, { folders, around }: OwnFiles): Promise<void> {
  for (const folder of folders) await artifacts.delete(folder);
  if (around !== undefined) await deleteIfEmpty(artifacts, around);
}

/** Two stores may keep their files below one root: what is not known to be ours stays. */
export async function deleteIfEmpty(artifacts: ArtifactStore, uri: string): Promise<void> {
  if ((await artifacts.list(uri)).length === 0) await artifacts.delete(uri);
}
