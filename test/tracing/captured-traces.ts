import type { Span, Trace } from "../../src/core/index.ts";
import { flushTraces, withDestination } from "../../src/tracing/index.ts";

/** Runs `work` and resolves to the traces it made, in the order they were handed over, and its outcome. */
export async function captureTraces(
  work: () => unknown,
): Promise<{ readonly traces: Trace[]; readonly outcome: PromiseSettledResult<unknown> }> {
  const traces: Trace[] = [];
  const receive = async (trace: Trace) => void traces.push(trace);
  const [outcome] = await Promise.allSettled([
    withDestination({ experimentId: "1", receive }, async () => work()),
  ]);
  await flushTraces();
  return { traces, outcome };
}

/** The only trace that `work` makes. */
export async function captureTrace(work: () => unknown): Promise<Trace> {
  const { traces } = await captureTraces(work);
  const [trace] = traces;
  if (trace === undefined || traces.length > 1) {
    throw new Error(`Expected one trace, got ${traces.length}`);
  }
  return trace;
}

export type Tree = { readonly [nameAndType: string]: readonly Tree[] };

/** The spans of a trace as nested names, in order of start: `{ "chain CHAIN": [{ "model CHAT_MODEL": [] }] }`. */
export function treeOf({ spans }: Trace): Tree[] {
  const ids = new Set(spans.map((span) => span.spanId));
  const below = (parent: string | undefined): Tree[] =>
    spans
      .filter(({ parentSpanId = "" }) =>
        parent === undefined ? !ids.has(parentSpanId) : parentSpanId === parent,
      )
      .map((span) => ({ [`${span.name} ${span.type}`]: below(span.spanId) }));
  return below(undefined);
}

/** The span of this name; the only one. */
export function spanNamed({ spans }: Trace, name: string): Span {
  const [span, ...others] = spans.filter((candidate) => candidate.name === name);
  if (span === undefined || others.length > 0) {
    const names = spans.map((candidate) => candidate.name).join(", ");
    throw new Error(`Expected one span "${name}" among ${names}`);
  }
  return span;
}
