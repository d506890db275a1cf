import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { AssayError, type Experiment, isAssayError } from "../../core/index.ts";
import { parseTrackingUri, resolveTrackingUri, type TrackingStore } from "../../store/index.ts";
import { closeStores, storeAt, waitingTraces } from "../../tracking/index.ts";
import { loadConfig } from "./config.ts";
import type { Io } from "./io.ts";

/** Runs `work` on the tracking store; one that does not exist yet is made only if it `mayBeNew`. */
export async function withStore<T>(
  uri: string | undefined,
  io: Io,
  work: (store: TrackingStore) => Promise<T>,
  { mayBeNew = false }: { readonly mayBeNew?: boolean } = {},
): Promise<T> {
  try {
    return await work(await openStore(uri, io, { mayBeNew }));
  } catch (error) {
    // No model is asked here: what is away is where artifacts are, which belongs to the store.
    if (!isAssayError(error, "unavailable")) throw error;
    throw new AssayError("store-unavailable", error.message, { cause: error });
  } finally {
    await closeStores();
  }
}

/** The tracking store, which stays open until `closeStores`. */
export async function openStore(
  uri: string | undefined,
  io: Io,
  { mayBeNew = false }: { readonly mayBeNew?: boolean } = {},
): Promise<TrackingStore> {
  const config = await loadConfig(io.cwd);
  const wanted = resolveTrackingUri(uri, io.env, config.trackingUri);
  const location = parseTrackingUri(wanted);
  const isThere = location.engine !== "sqlite" || existsSync(resolve(io.cwd, location.path));
  // Traces that wait on disk for a store make it.
  if (!isThere && !mayBeNew && waitingTraces(wanted, io.cwd).files === 0) {
    throw new AssayError(
      "not-found",
      `There is no tracking store at ${location.path} yet. Run an evaluation first, or name another store with --tracking-uri.`,
    );
  }
  return storeAt(wanted);
}

/** The run with this id or unique beginning of an id; `latest` is the newest. */
export async function findRunId(store: TrackingStore, wanted: string): Promise<string> {
  if (wanted === "latest") {
    const [newest] = await store.runs.listRuns({ limit: 1 });
    if (newest === undefined) throw new AssayError("not-found", "There are no runs yet");
    return newest.runId;
  }
  return unique(await store.runs.findRunIds(wanted), "run", wanted, "assay runs list");
}

/** The experiment of this name, else with this id; also a deleted one. */
export async function findExperiment(
  { experiments }: TrackingStore,
  wanted: string,
): Promise<Experiment> {
  const found =
    (await experiments.getExperimentByName(wanted)) ?? (await experiments.getExperiment(wanted));
  if (found !== undefined) return found;
  throw new AssayError(
    "not-found",
    `No experiment has the name or id "${wanted}". See: assay experiments list`,
  );
}

export async function findTraceId(store: TrackingStore, wanted: string): Promise<string> {
  return unique(await store.traces.findTraceIds(wanted), "trace", wanted, "assay traces list");
}

function unique(found: readonly string[], noun: string, wanted: string, list: string): string {
  const [id, another] = found;
  if (id === undefined) {
    throw new AssayError("not-found", `No ${noun} has the id ${wanted}. See: ${list}`);
  }
  if (another !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `Several ${noun}s begin with ${wanted}; give more digits`,
    );
  }
  return id;
}
