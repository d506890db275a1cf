export {
  discardTraces,
  setDefaultDestination,
  type TraceDestination,
  withDestination,
} from "./destination.ts";
export { flushTraces, setTracingLogger, startTracing } from "./provider.ts";
export { type LiveSpan, type SpanOptions, startSpan, trace, withSpan } from "./spans.ts";
export { storeDestination } from "./store-destination.ts";
