import { type Attributes, type HrTime, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { type JsonObject, type Span, type SpanStatus, toJsonValue } from "../core/index.ts";
import { isContentAttribute, readAttributes } from "../otlp/index.ts";
import { tracingSettings } from "./settings.ts";
import { isToShorten, shortened } from "./shorten.ts";

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
    ...readAttributes(shownAttributes(span.attributes)),
    events: span.events.map((event) => ({
      name: event.name,
      timeNs: toNanoseconds(event.time),
      attributes: shownAttributes(event.attributes ?? {}),
    })),
  };
}

/** Within what the program's settings let out: without content where that is off, without media, cut. */
function shownAttributes(recorded: Attributes): JsonObject {
  const { content, maxTextLength } = tracingSettings();
  let shown = toJsonValue(recorded) as JsonObject;
  if (!content) {
    shown = Object.fromEntries(Object.entries(shown).filter(([name]) => !isContentAttribute(name)));
  }
  const isAnyLong = Object.values(recorded).some(
    (value) => typeof value === "string" && isToShorten(value, maxTextLength),
  );
  return isAnyLong ? (shortened(shown, maxTextLength) as JsonObject) : shown;
}

function toNanoseconds([seconds, nanoseconds]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(nanoseconds));
}
