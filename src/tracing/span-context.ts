import { type Context, createContextKey, type Span, type Tracer, trace } from "@opentelemetry/api";
import { TRACER_KEY_DESCRIPTION } from "../core/index.ts";

const TRACER = createContextKey(TRACER_KEY_DESCRIPTION);

/** `from` with `span` active, and with the tracer through which model calls join its trace. */
export function inSpan(from: Context, span: Span, tracer: Tracer): Context {
  const inside = trace.setSpan(from, span);
  return from.getValue(TRACER) === tracer ? inside : inside.setValue(TRACER, tracer);
}

/** `from` outside any span. */
export function outsideSpans(from: Context): Context {
  return trace.deleteSpan(from).deleteValue(TRACER);
}
