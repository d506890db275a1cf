import { type JsonObject, redactJson, redactText, type Span, type Trace } from "../core/index.ts";
import type { TraceStore } from "../store/ports.ts";
import { previewsOf } from "./assemble-trace.ts";
import type { TraceDestination } from "./destination.ts";

/**
 * Traces into a tracking store, with key-shaped strings masked on the way.
 *
 * @param redact - `"off"` stores everything as it was recorded.
 */
export function storeDestination(
  traces: TraceStore,
  owner: { readonly experimentId: string; readonly runId?: string },
  redact: "secrets" | "off" = "secrets",
): TraceDestination {
  const receive = async (trace: Trace) => {
    const { info, spans } = redact === "off" ? trace : redactTrace(trace);
    await traces.writeTrace(info, spans);
  };
  return { ...owner, receive, receiveUnfinished: receive };
}

function redactTrace({ info, spans }: Trace): Trace {
  const masked = spans.map(redactSpan);
  const ids = new Set(masked.map((span) => span.spanId));
  const outermost = masked.find(({ parentSpanId }) => !ids.has(parentSpanId ?? ""));
  return {
    info: {
      ...info,
      name: redactText(info.name),
      // Taken anew: a preview of the recorded text may end in the middle of a secret.
      ...(info.state !== "IN_PROGRESS" && outermost && previewsOf(outermost)),
    },
    spans: masked,
  };
}

function redactSpan(span: Span): Span {
  return {
    ...span,
    name: redactText(span.name),
    ...(span.statusMessage !== undefined && { statusMessage: redactText(span.statusMessage) }),
    ...(span.inputs !== undefined && { inputs: redactJson(span.inputs) }),
    ...(span.outputs !== undefined && { outputs: redactJson(span.outputs) }),
    attributes: redactJson(span.attributes) as JsonObject,
    events: span.events.map((event) => ({
      ...event,
      attributes: redactJson(event.attributes) as JsonObject,
    })),
  };
}
