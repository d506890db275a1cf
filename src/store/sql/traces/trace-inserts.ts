import type { JsonValue, Span, TraceInfo } from "../../../core/index.ts";
import { previewsOfJson } from "../../../otlp/index.ts";
import type { SqlContext } from "../context.ts";
import type { BulkInsert, SqlValue } from "../engine.ts";

export const TRACE_INSERT: BulkInsert = {
  table: "traces",
  columns: {
    id: "integer",
    trace_id: "text",
    experiment_id: "integer",
    run: "integer",
    name: "text",
    state: "text",
    start_time: "integer",
    duration_ms: "real",
    request_preview: "text",
    response_preview: "text",
    client_request_id: "text",
    input_tokens: "integer",
    output_tokens: "integer",
    cost: "real",
  },
  ending: "on conflict (trace_id) do nothing",
};

export const SPAN_INSERT: BulkInsert = {
  table: "spans",
  columns: {
    trace: "integer",
    span_id: "text",
    parent_span_id: "text",
    name: "text",
    type: "text",
    status: "text",
    start_ns: "integer",
    end_ns: "integer",
    status_message: "text",
    attributes: "text",
    events: "text",
    inputs: "text",
    outputs: "text",
  },
  ending: "on conflict (trace, span_id) do nothing",
};

/** A trace as it is written: nothing in it is secret, and JSON is text. */
export interface TraceValues {
  readonly info: TraceInfo;
  readonly spans: readonly SpanValues[];
  /** Those of the spans that nothing is around. */
  readonly rootIds: readonly string[];
  readonly reportsUsage: boolean;
}

/**
 * Previews that are not given are made, once the trace has ended, of its outermost span.
 *
 * @param values - Of the spans, made by {@link spanValues}.
 */
export function scrubbedInfo(
  { scrubber }: SqlContext,
  info: TraceInfo,
  spans: readonly Span[],
  values: readonly SpanValues[],
): TraceInfo {
  const { requestPreview, responsePreview, clientRequestId, tags, metadata } = info;
  const outermost = info.state === "IN_PROGRESS" ? undefined : values[outermostOf(spans)];
  const made =
    outermost && previewsOfJson({ inputs: inputsOf(outermost), outputs: outputsOf(outermost) });
  return {
    ...info,
    // Of values without their secrets: the beginning of a text may end in the middle of one.
    ...made,
    name: scrubber.name(info.name),
    ...(requestPreview !== undefined && { requestPreview: scrubber.text(requestPreview) }),
    ...(responsePreview !== undefined && { responsePreview: scrubber.text(responsePreview) }),
    ...(clientRequestId !== undefined && { clientRequestId: scrubber.text(clientRequestId) }),
    ...(tags && { tags: scrubber.texts(tags) }),
    ...(metadata && { metadata: scrubber.texts(metadata) }),
  };
}

/** -1 without a span. */
function outermostOf(spans: readonly Span[]): number {
  const ids = new Set(spans.map((span) => span.spanId));
  return spans.findIndex(({ parentSpanId }) => !ids.has(parentSpanId ?? ""));
}

/** The columns of `spans` behind the trace. */
export type SpanValues = readonly SqlValue[];

const textAt = (values: SpanValues, at: number) => (values.at(at) as string | null) ?? undefined;
const inputsOf = (values: SpanValues) => textAt(values, -2);
const outputsOf = (values: SpanValues) => textAt(values, -1);

/** How many JSON texts a span has in {@link payloadsOf}. */
const PAYLOADS = 4;

/** What of a span is JSON; absent inputs and outputs as null, which their columns do not hold. */
function payloadsOf({ attributes, events, inputs = null, outputs = null }: Span): JsonValue[] {
  const dated = events.map((event) => ({ ...event, timeNs: event.timeNs.toString() }));
  return [attributes, dated, inputs, outputs];
}

/** @param pause - Awaited between the passes over long payloads. */
export async function spanValues(
  { scrubber }: SqlContext,
  spans: readonly Span[],
  pause: () => Promise<void>,
): Promise<readonly SpanValues[]> {
  const jsons = await scrubber.jsonsInPasses(spans.flatMap(payloadsOf), pause);
  const names = scrubber.names(spans.map((span) => span.name));
  return spans.map((span, index) => {
    const at = index * PAYLOADS;
    return [
      span.spanId,
      span.parentSpanId ?? null,
      names[index] as string,
      span.type,
      span.status,
      span.startNs,
      span.endNs,
      span.statusMessage === undefined ? null : scrubber.text(span.statusMessage),
      searchable(jsons[at] as string),
      jsons[at + 1] as string,
      span.inputs === undefined ? null : (jsons[at + 2] as string),
      span.outputs === undefined ? null : (jsons[at + 3] as string),
    ];
  });
}

/** PostgreSQL cannot look into JSON that holds U+0000 or half a surrogate pair. */
function searchable(json: string): string {
  if (!/\\u(?:0000|d[89a-f])/i.test(json)) return json;
  return json.replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/gi, "$1\\ufffd");
}
