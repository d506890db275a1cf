import {
  digestOf,
  isPlainObject,
  type ResponseCache,
  systemClock,
  withoutAbsent,
} from "../core/index.ts";
import type { ChatModel, ChatRequest, ChatResponse } from "./chat-model.ts";

/** Raised when an adapter changes what it makes of a request or a reply. */
const ADAPTER_VERSION = 1;

/** What a request went to, beside the model. */
export interface ApiIdentity {
  readonly baseUrl?: string | undefined;
  /** How the API is spoken to, e.g. `openai-chat`. */
  readonly shape: string;
}

/** For what an answer was paid, beside it in the cache. */
interface Payment {
  readonly purpose: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly attempts?: number;
}

type Kept = ChatResponse & { readonly payment?: Payment };

/**
 * `model`, answering from `cache` what was answered before. Requests are told apart by everything that
 * is sent, by the repetition of the row they are for, and never by the key. Equal requests at the same time
 * are sent once. An answer that the request calls unusable is not kept, nor taken from what was kept before.
 *
 * What the cache cannot give or take is a miss, never an error. A hit costs nothing and uses no tokens; what the answer cost once is in `saved`.
 * An answer that was paid for the request's own purpose before this model was made is none: the process that
 * paid has not lived to use it.
 */
export function cachedModel(
  model: ChatModel,
  cache: ResponseCache,
  api: ApiIdentity,
  clock = systemClock,
): ChatModel {
  const madeAt = clock.now();
  const underWay = new Map<string, Promise<ChatResponse>>();
  const ask = async (key: string, request: ChatRequest): Promise<ChatResponse> => {
    const { isUsable = () => true } = request;
    const known = readAnswer(await cache.get(key).catch(() => undefined));
    if (known !== undefined && isUsable(known)) {
      const { payment, ...answer } = known;
      const isOwn = payment !== undefined && payment.purpose === request.purpose;
      if (!isOwn || payment.at >= madeAt) return asHit(answer);
      return withoutAbsent<ChatResponse>({ ...answer, attempts: payment.attempts });
    }
    const response = await model.generate(request);
    if (!isUsable(response)) return response;
    const { attempts, ...answer } = response;
    const { purpose } = request;
    const kept: Kept = {
      ...answer,
      ...(purpose !== undefined && {
        payment: withoutAbsent<Payment>({ purpose, at: clock.now(), attempts }),
      }),
    };
    // The answer is there and paid for; that it could not be kept is no reason to lose it.
    await cache.set(key, JSON.stringify(kept)).catch(() => undefined);
    return response;
  };
  return {
    ...model,
    generate: async (request) => {
      const key = keyOf(model, request, api);
      const earlier = underWay.get(key);
      if (earlier !== undefined) {
        const response = await earlier.catch(() => undefined);
        if (response !== undefined) return asHit(response);
      }
      const asking = ask(key, request);
      underWay.set(key, asking);
      try {
        return await asking;
      } finally {
        if (underWay.get(key) === asking) underWay.delete(key);
      }
    },
  };
}

function keyOf(
  { model }: ChatModel,
  request: ChatRequest,
  { baseUrl, shape }: ApiIdentity,
): string {
  const { messages, parameters, responseSchema, trial = 0, draw = 0, topLogprobs } = request;
  return digestOf({
    baseUrl: baseUrl ?? null,
    shape,
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    parameters: parameters ?? {},
    responseSchema: responseSchema ?? null,
    trial,
    ...(draw > 0 && { draw }),
    ...(topLogprobs !== undefined && { topLogprobs }),
    adapter: ADAPTER_VERSION,
  });
}

/** A kept answer; `undefined` for what is none, or is damaged. */
function readAnswer(kept: string | undefined): Kept | undefined {
  if (kept === undefined) return undefined;
  try {
    const answer: unknown = JSON.parse(kept);
    const isAnswer = isPlainObject(answer) && typeof answer.text === "string";
    return isAnswer ? (answer as unknown as Kept) : undefined;
  } catch {
    return undefined;
  }
}

/** Nothing was sent for it: the attempts are of the request that was, and it costs nothing, whatever that cost. */
function asHit({ usage, saved, attempts: _, ...response }: ChatResponse): ChatResponse {
  return withoutAbsent<ChatResponse>({
    ...response,
    isCached: true,
    saved: usage ?? saved,
    usage: { cost: 0 },
  });
}
