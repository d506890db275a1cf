import type { ChatRequest, ChatResponse } from "./chat-model.ts";
import { ANSWER_TOKENS, estimateTokens } from "./estimate-tokens.ts";
import type { Pacing, Sent } from "./pacing/pacing.ts";
import type { ReplyHeaders } from "./pacing/reply-limits.ts";

/** What the SDKs' methods take beside the body. */
export interface RequestOptions {
  signal?: AbortSignal;
  /** 0 where attempts are paced here, so that the limiter sees every one of them. */
  maxRetries?: number;
}

interface Sending {
  readonly pacing: Pacing | undefined;
  readonly request: ChatRequest;
  readonly create: (options: RequestOptions) => PromiseLike<unknown>;
  readonly tokensOf: (reply: unknown) => number | undefined;
  readonly onAttempt: () => void;
}

/** Sends a request through a client: at the pace of a limiter where there is one, else with the client's own retries. */
export async function sendRequest(sending: Sending): Promise<unknown> {
  const { pacing, request, create, tokensOf, onAttempt } = sending;
  const { signal } = request;
  if (pacing === undefined) return create(signal === undefined ? {} : { signal });
  return pacing.run({
    send: (attemptSignal) => withHeaders(create({ signal: attemptSignal, maxRetries: 0 })),
    tokens: tokensIn(request),
    maxTokens: request.parameters?.maxTokens,
    tokensOf,
    onAttempt,
    signal,
  });
}

/** Requests that were sent in vain, by the error that came of them. */
const spent = new WeakMap<object, number>();

/** How many requests were sent before a call failed with this error; absent where that is not known. */
export function attemptsOf(error: unknown): number | undefined {
  return typeof error === "object" && error !== null ? spent.get(error) : undefined;
}

/** Counts the requests that one answer takes, those of other forms after a refusal included. */
export function countAttempts() {
  let attempts = 0;
  return {
    add: () => {
      attempts += 1;
    },
    /** Remembers them for {@link attemptsOf}. */
    charged: <Failure extends Error>(error: Failure): Failure => {
      if (attempts > 0) spent.set(error, attempts);
      return error;
    },
    noted: (response: ChatResponse): ChatResponse =>
      attempts === 0 ? response : { ...response, attempts },
  };
}

function tokensIn({ messages, parameters }: ChatRequest): number {
  const sent = messages.reduce((sum, { content }) => sum + estimateTokens(content), 0);
  return sent + (parameters?.maxTokens ?? ANSWER_TOKENS);
}

/** Both SDKs return a promise that also gives the response; a client of the caller's own need not. */
async function withHeaders(call: PromiseLike<unknown>): Promise<Sent<unknown>> {
  if (!("withResponse" in call) || typeof call.withResponse !== "function") {
    return { reply: await call };
  }
  const { data, response } = (await call.withResponse()) as {
    data: unknown;
    response?: { headers?: ReplyHeaders };
  };
  return { reply: data, headers: response?.headers };
}
