import {
  AssayError,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  type Usage,
  withoutAbsent,
} from "../core/index.ts";
import { callAdapting, lessonsOf, names, type Remedies, type Remedy } from "./adapting-call.ts";
import type { ChatMessage, ChatModel, ChatRequest, ChatResponse } from "./chat-model.ts";
import { toAssayError } from "./errors.ts";
import { CHARACTERS_PER_TOKEN } from "./estimate-tokens.ts";
import { endpointOf } from "./openai.ts";
import type { Pacing } from "./pacing/pacing.ts";
import type { PriceOf } from "./prices.ts";
import { knownUsage, tokenCount } from "./reported-usage.ts";
import { countAttempts, type RequestOptions, sendRequest } from "./send-request.ts";
import { withChatSpan } from "./with-chat-span.ts";

/** The part of the `@anthropic-ai/sdk` client that is used. */
export interface AnthropicMessagesClient {
  readonly messages: {
    create(body: AnthropicBody, options?: RequestOptions): PromiseLike<unknown>;
  };
  readonly baseURL?: string;
}

interface AnthropicText {
  type: "text";
  text: string;
  /** What stands before its end may be kept ready for the next request. */
  cache_control?: { type: "ephemeral" };
}

export interface AnthropicBody {
  model: string;
  max_tokens: number;
  messages: { role: "user" | "assistant"; content: string | AnthropicText[] }[];
  system?: string;
  temperature?: number;
  top_p?: number;
  stop_sequences?: string[];
  output_config?: { format: { type: "json_schema"; schema: { [key: string]: unknown } } };
  tools?: { name: string; description: string; input_schema: { type: "object" } }[];
  tool_choice?: { type: "tool"; name: string };
}

export interface AnthropicModelOptions {
  readonly model: string;
  /** Default `anthropic:/<model>`. */
  readonly uri?: string;
  /** Default `anthropic`. */
  readonly provider?: string;
  /** Paces and repeats requests in the place of the client's own retries. */
  readonly pacing?: Pacing;
  /** Where requests go, where that is not the client's base URL. */
  readonly baseUrl?: string | undefined;
  /** What a call costs; default: unknown. */
  readonly priceOf?: PriceOf;
}

interface Message {
  readonly model?: string;
  readonly stop_reason?: string | null;
  readonly stop_details?: { readonly explanation?: string | null } | null;
  readonly content?: readonly {
    readonly type: string;
    readonly text?: string;
    readonly input?: unknown;
  }[];
  readonly usage?: {
    readonly input_tokens?: number;
    readonly output_tokens?: number;
    readonly cache_read_input_tokens?: number | null;
    readonly cache_creation_input_tokens?: number | null;
  };
}

/** The API demands a limit; a judge's verdict with its rationale stays well below this one. */
const DEFAULT_MAX_TOKENS = 1024;

const REMEDIES: readonly Remedy[] = [
  {
    name: "forced tool",
    answers: names("output_config", "output[_ ]format", "json_schema", "structured outputs?"),
  },
  { name: "no schema", after: "forced tool", answers: names("tools", "tool_choice") },
  { name: "no cache_control", answers: names("cache_control") },
  { name: "no temperature", answers: names("temperature") },
  { name: "no top_p", answers: names("top_p") },
];

/**
 * A Claude model, called through the caller's own client and, without `pacing`, with its retries.
 *
 * A response schema goes out as the API's structured output; models that refuse it are given one
 * forced tool instead. There is no seed in this API, so a seed is not sent.
 */
export function anthropicModel(
  client: AnthropicMessagesClient,
  options: AnthropicModelOptions,
): ChatModel {
  const { model, provider = "anthropic", uri = `anthropic:/${model}`, pacing, priceOf } = options;
  const baseUrl = options.baseUrl ?? endpointOf(client).baseUrl;
  const lessons = lessonsOf("anthropic-messages", baseUrl, model);
  const identity = { uri, provider, model };
  return {
    ...identity,
    hasLogprobs: false,
    generate: (request) =>
      withChatSpan(identity, request, async () => {
        const attempts = countAttempts();
        try {
          const reply = await callAdapting(lessons, remediesFor(request), (applied) =>
            sendRequest({
              pacing,
              request,
              create: (settings) =>
                client.messages.create(bodyOf(model, request, applied), settings),
              tokensOf: (reply) => totalTokens((reply as Message | null)?.usage),
              onAttempt: attempts.add,
            }),
          );
          return attempts.noted(
            readMessage(reply as Message | null | undefined, provider, priceOf),
          );
        } catch (error) {
          const keyName = "ANTHROPIC_API_KEY";
          const context = { provider, model, request, keyName, ...endpointOf(client) };
          throw attempts.charged(toAssayError(error, context));
        }
      }),
  };
}

function remediesFor({ messages, responseSchema, parameters = {} }: ChatRequest): Remedies {
  const sent = new Set<string>();
  if (messages.some(({ stablePrefix }) => stablePrefix !== undefined)) sent.add("no cache_control");
  if (responseSchema !== undefined) sent.add("forced tool").add("no schema");
  if (parameters.temperature !== undefined) sent.add("no temperature");
  if (parameters.topP !== undefined) sent.add("no top_p");
  return {
    named: REMEDIES.filter(({ name }) => sent.has(name)),
    withoutSchema: responseSchema === undefined ? [] : ["forced tool", "no schema"],
  };
}

function bodyOf(
  model: string,
  { messages, parameters = {}, responseSchema }: ChatRequest,
  applied: ReadonlySet<string>,
): AnthropicBody {
  const { temperature, topP, maxTokens = DEFAULT_MAX_TOKENS, stop } = parameters;
  const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  return withoutAbsent<AnthropicBody>({
    model,
    max_tokens: maxTokens,
    system: system.length === 0 ? undefined : system.join("\n\n"),
    messages: messages.flatMap((message) =>
      message.role === "system"
        ? []
        : [
            {
              role: message.role,
              content: contentOf(message, system, applied.has("no cache_control")),
            },
          ],
    ),
    temperature: applied.has("no temperature") ? undefined : temperature,
    top_p: applied.has("no top_p") ? undefined : topP,
    stop_sequences: stop === undefined ? undefined : [...stop],
    ...structured(responseSchema, applied),
  });
}

/** Tokens below which no Claude model caches a prompt: a mark would only make the request longer. */
const LEAST_CACHED_TOKENS = 1024;

/** The part that all requests share in a block of its own, marked to be cached, where it is long enough. */
function contentOf(
  { content, stablePrefix = 0 }: ChatMessage,
  system: readonly string[],
  isRefused: boolean,
): string | AnthropicText[] {
  const shared = system.join("").length + stablePrefix;
  const isWorthIt = shared / CHARACTERS_PER_TOKEN >= LEAST_CACHED_TOKENS;
  // The API takes no empty block.
  if (isRefused || !isWorthIt || stablePrefix === 0 || stablePrefix >= content.length)
    return content;
  return [
    {
      type: "text",
      text: content.slice(0, stablePrefix),
      cache_control: { type: "ephemeral" },
    },
    { type: "text", text: content.slice(stablePrefix) },
  ];
}

type Structured = "output_config" | "tools" | "tool_choice";

function structured(
  responseSchema: ChatRequest["responseSchema"],
  applied: ReadonlySet<string>,
): { [K in Structured]: AnthropicBody[K] | undefined } {
  const none = { output_config: undefined, tools: undefined, tool_choice: undefined };
  if (responseSchema === undefined || applied.has("no schema")) return none;
  const { name, schema } = responseSchema;
  if (!applied.has("forced tool")) {
    const format = { type: "json_schema" as const, schema: withoutBounds(schema) };
    return { ...none, output_config: { format } };
  }
  return {
    ...none,
    tools: [
      { name, description: "Reports the reply.", input_schema: { ...schema, type: "object" } },
    ],
    tool_choice: { type: "tool", name },
  };
}

// Structured output refuses the bounds of numbers (not those of a tool's input).
function withoutBounds(schema: JsonObject): JsonObject {
  const strip = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(strip);
    if (!isPlainObject(value)) return value;
    const kept = Object.entries(value as JsonObject).filter(
      ([key, member]) => !((key === "minimum" || key === "maximum") && typeof member === "number"),
    );
    return Object.fromEntries(kept.map(([key, member]) => [key, strip(member)]));
  };
  return strip(schema) as JsonObject;
}

function readMessage(
  reply: Message | null | undefined,
  provider: string,
  priceOf?: PriceOf,
): ChatResponse {
  if (!Array.isArray(reply?.content)) {
    throw new AssayError("provider", `${provider} answered without content; check the base URL.`);
  }
  const parts = (reply as Message).content ?? [];
  const tool = parts.find(({ type }) => type === "tool_use");
  const text = parts
    .map(({ type, text: piece }) => (type === "text" ? (piece ?? "") : ""))
    .join("");
  const refused = reply?.stop_reason === "refusal";
  return withoutAbsent<ChatResponse>({
    text: tool === undefined ? text : JSON.stringify(tool.input ?? {}),
    model: reply?.model,
    finishReason: reply?.stop_reason ?? undefined,
    refusal: refused
      ? (reply?.stop_details?.explanation ?? "The model declined to answer.")
      : undefined,
    usage: usageOf(reply?.usage, priceOf),
  });
}

/** Input tokens include those read from and written to the cache, which this API reports apart. */
function usageOf(usage: Message["usage"], priceOf?: PriceOf): Usage | undefined {
  if (usage === undefined || usage === null) return undefined;
  const cacheReadTokens = tokenCount(usage.cache_read_input_tokens) ?? 0;
  const cacheWriteTokens = tokenCount(usage.cache_creation_input_tokens) ?? 0;
  const outputTokens = tokenCount(usage.output_tokens);
  const fresh = tokenCount(usage.input_tokens);
  const inputTokens = fresh === undefined ? undefined : fresh + cacheReadTokens + cacheWriteTokens;
  return knownUsage({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }, priceOf);
}

function totalTokens(usage: Message["usage"]): number | undefined {
  const { inputTokens, outputTokens } = usageOf(usage) ?? {};
  return inputTokens === undefined ? undefined : inputTokens + (outputTokens ?? 0);
}
