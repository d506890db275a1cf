import type { Context } from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Logger, Span } from "../core/index.ts";
import { describeError, silentLogger } from "../core/index.ts";
import { assembleTrace, assembleUnfinished } from "./assemble-trace.ts";
import { defaultDestination, destinationOf, type TraceDestination } from "./destination.ts";
import { toSpan } from "./to-span.ts";

interface OpenTrace {
  /** The outermost local span, which is still written to until it ends. */
  readonly outermost: ReadableSpan;
  readonly destination: Promise<TraceDestination | undefined>;
  /** Ids of the spans begun and not handed over yet, in the order in which they began. */
  readonly begun: Set<string>;
  root?: Span;
  /** Ended and not handed over yet, by id. */
  readonly ended: Map<string, Span>;
  /** How many of `ended` the last flush has shown. */
  shown: number;
}

/**
 * Gathers the spans of each trace in memory and hands the trace over when its outermost local span
 * ends. Spans that end later follow on their own, so none is lost. Never throws into its host.
 */
export class TraceProcessor implements SpanProcessor {
  readonly #traces = new Map<string, OpenTrace>();
  readonly #deliveries = new Set<Promise<void>>();
  #logger: Logger = silentLogger;

  setLogger(logger: Logger): void {
    this.#logger = logger;
  }

  onStart(span: ReadableSpan, parent: Context): void {
    const { traceId, spanId } = span.spanContext();
    const trace = this.#traces.get(traceId);
    if (trace !== undefined) {
      trace.begun.add(spanId);
      return;
    }
    const known = destinationOf(parent);
    const destination = known ? Promise.resolve(known) : defaultDestination();
    // Told when the trace is delivered; until then nobody else listens.
    destination.catch(() => undefined);
    this.#traces.set(traceId, {
      outermost: span,
      destination,
      begun: new Set([spanId]),
      ended: new Map(),
      shown: 0,
    });
  }

  onEnd(ended: ReadableSpan): void {
    const { traceId, spanId } = ended.spanContext();
    const trace = this.#traces.get(traceId);
    if (trace === undefined) return;
    const span = toSpan(ended);
    trace.ended.set(spanId, span);
    if (spanId === trace.outermost.spanContext().spanId) trace.root = span;
    if (trace.root !== undefined) this.#deliver(trace, trace.root);
    if (trace.begun.size === 0) this.#traces.delete(traceId);
  }

  /** Resolves when every trace handed over so far, and what has ended of the others, has been received. */
  async forceFlush(): Promise<void> {
    for (const trace of this.#traces.values()) this.#showUnfinished(trace);
    await Promise.all(this.#deliveries);
  }

  async shutdown(): Promise<void> {
    await this.forceFlush();
  }

  #deliver(trace: OpenTrace, root: Span): void {
    const spans = endedSpans(trace);
    for (const { spanId } of spans) trace.begun.delete(spanId);
    trace.ended.clear();
    this.#handOver(trace, (destination) =>
      destination.receive(assembleTrace(root, spans, destination)),
    );
  }

  #showUnfinished(trace: OpenTrace): void {
    if (trace.root !== undefined || trace.ended.size === trace.shown) return;
    trace.shown = trace.ended.size;
    const spans = endedSpans(trace);
    const root = toSpan(trace.outermost);
    this.#handOver(trace, async (destination) =>
      destination.receiveUnfinished?.(assembleUnfinished(root, spans, destination)),
    );
  }

  #handOver(trace: OpenTrace, give: (to: TraceDestination) => Promise<void>): void {
    const delivery = trace.destination
      .then(async (destination) => {
        if (destination !== undefined) await give(destination);
      })
      // Told once for each delivery; a failure never reaches the traced program.
      .catch((error) => this.#logger.warn(`A trace was not stored: ${describeError(error)}`))
      .finally(() => this.#deliveries.delete(delivery));
    this.#deliveries.add(delivery);
  }
}

/** In the order in which they began: start times are whole milliseconds, so it is known here alone. */
function endedSpans({ begun, ended }: OpenTrace): Span[] {
  return [...begun].flatMap((spanId) => ended.get(spanId) ?? []);
}
