import type { Assessment, JsonValue, Span, Trace } from "../../core/index.ts";
import { usageOfSpan } from "../../otlp/index.ts";
import { milliseconds, text, timestamp, usageText } from "./format.ts";
import { line, type Output } from "./io.ts";
import { oneLine, printable, truncate } from "./table.ts";

/** A trace as JSON: nanoseconds as decimal text, because they exceed what a JSON number holds exactly. */
export function traceJson({ info, spans }: Trace) {
  return {
    ...info,
    spans: spans.map(({ startNs, endNs, events, ...span }) => ({
      ...span,
      startNs: startNs.toString(),
      endNs: endNs.toString(),
      durationMs: durationOf({ startNs, endNs }),
      events: events.map((event) => ({ ...event, timeNs: event.timeNs.toString() })),
    })),
  };
}

/** Spans as a tree, each with its duration, tokens, inputs and outputs. */
export function printTrace({ info, spans }: Trace, out: Output, full: boolean): void {
  const facts = [
    info.state,
    info.durationMs === undefined ? undefined : milliseconds(info.durationMs),
    usageText(info.usage ?? {}) || undefined,
    timestamp(info.startTime),
  ].filter((fact) => fact !== undefined);
  line(out, `${info.traceId}  ${oneLine(info.name)}  ${facts.join(" · ")}`);
  if (info.runId !== undefined) line(out, `run ${info.runId}`);
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  for (const said of info.assessments ?? []) printAssessment(said, names, out, full);
  const known = new Set(spans.map((span) => span.spanId));
  const children = Map.groupBy(spans, (span) =>
    // A span whose parent is not in the trace (a remote caller) stands at the top.
    span.parentSpanId !== undefined && known.has(span.parentSpanId) ? span.parentSpanId : "",
  );
  printLevel("", "", children, out, full);
}

/** E.g. `feedback quality = 4 · HUMAN ada: well put`. */
function printAssessment(
  { kind, name, value, error, source, spanId, rationale, isValid }: Assessment,
  spans: ReadonlyMap<string, string>,
  out: Output,
  full: boolean,
): void {
  const given =
    error === undefined ? text(value ?? null) : `none (${error.code} ${error.message ?? ""})`;
  const by = [source.type, source.id].filter((part) => part !== undefined).join(" ");
  const about = spanId === undefined ? "" : `, of span ${spans.get(spanId) ?? spanId}`;
  const why = rationale === undefined ? "" : `: ${rationale}`;
  const state = isValid ? "" : " (overridden)";
  const shown = oneLine(`${kind} ${name} = ${given}${state} · ${by}${about}${why}`);
  line(out, full ? shown : truncate(shown, Math.max(40, out.columns)));
}

function printLevel(
  parentId: string,
  indent: string,
  children: Map<string, Span[]>,
  out: Output,
  full: boolean,
): void {
  const level = children.get(parentId) ?? [];
  for (const [index, span] of level.entries()) {
    const isLast = index === level.length - 1;
    const below = `${indent}${isLast ? "   " : "│  "}`;
    line(out, `${indent}${isLast ? "└─ " : "├─ "}${spanLine(span)}`);
    const hasChildren = (children.get(span.spanId) ?? []).length > 0;
    const margin = `${below}${hasChildren ? "│  " : "   "}`;
    printContent(span, margin, out, full);
    printLevel(span.spanId, below, children, out, full);
  }
}

function spanLine(span: Span): string {
  const facts = [
    span.type === "UNKNOWN" ? undefined : span.type,
    milliseconds(durationOf(span)),
    usageText(usageOfSpan(span)) || undefined,
    span.status === "ERROR" ? `ERROR ${oneLine(span.statusMessage ?? "")}`.trim() : undefined,
  ].filter((fact) => fact !== undefined);
  return `${oneLine(span.name)}  ${facts.join(" · ")}`;
}

function printContent(span: Span, margin: string, out: Output, full: boolean): void {
  const show = (label: string, value: JsonValue | undefined) => {
    if (value === undefined) return;
    if (full) {
      const shown = typeof value === "string" ? value : JSON.stringify(value, null, 2);
      for (const part of printable(shown).split("\n")) line(out, `${margin}${label} ${part}`);
    } else {
      const room = Math.max(20, out.columns - margin.length - label.length - 1);
      line(out, `${margin}${label} ${truncate(oneLine(text(value)), room)}`);
    }
  };
  show("in ", span.inputs);
  show("out", span.outputs);
}

function durationOf({ startNs, endNs }: Pick<Span, "startNs" | "endNs">): number {
  return Number(endNs - startNs) / 1e6;
}
