import {
  type Attributes,
  context,
  type Span as OtelSpan,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { type RetrievedDocument, type SpanType, toJsonValue } from "../core/index.ts";
import { ATTRIBUTES } from "../otlp/index.ts";
import { getTracer } from "./provider.ts";
import { recordException } from "./record-exception.ts";
import { record } from "./recorded.ts";
import { tracingSettings } from "./settings.ts";
import { inSpan } from "./span-context.ts";

export interface EndOptions {
  readonly outputs?: unknown;
  /** Default: now. */
  readonly endTime?: Date;
}

/** A span that has begun. Every method is safe to call after the end; it then does nothing. */
export interface LiveSpan {
  /** 32 hex digits; stores call the trace `tr-` and these. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** False when a sampler or suppressed tracing drops the span: it then never reaches a store. */
  readonly isRecording: boolean;
  setName(name: string): void;
  setType(type: SpanType): void;
  setInputs(inputs: unknown): void;
  setOutputs(outputs: unknown): void;
  /** What a retriever found: its outputs, as scorers of retrieval and MLflow read them. */
  setDocuments(documents: readonly RetrievedDocument[]): void;
  setAttributes(attributes: Attributes): void;
  addEvent(name: string, attributes?: Attributes): void;
  /** Says how it went without an exception. */
  setStatus(status: "OK" | "ERROR", message?: string): void;
  /** Marks the span as failed and records the exception. */
  recordError(error: unknown): void;
  /** Runs `work` with this span as the active one. */
  run<T>(work: () => T): T;
  end(options?: EndOptions): void;
}

export class RecordedSpan implements LiveSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly isRecording: boolean;
  readonly #span: OtelSpan;
  #hasOutputs = false;

  constructor(span: OtelSpan) {
    const { traceId, spanId } = span.spanContext();
    this.traceId = traceId;
    this.spanId = spanId;
    this.isRecording = span.isRecording();
    this.#span = span;
  }

  /** The OpenTelemetry span behind one of ours. */
  static otelSpanOf(span: LiveSpan): OtelSpan | undefined {
    return #span in span ? span.#span : undefined;
  }

  /** Whether outputs were set, be it `undefined`. */
  get hasOutputs(): boolean {
    return this.#hasOutputs;
  }

  setName(name: string): void {
    this.#span.updateName(name);
  }

  setType(type: SpanType): void {
    this.#span.setAttribute(ATTRIBUTES.spanType, type);
  }

  setInputs(inputs: unknown): void {
    if (!tracingSettings().content) return;
    record(this.#span, { [ATTRIBUTES.input]: toJsonValue(inputs) });
  }

  setOutputs(outputs: unknown): void {
    this.#hasOutputs = true;
    if (outputs === undefined || !tracingSettings().content) return;
    record(this.#span, { [ATTRIBUTES.output]: toJsonValue(outputs) });
  }

  setDocuments(documents: readonly RetrievedDocument[]): void {
    this.setType("RETRIEVER");
    this.setOutputs(
      documents.map(({ id, content, metadata = {}, score }) => ({
        ...(id !== undefined && { id }),
        page_content: content,
        metadata,
        ...(score !== undefined && { score }),
      })),
    );
  }

  setAttributes(attributes: Attributes): void {
    this.#span.setAttributes(attributes);
  }

  addEvent(name: string, attributes?: Attributes): void {
    this.#span.addEvent(name, attributes);
  }

  setStatus(status: "OK" | "ERROR", message?: string): void {
    this.#span.setStatus({
      code: SpanStatusCode[status],
      ...(message !== undefined && { message }),
    });
  }

  recordError(error: unknown): void {
    recordException(this.#span, error);
  }

  run<T>(work: () => T): T {
    return context.with(inSpan(context.active(), this.#span, getTracer()), work);
  }

  end({ outputs, endTime }: EndOptions = {}): void {
    if (!this.#span.isRecording()) return;
    if (outputs !== undefined) this.setOutputs(outputs);
    this.#span.end(endTime);
  }
}

/** The active span, also where OpenTelemetry or LangChain began it; absent outside any. */
export function getCurrentSpan(): LiveSpan | undefined {
  const span = trace.getSpan(context.active());
  return span === undefined ? undefined : new RecordedSpan(span);
}
