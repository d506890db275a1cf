import type { Span } from "./trace.ts";

/**
 * The retrievers of a trace, in order. One inside another (a reranking or ensemble retriever) is skipped:
 * its documents reach the answer through the outer one.
 */
export function outerRetrievers(spans: readonly Span[]): Span[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return spans.filter((span) => span.type === "RETRIEVER" && !isInRetriever(span, byId));
}

function isInRetriever(span: Span, byId: ReadonlyMap<string, Span>): boolean {
  // Spans may name each other as parents.
  const seen = new Set([span.spanId]);
  let parent = byId.get(span.parentSpanId ?? "");
  while (parent !== undefined && !seen.has(parent.spanId)) {
    if (parent.type === "RETRIEVER") return true;
    seen.add(parent.spanId);
    parent = byId.get(parent.parentSpanId ?? "");
  }
  return false;
}
