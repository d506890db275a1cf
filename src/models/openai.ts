import { AssayError, type JsonObject, type Usage, withoutAbsent } from "../core/index.ts";
import {
  callAdapting,
  lessonsOf,
  names,
  type Remedies,
  type Remedy,
  saysNothing,
} from "./adapting-call.ts";
import type {
  ChatMessage,
  ChatModel,
  ChatRequest,
  ChatResponse,
  TokenLogprob,
} from "./chat-model.ts";
import { toAssayError } from "./errors.ts";
import type { Pacing } from "./pacing/pacing.ts";
import type { PriceOf } from "./prices.ts";
import { knownUsage, tokenCount } from "./reported-usage.ts";
import { countAttempts, type RequestOptions, sendRequest } from "./send-request.ts";
import { withChatSpan } from "./with-chat-span.ts";

/** The part of the `openai` SDK's client that is used; any version that has it will do. */
export interface OpenAIChatClient {
  readonly chat: {
    readonly completions: {
      create(body: OpenAIChatBody, options?: RequestOptions): PromiseLike<unknown>;
    };
  };
  readonly baseURL?: string;
}

export interface OpenAIChatBody {
  model: string;
  messages: ChatMessage[];
  temperature?: number;
  top_p?: number;
  max_tokens?: number;
  max_completion_tokens?: number;
  seed?: number;
  stop?: string[];
  logprobs?: true;
  top_logprobs?: number;
  response_format?:
    | { type: "json_object" }
    | { type: "json_schema"; json_schema: { name: string; schema: JsonObject; strict: true } };
}

export interface OpenAIModelOptions {
  readonly model: string;
  /** How the model is shown and recorded; default `openai:/<model>`. */
  readonly uri?: string;
  /** Default `openai`. */
  readonly provider?: string;
  /** The variable to name when the key is rejected; default `OPENAI_API_KEY`. */
  readonly keyName?: string;
  /** Paces and repeats requests in the place of the client's own retries. */
  readonly pacing?: Pacing;
  /** Where requests go, where that is not the client's base URL. */
  readonly baseUrl?: string | undefined;
  /** What a call costs; default: unknown. */
  readonly priceOf?: PriceOf;
}

/** The reply, as far as it is read. Nothing is taken for granted: compatible servers leave things out. */
interface Completion {
  readonly model?: string;
  readonly choices?: readonly {
    readonly finish_reason?: string | null;
    readonly message?: {
      readonly content?: string | null | readonly { readonly text?: string }[];
      readonly refusal?: string | null;
    };
    readonly logprobs?: { readonly content?: readonly RecordedToken[] | null } | null;
  }[];
  readonly usage?: {
    readonly prompt_tokens?: number;
    readonly completion_tokens?: number;
    readonly total_tokens?: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
  } | null;
}

interface RecordedToken {
  readonly token: string;
  readonly logprob: number;
  readonly top_logprobs?: readonly { readonly token: string; readonly logprob: number }[] | null;
}

const namesFormat = names("response_format", "json_schema", "json_object", "structured outputs?");
// Named parameters come first: a refusal of "temperature" says nothing about the format.
const REMEDIES: readonly Remedy[] = [
  { name: "max_completion_tokens", answers: names("max_completion_tokens") },
  ...["temperature", "top_p", "seed", "stop"].map((field) => ({
    name: `no ${field}`,
    answers: names(field),
  })),
  { name: "no logprobs", answers: names("logprobs", "top_logprobs") },
  { name: "json_object", answers: (refusal) => namesFormat(refusal) || saysNothing(refusal) },
  {
    name: "no response_format",
    after: "json_object",
    answers: (refusal) => namesFormat(refusal) || saysNothing(refusal),
  },
];

/**
 * A model behind OpenAI's chat completions, called through the caller's own client and, without `pacing`,
 * with its retries.
 */
export function openaiModel(client: OpenAIChatClient, options: OpenAIModelOptions): ChatModel {
  const { model, provider = "openai", uri = `${provider}:/${model}`, pacing, priceOf } = options;
  const baseUrl = options.baseUrl ?? endpointOf(client).baseUrl;
  const lessons = lessonsOf("openai-chat", baseUrl, model);
  const identity = { uri, provider, model };
  return {
    ...identity,
    generate: (request) =>
      withChatSpan(identity, request, async () => {
        const attempts = countAttempts();
        try {
          const reply = await callAdapting(lessons, remediesFor(request), (applied) =>
            sendRequest({
              pacing,
              request,
              create: (settings) =>
                client.chat.completions.create(bodyOf(model, request, applied), settings),
              tokensOf: (reply) => tokenCount((reply as Completion | null)?.usage?.total_tokens),
              onAttempt: attempts.add,
            }),
          );
          const response = readCompletion(
            reply as Completion | null | undefined,
            provider,
            priceOf,
          );
          return attempts.noted(response);
        } catch (error) {
          const keyName = options.keyName ?? "OPENAI_API_KEY";
          const context = { provider, model, request, keyName, ...endpointOf(client) };
          throw attempts.charged(toAssayError(error, context));
        }
      }),
  };
}

/** A refusal can only be about what the request holds. */
function remediesFor({ responseSchema, parameters = {}, topLogprobs }: ChatRequest): Remedies {
  const sent = new Set<string>();
  if (responseSchema !== undefined) sent.add("json_object").add("no response_format");
  if (parameters.maxTokens !== undefined) sent.add("max_completion_tokens");
  if (parameters.temperature !== undefined) sent.add("no temperature");
  if (parameters.topP !== undefined) sent.add("no top_p");
  if (parameters.seed !== undefined) sent.add("no seed");
  if (parameters.stop !== undefined) sent.add("no stop");
  if (topLogprobs !== undefined) sent.add("no logprobs");
  return {
    named: REMEDIES.filter(({ name }) => sent.has(name)),
    withoutSchema: responseSchema === undefined ? [] : ["json_object", "no response_format"],
  };
}

function bodyOf(
  model: string,
  { messages, parameters = {}, responseSchema, topLogprobs }: ChatRequest,
  applied: ReadonlySet<string>,
): OpenAIChatBody {
  const { temperature, topP, maxTokens, seed, stop } = parameters;
  const wantsLogprobs = topLogprobs !== undefined && !applied.has("no logprobs");
  const renamed = applied.has("max_completion_tokens");
  return withoutAbsent<OpenAIChatBody>({
    model,
    messages: messages.map(({ role, content }) => ({ role, content })),
    temperature: applied.has("no temperature") ? undefined : temperature,
    top_p: applied.has("no top_p") ? undefined : topP,
    max_tokens: renamed ? undefined : maxTokens,
    max_completion_tokens: renamed ? maxTokens : undefined,
    seed: applied.has("no seed") ? undefined : seed,
    stop: applied.has("no stop") || stop === undefined ? undefined : [...stop],
    logprobs: wantsLogprobs || undefined,
    top_logprobs: wantsLogprobs ? topLogprobs : undefined,
    response_format: formatOf(responseSchema, applied),
  });
}

function formatOf(
  responseSchema: ChatRequest["responseSchema"],
  applied: ReadonlySet<string>,
): OpenAIChatBody["response_format"] {
  if (responseSchema === undefined || applied.has("no response_format")) return undefined;
  if (applied.has("json_object")) return { type: "json_object" };
  const { name, schema } = responseSchema;
  return { type: "json_schema", json_schema: { name, schema, strict: true } };
}

function readCompletion(
  reply: Completion | null | undefined,
  provider: string,
  priceOf?: PriceOf,
): ChatResponse {
  const choice = reply?.choices?.[0];
  if (choice?.message === undefined) {
    throw new AssayError("provider", `${provider} answered without a message; check the base URL.`);
  }
  const { content, refusal } = choice.message;
  const text = typeof content === "string" ? content : (content ?? []).map(textOf).join("");
  const filtered = choice.finish_reason === "content_filter" && text === "";
  return withoutAbsent<ChatResponse>({
    text,
    model: reply?.model,
    finishReason: choice.finish_reason ?? undefined,
    refusal: refusal || (filtered ? "The provider's content filter stopped the reply." : undefined),
    usage: usageOf(reply?.usage, priceOf),
    logprobs: choice.logprobs?.content?.map(
      ({ token, logprob, top_logprobs: alternatives }): TokenLogprob => ({
        token,
        logprob,
        alternatives: alternatives ?? [],
      }),
    ),
  });
}

function textOf(part: { readonly text?: string }): string {
  return part.text ?? "";
}

function usageOf(usage: Completion["usage"], priceOf?: PriceOf): Usage | undefined {
  if (usage === null || usage === undefined) return undefined;
  const inputTokens = tokenCount(usage.prompt_tokens);
  const outputTokens = tokenCount(usage.completion_tokens);
  const cacheReadTokens = tokenCount(usage.prompt_tokens_details?.cached_tokens);
  return knownUsage({ inputTokens, outputTokens, cacheReadTokens }, priceOf);
}

/** What an error may say about where the call went, and the key to mask in what came back. */
export function endpointOf(client: object): { baseUrl?: string; key?: string } {
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(client, name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  return withoutAbsent({ baseUrl: text("baseURL"), key: text("apiKey") });
}
