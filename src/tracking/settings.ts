import {
  createScrubber,
  type Experiment,
  type Logger,
  redactText,
  type ScrubberOptions,
  withoutAbsent,
} from "../core/index.ts";
import {
  type OpenStoreOptions,
  openStore,
  resolveTrackingUri,
  type TrackingStore,
} from "../store/index.ts";
import {
  flushTraces,
  setDefaultDestination,
  storeDestination,
  tracingSettings,
} from "../tracing/index.ts";
import { activeRun } from "./active-run.ts";
import { besideOtlp, otlpDestination } from "./otlp-destination.ts";
import { storeWaitingTraces, traceKeeper } from "./trace-spool.ts";
import { setWarningLogger } from "./warn.ts";

/** Settings of the process, as in MLflow; every function that uses them also takes them as options. */
const settings: { trackingUri?: string; experimentName?: string; scrubbing?: ScrubberOptions } = {};

interface OpenedStore extends ScrubberOptions {
  readonly uri: string;
  readonly store: Promise<TrackingStore>;
}

const stores = new Set<OpenedStore>();

export interface ConfigureOptions extends ScrubberOptions {
  /** Where warnings go, such as of a file that was not copied; by default they are warnings of Node. */
  readonly logger?: Logger;
}

/**
 * What the stores of this process keep from now on: `redact: "off"` stores key-shaped strings as they
 * are, `mask` goes over values first. What is not given stays as it was.
 *
 * @throws {AssayError} `invalid-argument` for anything else.
 */
export function configure({ logger, ...options }: ConfigureOptions): void {
  const scrubbing = { ...settings.scrubbing, ...options };
  createScrubber(scrubbing);
  settings.scrubbing = scrubbing;
  if (logger !== undefined) setWarningLogger(logger);
}

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

/** The store at a URI, opened once per process and way of scrubbing. */
export function storeAt(uri: string, scrubbing: ScrubberOptions = {}): Promise<TrackingStore> {
  const { redact = "secrets", mask } = { ...settings.scrubbing, ...scrubbing };
  for (const opened of stores) {
    if (opened.uri === uri && opened.redact === redact && opened.mask === mask) return opened.store;
  }
  const artifactRoot = process.env.ASSAY_ARTIFACT_ROOT || undefined;
  const options = withoutAbsent<OpenStoreOptions>({ artifactRoot, redact, mask });
  const store = openStore(uri, options).then(async (open) => {
    // What a process that has ended could not store; what cannot be stored now either waits on.
    await storeWaitingTraces(open, uri).catch(() => 0);
    return open;
  });
  const opened = withoutAbsent<OpenedStore>({ uri, redact, mask, store });
  stores.add(opened);
  // A store that did not open can be tried again.
  store.catch(() => stores.delete(opened));
  return store;
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
  const open = await Promise.allSettled([...stores].map(({ store }) => store));
  stores.clear();
  for (const store of open) if (store.status === "fulfilled") await store.value.close();
}

const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const;

let retries = 0;
let retryTimer: NodeJS.Timeout | undefined;

/** Tries again and again to store what waits on disk; the timer keeps no process alive. */
function retrySoon(uri: string): void {
  if (retryTimer !== undefined) return;
  const wait = RETRY_MS[Math.min(retries, RETRY_MS.length - 1)];
  retryTimer = setTimeout(() => {
    retryTimer = undefined;
    storeAt(uri)
      .then((store) => storeWaitingTraces(store, uri))
      .then(
        () => {
          retries = 0;
        },
        () => {
          retries += 1;
          retrySoon(uri);
        },
      );
  }, wait);
  retryTimer.unref();
}

setDefaultDestination({
  resolve: async () => {
    // Read before the first wait: the run may have ended after it.
    const run = activeRun();
    const { otlp } = tracingSettings();
    const scrubbing = settings.scrubbing ?? {};
    if (otlp?.only === true) return otlpDestination(otlp, scrubbing);
    const store = await currentStore();
    const experimentId = run?.experimentId ?? (await currentExperiment()).experimentId;
    const destination = storeDestination(store, { experimentId, ...(run && { runId: run.runId }) });
    return otlp === undefined ? destination : besideOtlp(destination, otlp, scrubbing);
  },
  keeper: () => {
    // What waits on disk waits for a store.
    if (tracingSettings().otlp?.only === true) return undefined;
    const uri = getTrackingUri();
    const owner = {
      uri,
      experiment: currentExperimentName(),
      scrubbing: settings.scrubbing ?? {},
      ...withoutAbsent({ runId: activeRun()?.runId }),
    };
    return traceKeeper(owner, () => retrySoon(uri));
  },
});
