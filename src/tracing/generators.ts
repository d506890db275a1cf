import { type Context, context } from "@opentelemetry/api";
import { ATTRIBUTES } from "../otlp/index.ts";
import { whenForgotten } from "./forgotten.ts";
import type { RecordedSpan } from "./live-span.ts";

type Generator = AsyncGenerator<unknown, unknown, unknown>;

/** An async generator, as opposed to other things that can be iterated: those are somebody's objects. */
export function isGenerator(value: unknown): value is Generator {
  return Object.prototype.toString.call(value) === "[object AsyncGenerator]";
}

/** By its tag: to name the class itself would load web streams for every program that has spans. */
export function isWebStream(value: unknown): value is ReadableStream {
  return Object.prototype.toString.call(value) === "[object ReadableStream]";
}

/**
 * The same generator. Its body runs in `inside`, whoever asks for the next value, and `span` ends once
 * with it: when it has returned, failed, or was broken off.
 */
export function observeGenerator<G>(
  generator: G & Generator,
  span: RecordedSpan,
  inside: Context,
): G {
  const chunks = new Chunks();
  const remember = whenForgotten(generator, () => {
    span.setAttributes({ [ATTRIBUTES.abandoned]: true });
    end(span, chunks);
  });
  const settle = (step: Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> => {
    step.then(
      ({ done, value }) => {
        if (!done) return chunks.add(value);
        remember();
        end(span, chunks);
      },
      (error: unknown) => {
        remember();
        span.recordError(error);
        end(span, chunks);
      },
    );
    return step;
  };
  for (const method of ["next", "return", "throw"] as const) {
    const original = generator[method].bind(generator) as (
      ...args: unknown[]
    ) => Promise<IteratorResult<unknown>>;
    generator[method] = (...args: unknown[]) =>
      settle(context.with(inside, () => original(...args)));
  }
  return generator;
}

/** The stream's chunks in another stream: reading from the one that was given would take them away. */
export function observeStream(stream: ReadableStream, span: RecordedSpan): ReadableStream {
  const reader = stream.getReader();
  const chunks = new Chunks();
  return new ReadableStream(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await reader.read();
          if (done) {
            end(span, chunks);
            controller.close();
            return;
          }
          chunks.add(value);
          controller.enqueue(value);
        } catch (error) {
          span.recordError(error);
          end(span, chunks);
          throw error;
        }
      },
      cancel: async (reason) => {
        end(span, chunks);
        await reader.cancel(reason);
      },
    },
    // Nothing is read before it is asked for.
    { highWaterMark: 0 },
  );
}

/** Chunks kept of one stream; the memory of those behind is not worth it. */
const MOST_CHUNKS = 10_000;

class Chunks {
  readonly #values: unknown[] = [];

  add(value: unknown): void {
    if (this.#values.length < MOST_CHUNKS) this.#values.push(value);
  }

  /** Texts as the one that they make. */
  get whole(): unknown {
    const values = this.#values;
    return values.length > 0 && values.every((value) => typeof value === "string")
      ? values.join("")
      : values;
  }
}

function end(span: RecordedSpan, chunks: Chunks): void {
  if (!span.hasOutputs) span.setOutputs(chunks.whole);
  span.end();
}
