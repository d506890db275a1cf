import { createRequire } from "node:module";
import { type Tracer, trace } from "@opentelemetry/api";
import type { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { Logger } from "../core/index.ts";
import { ensureContextManager } from "./context-manager.ts";
import { orderedIds } from "./ordered-ids.ts";
import { TraceProcessor } from "./trace-processor.ts";

interface Tracing {
  readonly provider: BasicTracerProvider;
  readonly processor: TraceProcessor;
}

let tracing: Tracing | undefined;

/**
 * Starts tracing on first use. Where the program has registered its own OpenTelemetry provider or
 * context manager, that one stays in charge of the global API; ours then serves Assay's spans alone.
 */
function start(): Tracing {
  // Required here, at first use: importing Assay must not load the tracing SDK, and a span can begin
  // in synchronous code, where `import()` cannot be awaited.
  const require = createRequire(import.meta.url);
  const { BasicTracerProvider } =
    require("@opentelemetry/sdk-trace-base") as typeof import("@opentelemetry/sdk-trace-base");
  ensureContextManager();
  const processor = new TraceProcessor();
  const provider = new BasicTracerProvider({
    spanProcessors: [processor],
    idGenerator: orderedIds(),
  });
  trace.setGlobalTracerProvider(provider);
  return { provider, processor };
}

function started(): Tracing {
  tracing ??= start();
  return tracing;
}

/** Loads and starts tracing now, so that the first span does not pay for it. */
export function startTracing(): void {
  started();
}

export function getTracer(): Tracer {
  return started().provider.getTracer("assay");
}

/** Where tracing tells of its own failures; silent unless set. */
export function setTracingLogger(logger: Logger): void {
  started().processor.setLogger(logger);
}

/**
 * Resolves when every trace that has ended is in its store, and of the others what has ended so far, as
 * `IN_PROGRESS`. Call it before a short-lived process exits.
 */
export async function flushTraces(): Promise<void> {
  await tracing?.processor.forceFlush();
}
