// The public subpath `assay/tracing`. Tracing itself knows no store; loading the tracking client is
// what sends traces begun outside an evaluation to the current one.
import "../tracking/settings.ts";

export {
  flushTraces,
  type LiveSpan,
  type SpanOptions,
  setTracingLogger,
  startSpan,
  trace,
  withSpan,
} from "../tracing/index.ts";
