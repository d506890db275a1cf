import type { Span, Trace } from "../../src/core/index.ts";

let next = 0;

/** A span of a trace in a test; ids are given unless said. */
export function span(given: Partial<Span>): Span {
  next += 1;
  return {
    traceId: "0".repeat(32),
    spanId: next.toString(16).padStart(16, "0"),
    name: "span",
    type: "CHAIN",
    startNs: BigInt(next) * 1_000_000n,
    endNs: BigInt(next + 1) * 1_000_000n,
    status: "OK",
    attributes: {},
    events: [],
    ...given,
  };
}

export function traceOf(spans: readonly Span[]): Trace {
  const info = {
    traceId: `tr-${"0".repeat(32)}`,
    experimentId: "1",
    name: "test",
    state: "OK" as const,
    startTime: 0,
    spanCount: spans.length,
  };
  return { info, spans };
}
