import { context, trace } from "@opentelemetry/api";
import { type NewAssessment, traceName } from "../core/index.ts";
import { ensureContextManager } from "./context-manager.ts";
import { traceProcessor } from "./provider.ts";
import { warnOfTracing } from "./settings.ts";
import type { TraceUpdate } from "./trace-details.ts";
import { contextFrom, type HeadersLike, headersOf } from "./traceparent.ts";

/**
 * Adds to what is known of the trace around the running code: session, user, tags, metadata, the caller's
 * own id. What was said before stays unless it is said anew. Outside of any trace it only warns.
 */
export function updateCurrentTrace(update: TraceUpdate): void {
  const traceId = trace.getSpanContext(context.active())?.traceId;
  const isOpen = traceId !== undefined && traceProcessor()?.update(traceId, update) === true;
  if (!isOpen) {
    warnOfTracing("updateCurrentTrace() was called outside of any trace and has no effect");
  }
}

/**
 * The headers by which a service that is called joins the current trace (W3C Trace Context); empty
 * outside of any. MLflow's `get_tracing_context_headers_for_http_request`.
 */
export function getTracingContextHeadersForHttpRequest(): { [name: string]: string } {
  return headersOf(context.active());
}

/**
 * Runs `work` in the trace that a request's headers name; where they name none, as it is. MLflow's
 * `set_tracing_context_from_http_request_headers`.
 */
export function setTracingContextFromHttpRequestHeaders<T>(headers: HeadersLike, work: () => T): T {
  ensureContextManager();
  return context.with(contextFrom(headers, context.active()), work);
}

/** The trace and span around the running code, by their public ids; absent outside of any. */
export function activeIds(): { readonly traceId: string; readonly spanId: string } | undefined {
  const span = trace.getSpanContext(context.active());
  return span && { traceId: traceName(span.traceId), spanId: span.spanId };
}

/**
 * Hands `assessment` to where its trace goes, if the trace is open in this process. Resolves to whether it
 * was; else when nothing of the trace is under way to its store any more.
 */
export async function assessOpenTrace(assessment: NewAssessment): Promise<boolean> {
  const processor = traceProcessor();
  if (processor === undefined) return false;
  if (processor.assess(assessment)) return true;
  await processor.delivered(assessment.traceId);
  return false;
}
