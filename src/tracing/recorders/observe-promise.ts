import { whenForgotten } from "../forgotten.ts";
import type { Answer } from "./answer.ts";
import { guarded, type ModelCall } from "./model-call.ts";
import { isStream, observeStream } from "./observe-stream.ts";

/** The promise that the SDKs of OpenAI and Anthropic return, as far as it is used here. */
export interface ApiPromise {
  responsePromise: Promise<unknown>;
  parseResponse: (...args: unknown[]) => unknown;
  readonly parsedPromise?: Promise<unknown>;
  asResponse(): Promise<unknown>;
  _thenUnwrap?(transform: Transform): unknown;
}

type Transform = (result: unknown, props: unknown) => unknown;

export function isApiPromise(value: unknown): value is ApiPromise & Promise<unknown> {
  return (
    value instanceof Promise &&
    "responsePromise" in value &&
    value.responsePromise instanceof Promise &&
    "parseResponse" in value &&
    typeof value.parseResponse === "function" &&
    "asResponse" in value
  );
}

/**
 * Watches the promise that the SDK returned, which stays the one that the program gets: it parses when it
 * is asked to, and what is derived from it (`parse`, `stream`, `withResponse`) goes through the same steps.
 */
export function observePromise(
  promise: ApiPromise,
  call: ModelCall,
  answerOf: (response: unknown) => Answer,
): void {
  const remember = whenForgotten(promise, () => call.streamed("abandoned"));
  const over = (tell: () => void) => {
    remember();
    tell();
  };
  // Another promise instead of a listener: one that nobody handles must stay unhandled.
  promise.responsePromise = promise.responsePromise.then(
    (props) => props,
    (error: unknown) => {
      over(() => call.failed(error));
      throw error;
    },
  );
  const settle = (result: unknown) => {
    if (isStream(result)) over(() => guarded(() => observeStream(result, call)));
    else over(() => guarded(() => call.answered(answerOf(result))));
  };
  const parse = promise.parseResponse;
  promise.parseResponse = async function (this: unknown, ...args) {
    try {
      const result = await parse.apply(this, args);
      settle(result);
      return result;
    } catch (error) {
      over(() => call.failed(error));
      throw error;
    }
  };
  const derive = promise._thenUnwrap;
  if (derive !== undefined) {
    // OpenAI's from 7 on makes the derived one of what was before, past the steps above.
    promise._thenUnwrap = function (this: ApiPromise, transform) {
      const derived = derive.call(this, (result, props) => {
        settle(result);
        return transform(result, props);
      });
      if (isApiPromise(derived)) observePromise(derived, call, answerOf);
      return derived;
    };
  }
  const asResponse = promise.asResponse;
  promise.asResponse = async function (this: ApiPromise) {
    const response = await asResponse.call(this);
    // Read by the program itself: of such a body nothing is seen here.
    if (this.parsedPromise === undefined) over(() => call.streamed());
    return response;
  };
}

/** Hands what the SDK returns to `tell` as well; a stream is left alone. */
export function hearAnswer(promise: ApiPromise, tell: (response: unknown) => void): void {
  const parse = promise.parseResponse;
  promise.parseResponse = async function (this: unknown, ...args) {
    const result = await parse.apply(this, args);
    if (!isStream(result)) tell(result);
    return result;
  };
}
