import type { Span, Trace } from "../core/index.ts";
import type { TrackingStore } from "../store/ports/index.ts";
import { previewsOf } from "./assemble-trace.ts";
import type { TraceDestination } from "./destination.ts";

/** Traces into a tracking store, which takes the secrets out of them. */
export function storeDestination(
  { traces, scrubber }: Pick<TrackingStore, "traces" | "scrubber">,
  owner: { readonly experimentId: string; readonly runId?: string },
): TraceDestination {
  // Of the values without their secrets: the preview of a recorded text may end in the middle of one.
  const previews = ({ inputs, outputs }: Span) =>
    previewsOf({
      ...(inputs !== undefined && { inputs: scrubber.value(inputs) }),
      ...(outputs !== undefined && { outputs: scrubber.value(outputs) }),
    });
  const receive = async ({ info, spans }: Trace) => {
    const outermost = info.state === "IN_PROGRESS" ? undefined : outermostOf(spans);
    await traces.writeTrace({ ...info, ...(outermost && previews(outermost)) }, spans);
  };
  return { ...owner, receive, receiveUnfinished: receive };
}

function outermostOf(spans: readonly Span[]): Span | undefined {
  const ids = new Set(spans.map((span) => span.spanId));
  return spans.find(({ parentSpanId }) => !ids.has(parentSpanId ?? ""));
}
