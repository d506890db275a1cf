export {
  activeIds,
  assessOpenTrace,
  getTracingContextHeadersForHttpRequest,
  setTracingContextFromHttpRequestHeaders,
  updateCurrentTrace,
} from "./current-trace.ts";
export {
  discardTraces,
  setDefaultDestination,
  type TraceDestination,
  type TraceKeeper,
  type TraceWay,
  withDestination,
} from "./destination.ts";
export { tracesOfSpans } from "./import-spans.ts";
export { type EndOptions, getCurrentSpan, type LiveSpan } from "./live-span.ts";
export { exportOtlp, type OtlpOptions } from "./otlp-export.ts";
export type { TraceCounts } from "./pending.ts";
export { type PricedCall, type PriceLookup, setPricing } from "./pricing.ts";
export {
  assaySpanProcessor,
  flushTraces,
  startTracing,
  traceCounts,
  tracesDelivered,
} from "./provider.ts";
export type { SamplingOptions, SamplingRule } from "./sampling.ts";
export {
  configureTracing,
  setTracingLogger,
  type TracingOptions,
  tracingSettings,
  warnOfTracing,
} from "./settings.ts";
export { type SpanOptions, startSpan, trace, withSpan } from "./spans.ts";
export { drainSpool, Spool, spoolState } from "./spool.ts";
export { storeDestination } from "./store-destination.ts";
export type { TraceUpdate } from "./trace-details.ts";
export type { HeadersLike } from "./traceparent.ts";
