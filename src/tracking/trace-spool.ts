import { dirname, join, resolve } from "node:path";
import {
  type AssessmentFailure,
  createScrubber,
  isAssayError,
  type JsonObject,
  type NewAssessment,
  type Scrubber,
  type ScrubberOptions,
  type Span,
  sha256,
  type Trace,
} from "../core/index.ts";
import { parseTrackingUri, storeName, type TrackingStore } from "../store/index.ts";
import {
  drainSpool,
  Spool,
  spoolState,
  storeDestination,
  type TraceKeeper,
} from "../tracing/index.ts";

/** Where traces wait for a store: beside a SQLite file, else in the working folder. */
interface SpoolPlace {
  readonly folder: string;
  /** Distinguishes stores that share the folder. */
  readonly store: string;
}

/** Absent for a store in memory, which nobody finds again, and for a URI that is none. */
function placeOf(uri: string, cwd: string = process.cwd()): SpoolPlace | undefined {
  try {
    const location = parseTrackingUri(uri);
    if (location.engine === "postgresql") {
      return { folder: join(cwd, ".assay", "spool"), store: sha256(storeName(uri)).slice(0, 12) };
    }
    if (location.path === ":memory:") return undefined;
    const path = resolve(cwd, location.path);
    return { folder: join(dirname(path), ".assay", "spool"), store: sha256(path).slice(0, 12) };
  } catch {
    return undefined;
  }
}

/** What waits on disk for a store, and what was lost. */
export function waitingTraces(uri: string, cwd: string) {
  const place = placeOf(uri, cwd);
  return place === undefined ? { files: 0, dropped: 0 } : spoolState(place.folder, place.store);
}

interface Owner {
  readonly uri: string;
  readonly experiment: string;
  readonly runId?: string;
  readonly scrubbing: ScrubberOptions;
}

/** @param retry - Called once something waits. */
export function traceKeeper(owner: Owner, retry: () => void): TraceKeeper | undefined {
  const place = placeOf(owner.uri);
  if (place === undefined) return undefined;
  const { experiment, runId, scrubbing } = owner;
  // Made when it is needed: nearly never.
  let spool: Spool | undefined;
  const opened = () => {
    spool ??= new Spool(place.folder, place.store);
    return spool;
  };
  return {
    keep: (trace, said) => {
      const scrubber = createScrubber(scrubbing);
      const isKept = opened().append({
        experiment,
        ...(runId !== undefined && { runId }),
        trace: scrubbed(trace, scrubber),
        said: { ...said, ...textsOf(said, scrubber) },
      });
      if (isKept) retry();
      return isKept;
    },
    keepAssessment: (assessment) => {
      const scrubber = createScrubber(scrubbing);
      const shown = scrubbedAssessment(assessment, scrubber);
      const isKept = opened().append({ experiment, assessment: shown });
      if (isKept) retry();
      return isKept;
    },
    noteDropped: (spans) => opened().noteDropped(spans),
  };
}

/** Stores what waits on disk for `store`; resolves to how many traces that were. */
export async function storeWaitingTraces(store: TrackingStore, uri: string): Promise<number> {
  const place = placeOf(uri);
  if (place === undefined) return 0;
  return drainSpool(place.folder, place.store, async (entry) => {
    if ("assessment" in entry) return storeAssessment(store, entry.assessment);
    const { experiment, runId, trace, said } = entry;
    const { experimentId } = await store.experiments.ensureExperiment(experiment);
    const owner = { experimentId, ...(runId !== undefined && { runId }) };
    const info = { ...trace.info, ...owner };
    await storeDestination(store, owner).receive({ ...trace, info }, said);
  });
}

/** What a store refuses for good would keep all that waits behind it; one that is there already is stored. */
const REFUSED = ["not-found", "invalid-argument", "already-exists"] as const;

async function storeAssessment(store: TrackingStore, assessment: NewAssessment): Promise<void> {
  try {
    await store.assessments.logAssessment(assessment);
  } catch (error) {
    if (!REFUSED.some((code) => isAssayError(error, code))) throw error;
  }
}

function scrubbedAssessment(given: NewAssessment, scrubber: Scrubber): NewAssessment {
  const { name, value, error, rationale, metadata, source } = given;
  return {
    ...given,
    name: scrubber.name(name),
    source: { ...source, ...(source.id !== undefined && { id: scrubber.text(source.id) }) },
    ...(value !== undefined && { value: scrubber.value(value) }),
    ...(error && { error: scrubber.value({ ...error }) as unknown as AssessmentFailure }),
    ...(rationale !== undefined && { rationale: scrubber.text(rationale) }),
    ...(metadata && { metadata: scrubber.value(metadata) as JsonObject }),
  };
}

function textsOf({ tags, metadata }: Pick<Trace["info"], "tags" | "metadata">, scrubber: Scrubber) {
  return {
    ...(tags && { tags: scrubber.texts(tags) }),
    ...(metadata && { metadata: scrubber.texts(metadata) }),
  };
}

/** Nothing secret goes to disk; the store goes over it again, which changes nothing. */
export function scrubbed({ info, spans }: Trace, scrubber: Scrubber): Trace {
  const { requestPreview: _request, responsePreview: _response, ...rest } = info;
  return {
    info: { ...rest, name: scrubber.name(info.name), ...textsOf(info, scrubber) },
    spans: spans.map((span) => scrubbedSpan(span, scrubber)),
  };
}

function scrubbedSpan(span: Span, scrubber: Scrubber): Span {
  const { statusMessage, inputs, outputs } = span;
  return {
    ...span,
    name: scrubber.name(span.name),
    ...(statusMessage !== undefined && { statusMessage: scrubber.text(statusMessage) }),
    ...(inputs !== undefined && { inputs: scrubber.value(inputs) }),
    ...(outputs !== undefined && { outputs: scrubber.value(outputs) }),
    attributes: scrubber.value(span.attributes) as JsonObject,
    events: span.events.map((event) => ({
      ...event,
      attributes: scrubber.value(event.attributes) as JsonObject,
    })),
  };
}
