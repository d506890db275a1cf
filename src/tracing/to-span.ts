import { type Attributes, type HrTime, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import {
  describeError,
  type JsonObject,
  type Span,
  type SpanStatus,
  toJsonValue,
} from "../core/index.ts";
import { ATTRIBUTES, isContentAttribute, readAttributes, type SpanContent } from "../otlp/index.ts";
import { heldBy, heldRecord } from "./recorded.ts";
import { tracingSettings, warnOfTracing } from "./settings.ts";
import { isAnyToShorten, shortened } from "./shorten.ts";

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
    ...contentOf(span),
    events: span.events.map((event) => ({
      name: event.name,
      timeNs: toNanoseconds(event.time),
      attributes: shown(jsonOf(event.attributes ?? {})),
    })),
  };
}

function contentOf(span: ReadableSpan): SpanContent {
  const attributes = jsonOf(span.attributes);
  const held = heldOf(span);
  if (held === undefined) return readAttributes(shown(attributes));
  const content = readAttributes(shown({ ...attributes, ...held }), held);
  for (const name of MESSAGES) {
    const left = content.attributes[name];
    if (left === undefined || typeof left === "string") continue;
    return { ...content, attributes: { ...content.attributes, [name]: JSON.stringify(left) } };
  }
  return content;
}

const MESSAGES = [ATTRIBUTES.inputMessages, ATTRIBUTES.outputMessages];

function heldOf(span: ReadableSpan): JsonObject | undefined {
  const held = heldBy(span);
  if (held === undefined) return undefined;
  try {
    return heldRecord(held) as JsonObject;
  } catch (error) {
    warnOfTracing(`Part of a span was not recorded: ${describeError(error)}`);
    return held.content;
  }
}

/** OpenTelemetry lets texts, truth values, numbers and lists of them through. */
function jsonOf(attributes: Attributes): JsonObject {
  for (const name in attributes) {
    if (typeof attributes[name] === "object" || Number.isNaN(attributes[name])) {
      return toJsonValue(attributes) as JsonObject;
    }
  }
  return attributes as JsonObject;
}

/** Within what the program's settings let out: without content where that is off, without media, cut. */
function shown(recorded: JsonObject): JsonObject {
  const { content, maxTextLength } = tracingSettings();
  const letOut = content
    ? recorded
    : Object.fromEntries(Object.entries(recorded).filter(([name]) => !isContentAttribute(name)));
  return isAnyToShorten(letOut, maxTextLength)
    ? (shortened(letOut, maxTextLength) as JsonObject)
    : letOut;
}

function toNanoseconds([seconds, nanoseconds]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(nanoseconds));
}
