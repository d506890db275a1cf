import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from "@opentelemetry/api";

/** Headers as Node, `fetch` and frameworks have them; names in any case. */
export type HeadersLike =
  | { readonly [name: string]: string | readonly string[] | undefined }
  | { get(name: string): string | null };

/** W3C Trace Context: version, trace id, parent id, flags. A later version may have more behind. */
const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|(?<!^00-.{52})-)/;

/**
 * The headers by which another service joins the trace of `from`: `traceparent`, and `tracestate` where
 * the trace has one. Empty outside of any trace.
 *
 * @see https://www.w3.org/TR/trace-context/
 */
export function headersOf(from: Context): { [name: string]: string } {
  const span = trace.getSpanContext(from);
  if (span === undefined || !isSpanContextValid(span)) return {};
  const flags = (span.traceFlags & 0xff).toString(16).padStart(2, "0");
  const state = span.traceState?.serialize();
  return {
    traceparent: `00-${span.traceId}-${span.spanId}-${flags}`,
    ...(state && { tracestate: state }),
  };
}

/** `base` inside the trace that the headers of a request name; `base` itself where they name none. */
export function contextFrom(headers: HeadersLike, base: Context = ROOT_CONTEXT): Context {
  const parent = remoteParent(headers);
  return parent === undefined ? base : trace.setSpanContext(base, parent);
}

function remoteParent(headers: HeadersLike): SpanContext | undefined {
  const [, traceId = "", spanId = "", flags = "00"] =
    TRACEPARENT.exec(headerOf(headers, "traceparent")?.trim() ?? "") ?? [];
  const state = headerOf(headers, "tracestate");
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  const parent: SpanContext = {
    traceId,
    spanId,
    traceFlags,
    isRemote: true,
    ...(state !== undefined && { traceState: keptState(state) }),
  };
  return isSpanContextValid(parent) ? parent : undefined;
}

/** Handed on as it came: nothing here adds to it. */
function keptState(text: string): NonNullable<SpanContext["traceState"]> {
  const state = {
    serialize: () => text,
    get: () => undefined,
    set: () => state,
    unset: () => state,
  };
  return state;
}

function headerOf(headers: HeadersLike, name: string): string | undefined {
  if (typeof headers.get === "function") return headers.get(name) ?? undefined;
  const entry = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  const value = entry?.[1] as string | readonly string[] | undefined;
  return typeof value === "string" ? value : value?.join(",");
}
