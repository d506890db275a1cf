import type { Context } from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Logger, Span } from "../core/index.ts";
import { describeError, silentLogger } from "../core/index.ts";
import { assembleTrace } from "./assemble-trace.ts";
import { defaultDestination, destinationOf, type TraceDestination } from "./destination.ts";
import { toSpan } from "./to-span.ts";

interface OpenTrace {
  readonly rootSpanId: string;
  readonly destination: Promise<TraceDestination | undefined>;
  /** Ids of the spans begun and not handed over yet, in the order in which they began. */
  readonly begun: Set<string>;
  root?: Span;
  /** Ended and not handed over yet, by id. */
  readonly ended: Map<string, Span>;
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
      rootSpanId: spanId,
      destination,
      begun: new Set([spanId]),
      ended: new Map(),
    });
  }

  onEnd(ended: ReadableSpan): void {
    const { traceId, spanId } = ended.spanContext();
    const trace = this.#traces.get(traceId);
    if (trace === undefined) return;
    const span = toSpan(ended);
    trace.ended.set(spanId, span);
    if (spanId === trace.rootSpanId) trace.root = span;
    if (trace.root !== undefined) this.#deliver(trace, trace.root);
    if (trace.begun.size === 0) this.#traces.delete(traceId);
  }

  /** Resolves when every trace handed over so far has been received. */
  async forceFlush(): Promise<void> {
    await Promise.all(this.#deliveries);
  }

  async shutdown(): Promise<void> {
    await this.forceFlush();
  }

  #deliver(trace: OpenTrace, root: Span): void {
    // Start times are whole milliseconds, so the order within one is known here alone.
    const spans = [...trace.begun].flatMap((spanId) => trace.ended.get(spanId) ?? []);
    for (const { spanId } of spans) trace.begun.delete(spanId);
    trace.ended.clear();
    const delivery = trace.destination
      .then(async (destination) => {
        if (destination !== undefined) {
          await destination.receive(assembleTrace(root, spans, destination));
        }
      })
      // Tracing failures are told once and never reach the traced program.
      .catch((error) => this.#logger.warn(`A trace was not stored: ${describeError(error)}`))
      .finally(() => this.#deliveries.delete(delivery));
    this.#deliveries.add(delivery);
  }
}
