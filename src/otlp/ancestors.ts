import type { Span } from "../core/index.ts";

type Node = Pick<Span, "spanId" | "parentSpanId">;

/** The spans around a span, innermost first; ends where spans name each other as parents. */
export function* ancestorsOf<S extends Node>(span: S, byId: ReadonlyMap<string, S>): Generator<S> {
  const seen = new Set([span.spanId]);
  let parent = byId.get(span.parentSpanId ?? "");
  while (parent !== undefined && !seen.has(parent.spanId)) {
    seen.add(parent.spanId);
    yield parent;
    parent = byId.get(parent.parentSpanId ?? "");
  }
}

export function spansById<S extends Node>(spans: readonly S[]): ReadonlyMap<string, S> {
  return new Map(spans.map((span) => [span.spanId, span]));
}
