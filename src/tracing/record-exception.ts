import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { ATTRIBUTES } from "../otlp/index.ts";

/** Marks `span` as failed with whatever was thrown. */
export function recordException(span: Span, thrown: unknown): void {
  const exception = thrown instanceof Error ? thrown : new Error(String(thrown));
  span.recordException(exception);
  span.setAttribute(ATTRIBUTES.errorType, exception.name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}
