import { type Attributes, context, type Span as OtelSpan } from "@opentelemetry/api";
import { type SpanType, toJsonValue } from "../core/index.ts";
import { ATTRIBUTES } from "../otlp/index.ts";
import { getTracer } from "./provider.ts";
import { recordException } from "./record-exception.ts";
import { inSpan } from "./span-context.ts";

export interface SpanOptions {
  readonly name: string;
  /** Default `UNKNOWN`. */
  readonly type?: SpanType;
  readonly inputs?: unknown;
  /** OpenTelemetry attributes. */
  readonly attributes?: Attributes;
  /** Begins a new trace instead of joining the active one. */
  readonly root?: boolean;
}

/** A span that has begun. Every method is safe to call after the end; it then does nothing. */
export interface LiveSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** False when a sampler or suppressed tracing drops the span: it then never reaches a store. */
  readonly isRecording: boolean;
  setInputs(inputs: unknown): void;
  setOutputs(outputs: unknown): void;
  setAttributes(attributes: Attributes): void;
  /** Marks the span as failed and records the exception. */
  recordError(error: unknown): void;
  end(): void;
}

/** Begins a span under the active one. It does not become active: end it yourself. */
export function startSpan(options: SpanOptions): LiveSpan {
  return liveSpan(begin(options));
}

/**
 * Runs `work` in a span, which is active meanwhile and ends when `work` has settled. Its result becomes
 * the span's outputs unless `work` set others; what it throws is recorded and thrown on.
 */
export async function withSpan<T>(
  work: (span: LiveSpan) => T | Promise<T>,
  options: SpanOptions,
): Promise<T> {
  const span = begin(options);
  const live = liveSpan(span);
  try {
    const value = await context.with(inSpan(context.active(), span, getTracer()), () => work(live));
    if (!live.hasOutputs()) live.setOutputs(value);
    return value;
  } catch (error) {
    live.recordError(error);
    throw error;
  } finally {
    live.end();
  }
}

/** `fn`, each call of which is a span with the arguments as inputs and the result as outputs. */
export function trace<A extends unknown[], R>(
  fn: (...args: A) => R | Promise<R>,
  options: Partial<Pick<SpanOptions, "name" | "type" | "attributes">> = {},
): (...args: A) => Promise<R> {
  const name = options.name ?? (fn.name || "anonymous");
  return (...args) =>
    withSpan(() => fn(...args), {
      ...options,
      name,
      inputs: args.length === 1 ? args[0] : args,
    });
}

function begin({ name, type, inputs, attributes, root = false }: SpanOptions): OtelSpan {
  return getTracer().startSpan(name, {
    root,
    attributes: {
      ...attributes,
      ...(type !== undefined && { [ATTRIBUTES.spanType]: type }),
      ...(inputs !== undefined && { [ATTRIBUTES.input]: jsonText(inputs) }),
    },
  });
}

function liveSpan(span: OtelSpan): LiveSpan & { hasOutputs(): boolean } {
  let hasOutputs = false;
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    isRecording: span.isRecording(),
    setInputs: (inputs) => void span.setAttribute(ATTRIBUTES.input, jsonText(inputs)),
    setOutputs: (outputs) => {
      hasOutputs = true;
      if (outputs !== undefined) span.setAttribute(ATTRIBUTES.output, jsonText(outputs));
    },
    setAttributes: (attributes) => void span.setAttributes(attributes),
    recordError: (error) => recordException(span, error),
    end: () => span.end(),
    hasOutputs: () => hasOutputs,
  };
}

function jsonText(value: unknown): string {
  return JSON.stringify(toJsonValue(value));
}
