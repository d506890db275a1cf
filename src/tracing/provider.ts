import { createRequire } from "node:module";
import { type Context, context, type Tracer, type TracerProvider, trace } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { addProcessor, appProvider, splitApi } from "./app-provider.ts";
import { ensureContextManager } from "./context-manager.ts";
import { destinationOf } from "./destination.ts";
import { orderedIds } from "./ordered-ids.ts";
import type { TraceCounts } from "./pending.ts";
import { holdContent } from "./recorded.ts";
import { warnOfTracing } from "./settings.ts";
import { TraceProcessor } from "./trace-processor.ts";

interface Tracing {
  /** Of Assay's own provider. */
  readonly own: Tracer;
  /** The program's, where it has one and that lets Assay hear of its spans. */
  readonly program: TracerProvider | undefined;
  readonly processor: TraceProcessor;
}

let tracing: Tracing | undefined;

/** Starts tracing on first use. A provider that the program has registered stays the global one. */
function start(): Tracing {
  // Required here, at first use: importing Assay must not load the tracing SDK, and a span can begin
  // in synchronous code, where `import()` cannot be awaited.
  const require = createRequire(import.meta.url);
  const { BasicTracerProvider } =
    require("@opentelemetry/sdk-trace-base") as typeof import("@opentelemetry/sdk-trace-base");
  ensureContextManager();
  const processor = new TraceProcessor();
  const provider = new BasicTracerProvider({
    spanProcessors: [holding(processor)],
    idGenerator: orderedIds(),
    // Messages, tools and documents come in attributes: none may be dropped for the number of others.
    spanLimits: { attributeCountLimit: 10_000, eventCountLimit: 10_000 },
  });
  const own = provider.getTracer("assay");
  const split = splitApi();
  if (split !== undefined) warnOfTracing(split);
  const found = split === undefined ? appProvider() : undefined;
  if (found === undefined) {
    if (split === undefined) trace.setGlobalTracerProvider(provider);
    return { own, processor, program: undefined };
  }
  const program = addProcessor(found, processor) ? found : undefined;
  if (program === undefined) {
    warnOfTracing(
      "The program's OpenTelemetry provider takes no further span processor, so that Assay does not see its spans. Give it one: new YourProvider({ spanProcessors: [assaySpanProcessor(), …] })",
    );
  }
  return { own, processor, program };
}

/** `processor` for spans that nobody else reads. */
function holding(processor: SpanProcessor): SpanProcessor {
  return {
    onStart: (span, from) => {
      holdContent(span);
      processor.onStart(span, from);
    },
    onEnd: (span) => processor.onEnd(span),
    forceFlush: () => processor.forceFlush(),
    shutdown: () => processor.shutdown(),
  };
}

function started(): Tracing {
  tracing ??= start();
  return tracing;
}

/** Loads and starts tracing now, so that the first span does not pay for it. */
export function startTracing(): void {
  started();
}

/**
 * The tracer for a span begun in `from`: the program's own where it has one, so that its exporters get the
 * span too. What goes to a destination that was asked for, an evaluation's, must not be sampled away by the
 * program and is Assay's alone.
 */
export function getTracer(from: Context = context.active()): Tracer {
  const { own, program } = started();
  const isAskedFor = destinationOf(from) !== undefined;
  return isAskedFor || program === undefined ? own : program.getTracer("assay");
}

/** Whether only Assay hears of the spans of a tracer that {@link getTracer} gave. */
export function isOwnTracer(tracer: Tracer): boolean {
  return tracing?.own === tracer;
}

/** Gathers spans for Assay, for the `spanProcessors` of a provider that takes none later. */
export function assaySpanProcessor(): SpanProcessor {
  return started().processor;
}

/** Where traces are open, if tracing has started at all. */
export function traceProcessor(): TraceProcessor | undefined {
  return tracing?.processor;
}

/**
 * Resolves when every trace that has ended is in its store, and of the others what has ended so far, as
 * `IN_PROGRESS`. Call it before a short-lived process exits.
 */
export async function flushTraces(): Promise<void> {
  await tracing?.processor.forceFlush();
}

/** Resolves when every trace that has ended by now is in its store. */
export async function tracesDelivered(): Promise<void> {
  await tracing?.processor.allDelivered();
}

/** How it went with the spans of this process that have ended, up to now. */
export function traceCounts(): TraceCounts {
  return tracing?.processor.counts ?? { delivered: 0, spooled: 0, dropped: 0 };
}
