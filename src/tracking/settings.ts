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
  type OtlpOptions,
  setDefaultDestination,
  storeDestination,
  type TraceDestination,
  type TraceWay,
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
  lastWay = undefined;
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

/** What decides where a trace goes, as it is when the trace begins. */
interface TraceOwner {
  readonly uri: string;
  /** As it was given: its secrets are taken out where it is used. */
  readonly experiment: string | undefined;
  readonly run: ReturnType<typeof activeRun>;
  readonly scrubbing: ScrubberOptions | undefined;
  readonly otlp: OtlpOptions | undefined;
}

/** So long traces with the same owner share a way, in milliseconds. */
const SAME_WAY_MS = 1_000;

/** Nearly always that of the next trace too: to find the experiment in the store takes longer than a span. */
let lastWay:
  | { readonly owner: TraceOwner; readonly madeAt: number; readonly way: TraceWay }
  | undefined;

setDefaultDestination(() => {
  const owner = {
    uri: getTrackingUri(),
    experiment: settings.experimentName ?? experimentNameFrom(process.env),
    run: activeRun(),
    scrubbing: settings.scrubbing,
    otlp: tracingSettings().otlp,
  };
  const now = performance.now();
  if (lastWay && now - lastWay.madeAt < SAME_WAY_MS && isSameOwner(lastWay.owner, owner)) {
    return lastWay.way;
  }
  const way = wayOf(owner);
  const made = { owner, madeAt: now, way };
  lastWay = made;
  way.destination.catch(() => {
    if (lastWay === made) lastWay = undefined;
  });
  return way;
});

function isSameOwner(a: TraceOwner, b: TraceOwner): boolean {
  return (
    a.uri === b.uri &&
    a.experiment === b.experiment &&
    a.run === b.run &&
    a.scrubbing === b.scrubbing &&
    a.otlp === b.otlp
  );
}

function wayOf(owner: TraceOwner): TraceWay {
  const { uri, run, otlp, scrubbing = {} } = owner;
  // What waits on disk waits for a store.
  if (otlp?.only === true)
    return { destination: Promise.resolve(otlpDestination(otlp, scrubbing)) };
  const experiment = redactText(owner.experiment ?? "Default");
  const waiting = { uri, experiment, scrubbing, ...(run && { runId: run.runId }) };
  return {
    destination: destinationAt(owner, experiment),
    keeper: traceKeeper(waiting, () => retrySoon(uri)),
  };
}

async function destinationAt(
  { uri, run, otlp, scrubbing = {} }: TraceOwner,
  experiment: string,
): Promise<TraceDestination> {
  const store = await storeAt(uri);
  const { experimentId } = run ?? (await store.experiments.ensureExperiment(experiment));
  const owner = { experimentId, ...(run && { runId: run.runId }) };
  const destination = { ...storeDestination(store, owner), makesPreviews: true };
  return otlp === undefined ? destination : besideOtlp(destination, otlp, scrubbing);
}
