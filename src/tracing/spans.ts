import {
  type Attributes,
  type Context,
  context,
  type Span as OtelSpan,
  trace as otelTrace,
} from "@opentelemetry/api";
import { type SpanType, toJsonValue } from "../core/index.ts";
import { ATTRIBUTES } from "../otlp/index.ts";
import { isGenerator, isWebStream, observeGenerator, observeStream } from "./generators.ts";
import { type LiveSpan, RecordedSpan } from "./live-span.ts";
import { getTracer } from "./provider.ts";
import { record } from "./recorded.ts";
import { tracingSettings } from "./settings.ts";
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
  /** Default: the active span. */
  readonly parent?: LiveSpan;
  /** Default: now. */
  readonly startTime?: Date;
}

/** Begins a span under the active one. It does not become active: end it yourself. */
export function startSpan(options: SpanOptions): LiveSpan {
  return new RecordedSpan(begin(options, contextOf(options)));
}

/**
 * Runs `work` in a span, which is active meanwhile and ends when `work` has settled. Its result becomes
 * the span's outputs unless `work` set others; what it throws is recorded and thrown on.
 *
 * Where the result is a generator or a web stream, the span lasts until that has been read, broken off or
 * has failed; its outputs are the chunks.
 */
export async function withSpan<T>(
  work: (span: LiveSpan) => T | Promise<T>,
  options: SpanOptions,
): Promise<T> {
  const around = contextOf(options);
  const span = begin(options, around);
  const live = new RecordedSpan(span);
  const inside = inSpan(around, span, getTracer(around));
  try {
    const value = await context.with(inside, () => work(live));
    if (isGenerator(value)) return observeGenerator(value, live, inside);
    if (isWebStream(value)) return observeStream(value, live) as T;
    if (!live.hasOutputs) live.setOutputs(value);
    live.end();
    return value;
  } catch (error) {
    live.recordError(error);
    live.end();
    throw error;
  }
}

type TraceOptions = Partial<Pick<SpanOptions, "name" | "type" | "attributes">>;

/**
 * `fn`, each call of which is a span with the arguments as inputs and the result as outputs. A generator
 * function stays one: its body runs in the span, which ends with it.
 */
export function trace<A extends unknown[], T, R, N>(
  fn: (...args: A) => AsyncGenerator<T, R, N>,
  options?: TraceOptions,
): (...args: A) => AsyncGenerator<T, R, N>;
export function trace<A extends unknown[], R>(
  fn: (...args: A) => R | Promise<R>,
  options?: TraceOptions,
): (...args: A) => Promise<R>;
export function trace<A extends unknown[]>(
  fn: (...args: A) => unknown,
  options: TraceOptions = {},
): (...args: A) => unknown {
  const name = options.name ?? (fn.name || "anonymous");
  const optionsFor = (args: A): SpanOptions => ({
    ...options,
    name,
    inputs: args.length === 1 ? args[0] : args,
  });
  if (isGeneratorFunction(fn)) {
    return (...args) => {
      const around = context.active();
      const span = begin(optionsFor(args), around);
      const inside = inSpan(around, span, getTracer(around));
      return observeGenerator(fn(...args), new RecordedSpan(span), inside);
    };
  }
  return (...args) => withSpan(() => fn(...args), optionsFor(args));
}

function isGeneratorFunction(
  fn: (...args: never[]) => unknown,
): fn is (...args: unknown[]) => AsyncGenerator<unknown, unknown, unknown> {
  return fn.constructor.name === "AsyncGeneratorFunction";
}

function contextOf({ parent }: SpanOptions): Context {
  const span = parent && RecordedSpan.otelSpanOf(parent);
  return span === undefined ? context.active() : otelTrace.setSpan(context.active(), span);
}

function begin(options: SpanOptions, around: Context): OtelSpan {
  const { name, type, inputs, attributes, root = false, startTime } = options;
  const span = getTracer(around).startSpan(
    name,
    {
      root,
      attributes: { ...attributes, ...(type !== undefined && { [ATTRIBUTES.spanType]: type }) },
      ...(startTime !== undefined && { startTime }),
    },
    around,
  );
  if (inputs !== undefined && tracingSettings().content) {
    record(span, { [ATTRIBUTES.input]: toJsonValue(inputs) });
  }
  return span;
}
