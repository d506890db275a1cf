// The public subpath `assay/tracing`. Tracing itself knows no store; loading the tracking client is
// what sends traces begun outside an evaluation to the current one.
import "../tracking/settings.ts";
import "./pricing.ts";

export {
  assaySpanProcessor,
  configureTracing,
  type EndOptions,
  flushTraces,
  getCurrentSpan,
  getTracingContextHeadersForHttpRequest,
  type HeadersLike,
  type LiveSpan,
  type SamplingOptions,
  type SamplingRule,
  type SpanOptions,
  setTracingContextFromHttpRequestHeaders,
  setTracingLogger,
  startSpan,
  type TraceUpdate,
  type TracingOptions,
  trace,
  updateCurrentTrace,
  withSpan,
} from "../tracing/index.ts";
export { logExpectation, logFeedback } from "../tracking/index.ts";
