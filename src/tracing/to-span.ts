import { type HrTime, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import {
  type JsonObject,
  type JsonValue,
  type Span,
  type SpanStatus,
  toJsonValue,
} from "../core/index.ts";
import { readAttributes } from "../otlp/index.ts";

const STATUS: { readonly [code in SpanStatusCode]: SpanStatus } = {
  [SpanStatusCode.UNSET]: "UNSET",
  [SpanStatusCode.OK]: "OK",
  [SpanStatusCode.ERROR]: "ERROR",
};

/** An ended OpenTelemetry span in our form. */
export function toSpan(span: ReadableSpan): Span {
  const { traceId, spanId } = span.spanContext();
  const parentSpanId = span.parentSpanContext?.spanId;
  const { message } = span.status;
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: span.name,
    startNs: toNanoseconds(span.startTime),
    endNs: toNanoseconds(span.endTime),
    status: STATUS[span.status.code],
    ...(message !== undefined && { statusMessage: message }),
    ...readAttributes(toJsonValue(span.attributes) as JsonObject),
    events: span.events.map((event) => ({
      name: event.name,
      timeNs: toNanoseconds(event.time),
      attributes: toJsonValue(event.attributes ?? {}) as { [key: string]: JsonValue },
    })),
  };
}

function toNanoseconds([seconds, nanoseconds]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(nanoseconds));
}
