import type { JsonValue, Span, Trace } from "../core/index.ts";

/** Characters of one value that are shown, so that a long trace still fits a model's window. */
const LONGEST_VALUE = 4_000;

/** A trace as an indented list of its spans in order of start: type, name, status, duration, inputs, outputs. */
export function traceText({ spans }: Trace): string {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  return spans.map((span) => spanText(span, depthOf(span, byId))).join("\n");
}

function spanText(span: Span, depth: number): string {
  const milliseconds = Number(span.endNs - span.startNs) / 1e6;
  const status = span.status === "ERROR" ? `ERROR ${span.statusMessage ?? ""}`.trim() : span.status;
  const lines = [`- ${span.type} ${span.name} (${status}, ${Math.round(milliseconds)} ms)`];
  if (span.inputs !== undefined) lines.push(`  inputs: ${shortened(span.inputs)}`);
  if (span.outputs !== undefined) lines.push(`  outputs: ${shortened(span.outputs)}`);
  return lines.map((line) => "  ".repeat(depth) + line).join("\n");
}

/** 0 for a root, and for a span whose parent is not in the trace; a loop of parents ends there too. */
function depthOf(span: Span, byId: ReadonlyMap<string, Span>): number {
  const seen = new Set<string>();
  let parent = byId.get(span.parentSpanId ?? "");
  while (parent !== undefined && !seen.has(parent.spanId)) {
    seen.add(parent.spanId);
    parent = byId.get(parent.parentSpanId ?? "");
  }
  return seen.size;
}

function shortened(value: JsonValue): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text.length <= LONGEST_VALUE) return text;
  return `${text.slice(0, LONGEST_VALUE)} … ${text.length - LONGEST_VALUE} more characters`;
}
