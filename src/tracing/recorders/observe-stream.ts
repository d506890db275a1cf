import { whenForgotten } from "../forgotten.ts";
import type { ModelCall } from "./model-call.ts";

type Iterator = AsyncIterator<unknown>;

/** The stream of both SDKs: everything that reads it, `tee` and helpers included, calls `iterator`. */
interface SdkStream {
  iterator: () => Iterator;
  readonly controller?: { readonly signal?: AbortSignal };
}

export function isStream(value: unknown): value is SdkStream {
  return (
    typeof value === "object" &&
    value !== null &&
    Symbol.asyncIterator in value &&
    "iterator" in value &&
    typeof value.iterator === "function"
  );
}

const observed = new WeakSet<SdkStream>();

/** Watches the chunks that go through a stream, which stays the object that it is. */
export function observeStream(stream: SdkStream, call: ModelCall): void {
  if (observed.has(stream)) return;
  observed.add(stream);
  const signal = stream.controller?.signal;
  const remember = whenForgotten(stream, () => call.streamed("abandoned"));
  const { iterator } = stream;
  stream.iterator = function (this: SdkStream) {
    remember();
    return observeIterator(iterator.call(this), call, signal);
  };
}

/** The same iterator, patched in place. */
function observeIterator<I extends Iterator>(
  iterator: I,
  call: ModelCall,
  signal: AbortSignal | undefined,
): I {
  const remember = whenForgotten(iterator, () => call.streamed("abandoned"));
  const over = (tell: () => void) => {
    remember();
    tell();
  };
  const next = iterator.next.bind(iterator);
  const close = iterator.return?.bind(iterator);
  const fail = iterator.throw?.bind(iterator);
  const onStep = (step: IteratorResult<unknown>) => {
    // An aborted stream of the SDK simply ends.
    if (step.done) over(() => call.streamed(signal?.aborted ? "aborted" : undefined));
    else call.chunk(step.value);
    return step;
  };
  const onError = (error: unknown): never => {
    over(() => call.failed(error));
    throw error;
  };
  // One promise more for each chunk, no more.
  iterator.next = (...args) => next(...args).then(onStep, onError);
  if (close !== undefined) {
    iterator.return = (value) => {
      over(() => call.streamed("broken-off"));
      return close(value);
    };
  }
  if (fail !== undefined) {
    iterator.throw = (error) => {
      over(() => call.failed(error));
      return fail(error);
    };
  }
  return iterator;
}
