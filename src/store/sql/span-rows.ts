import type { Selectable } from "kysely";
import type {
  JsonObject,
  JsonValue,
  Span,
  SpanEvent,
  SpanStatus,
  SpanType,
} from "../../core/index.ts";
import type { Schema } from "./schema.ts";

/** A span as a row of `spans`. */
export function toRow(trace_id: string, span: Span) {
  return {
    trace_id,
    span_id: span.spanId,
    parent_span_id: span.parentSpanId ?? null,
    name: span.name,
    type: span.type,
    start_ns: span.startNs,
    end_ns: span.endNs,
    status: span.status,
    status_message: span.statusMessage ?? null,
    inputs: span.inputs === undefined ? null : JSON.stringify(span.inputs),
    outputs: span.outputs === undefined ? null : JSON.stringify(span.outputs),
    attributes: JSON.stringify(span.attributes),
    events: JSON.stringify(
      span.events.map((event) => ({ ...event, timeNs: event.timeNs.toString() })),
    ),
  };
}

/** @param row - With its times as text beside the lossy numbers. */
export function fromRow(
  row: Selectable<Schema["spans"]> & { start_text: string; end_text: string },
): Span {
  const events = JSON.parse(row.events) as (Omit<SpanEvent, "timeNs"> & { timeNs: string })[];
  return {
    traceId: row.trace_id.replace(/^tr-/, ""),
    spanId: row.span_id,
    ...(row.parent_span_id !== null && { parentSpanId: row.parent_span_id }),
    name: row.name,
    type: row.type as SpanType,
    startNs: BigInt(row.start_text),
    endNs: BigInt(row.end_text),
    status: row.status as SpanStatus,
    ...(row.status_message !== null && { statusMessage: row.status_message }),
    ...(row.inputs !== null && { inputs: JSON.parse(row.inputs) as JsonValue }),
    ...(row.outputs !== null && { outputs: JSON.parse(row.outputs) as JsonValue }),
    attributes: JSON.parse(row.attributes) as JsonObject,
    events: events.map((event) => ({ ...event, timeNs: BigInt(event.timeNs) })),
  };
}
