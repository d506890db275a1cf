import { AssayError } from "../core/index.ts";
import type { ArtifactEntry } from "../store/ports/index.ts";
import { currentRun } from "./active-run.ts";
import { copyOut, type RunArtifacts } from "./copy-artifacts.ts";
import { currentStore } from "./settings.ts";

export interface ListArtifactsOptions {
  /** The active run when absent. */
  readonly runId?: string;
  /** The run's own folder when absent. */
  readonly folder?: string;
}

/** The files and folders directly in a folder of a run's artifacts, sorted by path. */
export async function listArtifacts(options: ListArtifactsOptions = {}): Promise<ArtifactEntry[]> {
  const { store, uri } = await artifactsOf(options.runId);
  return store.listFolder(uri, options.folder);
}

export interface DownloadArtifactsOptions {
  /** The active run when absent. */
  readonly runId?: string;
  /** A file or a folder; everything when absent. */
  readonly path?: string;
  /** The local folder to copy to; made if need be. */
  readonly to: string;
}

/**
 * Copies artifacts to a local folder, below which they have the same paths; each appears when it is whole.
 *
 * @returns The local path of what was asked for.
 * @throws {AssayError} `not-found` when there is no such run or artifact.
 */
export async function downloadArtifacts(options: DownloadArtifactsOptions): Promise<string> {
  return copyOut(await artifactsOf(options.runId), options.path ?? "", options.to);
}

async function artifactsOf(runId: string = currentRun().runId): Promise<RunArtifacts> {
  const { artifacts, runs } = await currentStore();
  const run = await runs.getRun(runId);
  if (run === undefined) throw new AssayError("not-found", `No run with id ${runId}`);
  return { store: artifacts, uri: run.artifactUri };
}
