import type { Span, Trace } from "../core/index.ts";
import { assembleTrace, assembleUnfinished } from "./assemble-trace.ts";

/**
 * Traces of spans that came from elsewhere. One without its outermost span, which a later part may bring,
 * is in progress.
 */
export function tracesOfSpans(spans: readonly Span[], experimentId: string): readonly Trace[] {
  return [...Map.groupBy(spans, ({ traceId }) => traceId)].map(([, own]) => {
    const root = own.find(({ parentSpanId }) => parentSpanId === undefined);
    if (root !== undefined) return assembleTrace(root, own, { experimentId });
    const ids = new Set(own.map(({ spanId }) => spanId));
    const [first] = own.filter(({ parentSpanId = "" }) => !ids.has(parentSpanId));
    return assembleUnfinished(first ?? (own[0] as Span), own, { experimentId });
  });
}
