import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import type { Span, Trace } from "../core/index.ts";
import { assembleTrace } from "./assemble-trace.ts";
import type { TraceDestination } from "./destination.ts";
import { hasUnpriced, withCosts } from "./pricing.ts";
import { toSpan } from "./to-span.ts";
import type { TraceDetails } from "./trace-details.ts";

/** For so long spans are taken apart before the event loop gets its turn, in milliseconds. */
const SLICE_MS = 5;

/**
 * What has ended of a trace. Spans are taken apart when they are delivered: whoever ends one does not wait
 * for it.
 */
export class TraceParts {
  readonly #root: ReadableSpan;
  /** What is taken apart is let go of: many traces wait for a store that is slow. */
  readonly #ended: (ReadableSpan | undefined)[];
  readonly #details: TraceDetails;
  readonly #spans: Span[] = [];
  #rootSpan: Span | undefined;

  /** @param root - The span that the trace is named after, which need not be among those that have ended. */
  constructor(root: ReadableSpan, ended: readonly ReadableSpan[], details: TraceDetails) {
    this.#root = root;
    this.#ended = [...ended];
    this.#details = details;
  }

  /** At once, without what calls cost. */
  assembled(): Trace {
    while (this.#spans.length < this.#ended.length) this.#takeNext();
    return this.#assemble(this.#spans, { experimentId: "" });
  }

  async assembledFor({ experimentId, runId, makesPreviews }: TraceDestination): Promise<Trace> {
    let turn = performance.now();
    while (this.#spans.length < this.#ended.length) {
      if (performance.now() - turn > SLICE_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        turn = performance.now();
      }
      this.#takeNext();
    }
    const spans = hasUnpriced(this.#spans) ? await withCosts(this.#spans) : this.#spans;
    return this.#assemble(spans, {
      experimentId,
      makesPreviews,
      ...(runId !== undefined && { runId }),
    });
  }

  #takeNext(): void {
    const at = this.#spans.length;
    const next = this.#ended[at] as ReadableSpan;
    const span = toSpan(next);
    if (next === this.#root) this.#rootSpan = span;
    this.#spans.push(span);
    this.#ended[at] = undefined;
  }

  #assemble(spans: readonly Span[], owner: Parameters<typeof assembleTrace>[2]): Trace {
    this.#rootSpan ??= toSpan(this.#root);
    const { spanId } = this.#rootSpan;
    // Among them it may have got its cost.
    const root = spans.find((span) => span.spanId === spanId) ?? this.#rootSpan;
    return assembleTrace(root, spans, { ...owner, details: this.#details });
  }
}
