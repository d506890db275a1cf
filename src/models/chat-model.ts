import type { ChatParameters, JsonObject, Usage } from "../core/index.ts";

export type { ChatParameters } from "../core/index.ts";

export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
  /**
   * How many characters of `content`, from its start, stand in every request of this kind, so that a
   * provider which caches prompts where it is told to can be told.
   */
  readonly stablePrefix?: number;
}

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  readonly parameters?: ChatParameters;
  /** Asks for a reply that is one JSON object of this schema, by the provider's own means where it has them. */
  readonly responseSchema?: { readonly name: string; readonly schema: JsonObject };
  /** 0-based repetition of the row it is asked for: repetitions are not answered from one another. */
  readonly trial?: number;
  /** 0-based, where the same question is asked several times for one verdict; not answered from one another. */
  readonly draw?: number;
  /** Asks for the log probabilities of the reply's tokens, each with so many alternatives; 0 to 20. */
  readonly topLogprobs?: number;
  /** Whether an answer can be used: one that cannot is not kept, so that asking again asks again. Default: all can. */
  readonly isUsable?: (response: ChatResponse) => boolean;
  /**
   * What it is asked for. A cached answer that an earlier process paid for the same purpose, and died
   * before it was used, is given with its usage: whoever goes on with the work has paid for it.
   */
  readonly purpose?: string;
  readonly signal?: AbortSignal;
}

/** A token of a reply and what could have stood in its place. */
export interface TokenLogprob {
  readonly token: string;
  /** Natural logarithm of its probability, at most 0. */
  readonly logprob: number;
  /** The likeliest tokens at this place, itself among them as a rule. */
  readonly alternatives: readonly { readonly token: string; readonly logprob: number }[];
}

export interface ChatResponse {
  /** The reply as text; with `responseSchema` it should be JSON, but a model may still break the promise. */
  readonly text: string;
  /** The model that answered, as the provider names it. */
  readonly model?: string;
  readonly finishReason?: string;
  /** Set when the model declined to answer. */
  readonly refusal?: string;
  readonly usage?: Usage;
  /** In order of the text; absent where the provider gave none, asked or not. */
  readonly logprobs?: readonly TokenLogprob[];
  /** Requests that were sent for it, repeated ones included; absent where the client repeats by itself. */
  readonly attempts?: number;
  /** It was answered before, and nothing was sent or paid for. */
  readonly isCached?: true;
  /** What a cached answer used when it was paid for. */
  readonly saved?: Usage;
}

/** A model that answers a conversation. Implemented over the caller's own SDK client, or embedded. */
export interface ChatModel {
  /** As given, e.g. `openai:/gpt-4o-mini`; never holds a key. */
  readonly uri: string;
  readonly provider: string;
  /** The requested model, as the provider names it. */
  readonly model: string;
  /** How to call it when showing it to a person, e.g. "offline baseline, not an LLM". */
  readonly note?: string;
  /** What it samples with whatever a request asks for: it was set up by its owner. */
  readonly ownParameters?: ChatParameters;
  /** False for an API that never gives log probabilities. */
  readonly hasLogprobs?: boolean;
  /**
   * @throws {AssayError} `configuration` when the key was rejected, `unavailable` when the provider
   *   cannot be reached or keeps answering 408/429/5xx, `provider` for any other refusal of the call.
   */
  generate(request: ChatRequest): Promise<ChatResponse>;
}
