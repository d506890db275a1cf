import { type Span, SpanStatusCode } from "@opentelemetry/api";
import { describeError } from "../core/index.ts";
import { ATTRIBUTES } from "../otlp/index.ts";

/** Marks `span` as failed with whatever was thrown. Never throws: the span has still to be ended. */
export function recordException(span: Span, thrown: unknown): void {
  const exception = readable(thrown);
  span.recordException(exception);
  span.setAttribute(ATTRIBUTES.errorType, exception.name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}

/** What can be read of it: getters of somebody's error may throw. */
function readable(thrown: unknown) {
  try {
    if (thrown instanceof Error) {
      const { name, message, stack } = thrown;
      return { name: String(name), message: String(message), ...(stack && { stack }) };
    }
  } catch {
    return { name: "Error", message: describeError(thrown) };
  }
  return { name: "Error", message: describeError(thrown) };
}
