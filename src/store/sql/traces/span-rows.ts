import { type Kysely, type Selectable, sql } from "kysely";
import type {
  JsonObject,
  JsonValue,
  Span,
  SpanEvent,
  SpanStatus,
  SpanType,
} from "../../../core/index.ts";
import type { UsageSpan } from "../../../otlp/index.ts";
import type { Schema } from "../schema.ts";

/** The spans of a trace in order of start. */
export async function spansOf(database: Kysely<Schema>, traceId: string): Promise<Span[]> {
  const rows = await database
    .selectFrom("spans")
    .innerJoin("traces", "traces.id", "spans.trace")
    .selectAll("spans")
    // Nanoseconds exceed what a double holds exactly.
    .select([
      "traces.trace_id",
      sql<string>`cast(start_ns as text)`.as("start_text"),
      sql<string>`cast(end_ns as text)`.as("end_text"),
    ])
    .where("traces.trace_id", "=", traceId)
    .orderBy("start_ns")
    .orderBy("spans.id")
    .execute();
  return rows.map(fromRow);
}

/** Of the spans of a trace what its usage is summed from. */
export async function usageSpansOf(database: Kysely<Schema>, trace: number): Promise<UsageSpan[]> {
  const rows = await database
    .selectFrom("spans")
    .select(["span_id", "parent_span_id", "type", "attributes"])
    .where("trace", "=", trace)
    .orderBy("id")
    .execute();
  return rows.map((row) => ({
    spanId: row.span_id,
    ...(row.parent_span_id !== null && { parentSpanId: row.parent_span_id }),
    type: row.type as SpanType,
    attributes: JSON.parse(row.attributes) as JsonObject,
  }));
}

/** @param row - With its times as text beside the lossy numbers. */
function fromRow(
  row: Selectable<Schema["spans"]> & { trace_id: string; start_text: string; end_text: string },
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
