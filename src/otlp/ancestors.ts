import type { Span } from "../core/index.ts";

/** The spans around a span, innermost first; ends where spans name each other as parents. */
export function* ancestorsOf(span: Span, byId: ReadonlyMap<string, Span>): Generator<Span> {
  const seen = new Set([span.spanId]);
  let parent = byId.get(span.parentSpanId ?? "");
  while (parent !== undefined && !seen.has(parent.spanId)) {
    seen.add(parent.spanId);
    yield parent;
    parent = byId.get(parent.parentSpanId ?? "");
  }
}

export function spansById(spans: readonly Span[]): ReadonlyMap<string, Span> {
  return new Map(spans.map((span) => [span.spanId, span]));
}
