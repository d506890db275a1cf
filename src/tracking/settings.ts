import { type Experiment, redactText, withoutAbsent } from "../core/index.ts";
import { openStore, resolveTrackingUri, type TrackingStore } from "../store/index.ts";
import { flushTraces, setDefaultDestination, storeDestination } from "../tracing/index.ts";
import { activeRun } from "./active-run.ts";

/** Settings of the process, as in MLflow; every function that uses them also takes them as options. */
const settings: { trackingUri?: string; experimentName?: string } = {};

const stores = new Map<string, Promise<TrackingStore>>();

/** Where runs and traces go from now on, e.g. `sqlite:///assay.db`. Overrides `ASSAY_TRACKING_URI`. */
export function setTrackingUri(uri: string): void {
  settings.trackingUri = uri;
}

export function getTrackingUri(): string {
  return resolveTrackingUri(settings.trackingUri, process.env);
}

/** The experiment of new runs and traces from now on; made when first needed. */
export function setExperiment(name: string): void {
  settings.experimentName = name;
}

export function currentExperimentName(): string {
  return redactText(settings.experimentName ?? experimentNameFrom(process.env) ?? "Default");
}

/** The experiment that the environment names, if any. */
export function experimentNameFrom(env: {
  readonly [name: string]: string | undefined;
}): string | undefined {
  return env.ASSAY_EXPERIMENT_NAME || env.MLFLOW_EXPERIMENT_NAME || undefined;
}

/** The store at a URI, opened once per process. */
export function storeAt(uri: string): Promise<TrackingStore> {
  const open = stores.get(uri);
  if (open !== undefined) return open;
  const root = process.env.ASSAY_ARTIFACT_ROOT;
  const opening = openStore(uri, withoutAbsent({ artifactRoot: root || undefined }));
  stores.set(uri, opening);
  // A store that did not open can be tried again.
  opening.catch(() => stores.delete(uri));
  return opening;
}

export function currentStore(): Promise<TrackingStore> {
  return storeAt(getTrackingUri());
}

export async function currentExperiment(): Promise<Experiment> {
  const store = await currentStore();
  return store.experiments.ensureExperiment(currentExperimentName());
}

/** Closes every store this process has opened, after what is being written, traces included. */
export async function closeStores(): Promise<void> {
  await flushTraces();
  const open = await Promise.allSettled(stores.values());
  stores.clear();
  for (const store of open) if (store.status === "fulfilled") await store.value.close();
}

setDefaultDestination(async () => {
  // Read before the first wait: the run may have ended after it.
  const run = activeRun();
  const store = await currentStore();
  const experimentId = run?.experimentId ?? (await currentExperiment()).experimentId;
  return storeDestination(store.traces, { experimentId, ...(run && { runId: run.runId }) });
});
