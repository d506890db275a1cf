import {
  AssayError,
  type JsonObject,
  type JsonValue,
  type Span,
  type Trace,
  type TraceInfo,
  withoutAbsent,
} from "../core/index.ts";
import type { ExperimentStore, TraceSearchQuery, TraceStore } from "../store/ports/index.ts";
import type { RawRows } from "./raw-data.ts";
import type { RawRow } from "./raw-row.ts";

/** Traces of the tracking store as rows: what went in and came out is scored without calling a model. */
export interface TraceData {
  /** MLflow's filter, e.g. `status = 'OK' AND tags.team = 'search'`; `""` for all traces. */
  readonly traces: string;
  /** Only the newest so many; an integer of at least 1. */
  readonly limit?: number;
  /** The name of an experiment, or several; all of them when absent. */
  readonly experiment?: string | readonly string[];
  /** Chooses among the traces that match, a page at a time, before their spans are read. */
  readonly only?: (found: readonly TraceInfo[]) => Promise<readonly TraceInfo[]>;
}

/** The part of a tracking store that traces are read from. */
export interface StoredTraces {
  readonly traces: Pick<TraceStore, "searchTraces" | "getTrace">;
  readonly experiments: Pick<ExperimentStore, "getExperimentByName">;
}

/** Traces whose spans are in memory at once. */
const PAGE = 50;

export function isTraceData(data: unknown): data is TraceData {
  return (
    typeof data === "object" &&
    data !== null &&
    "traces" in data &&
    typeof data.traces === "string" &&
    !(Symbol.iterator in data || Symbol.asyncIterator in data)
  );
}

/**
 * The traces that match, newest first.
 *
 * @throws {AssayError} `not-found` for an experiment that is not there; while reading,
 *   `invalid-argument` for a filter that cannot be understood.
 */
export async function traceRows(
  { traces: filter, limit, experiment, only, ...others }: TraceData,
  open: (() => Promise<StoredTraces>) | undefined,
): Promise<RawRows> {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `Traces as data have no option "${unknown}". Options: traces, limit, experiment`,
    );
  }
  if (open === undefined) {
    throw new AssayError(
      "invalid-argument",
      "Traces are in a tracking store: pass that as the option traces",
    );
  }
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) {
    throw new AssayError(
      "invalid-argument",
      `Expected the limit of traces to be an integer of at least 1, got ${limit}`,
    );
  }
  const store = await open();
  const names = experiment === undefined ? undefined : [experiment].flat();
  const query = withoutAbsent<TraceSearchQuery>({
    filter: filter.trim() === "" ? undefined : filter,
    experimentIds: names && (await Promise.all(names.map((name) => idOf(store, name)))),
    maxResults: PAGE,
  });
  return {
    name: "traces",
    access: "stored",
    read: () => portions(store, query, limit ?? Number.POSITIVE_INFINITY, only),
  };
}

async function idOf({ experiments }: StoredTraces, name: string): Promise<string> {
  const found = await experiments.getExperimentByName(name);
  if (found !== undefined) return found.experimentId;
  throw new AssayError("not-found", `No experiment is called "${name}"`);
}

async function* portions(
  { traces }: StoredTraces,
  query: TraceSearchQuery,
  limit: number,
  only: TraceData["only"],
): AsyncGenerator<RawRow[]> {
  let number = 0;
  let pageToken: string | undefined;
  do {
    const page = await traces.searchTraces({ ...query, ...withoutAbsent({ pageToken }) });
    const chosen = only === undefined ? page.items : await only(page.items);
    const infos = chosen.slice(0, limit - number);
    const found = await Promise.all(infos.map(({ traceId }) => traces.getTrace(traceId)));
    // One that was deleted meanwhile is no row.
    const there = found.filter((trace) => trace !== undefined);
    const first = number + 1;
    number += infos.length;
    yield there.map((trace, index) => toRow(trace, first + index));
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined && number < limit);
  // Who chooses may choose none.
  if (number === 0 && only === undefined)
    throw new AssayError("invalid-argument", "No stored trace matches the filter");
}

function toRow({ info, spans }: Trace, number: number): RawRow {
  const root = rootOf(spans);
  const record = withoutAbsent<{ [column: string]: JsonValue }>({
    id: info.traceId,
    inputs: root?.inputs ?? {},
    outputs: root?.outputs,
    expectations: expectationsOf(info),
    metadata: info.metadata,
    tags: info.tags,
  });
  return { record, unit: "trace", number, traceId: info.traceId };
}

/**
 * What was expected of the trace; what people said of it as well, which a judge is then compared with.
 * Feedback of code and of judges is no ground truth.
 */
function expectationsOf({ assessments = [] }: TraceInfo): JsonObject | undefined {
  const given = assessments.filter(
    ({ isValid, spanId, value, kind, source }) =>
      isValid &&
      spanId === undefined &&
      value !== undefined &&
      (kind === "expectation" || source.type === "HUMAN"),
  );
  // What was expected comes last: it counts before an opinion of the same name.
  const ordered = [
    ...given.filter(({ kind }) => kind === "feedback"),
    ...given.filter(({ kind }) => kind === "expectation"),
  ];
  if (ordered.length === 0) return undefined;
  return Object.fromEntries(ordered.map(({ name, value }) => [name, value as JsonValue]));
}

/** Stored traces as records for a registered dataset, which finds them by their inputs. */
export async function* traceRecords(
  data: TraceData,
  store: StoredTraces,
): AsyncGenerator<JsonObject> {
  const { read } = await traceRows(data, async () => store);
  for await (const portion of read()) {
    for (const { record, traceId } of portion) {
      const { id: _id, metadata, ...rest } = record as JsonObject;
      yield { ...rest, metadata: { ...(metadata as JsonObject), trace_id: traceId ?? "" } };
    }
  }
}

/** The span without a parent, or the first of which none is known: parts of a trace may come late. */
function rootOf(spans: readonly Span[]): Span | undefined {
  return spans.find(({ parentSpanId }) => parentSpanId === undefined) ?? spans[0];
}
