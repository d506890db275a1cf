import {
  AssayError,
  isPlainObject,
  type JsonObject,
  type Usage,
  withoutAbsent,
} from "../core/index.ts";
import type { ChatModel, ChatParameters, ChatRequest, ChatResponse } from "./chat-model.ts";
import { readFailure, toAssayError } from "./errors.ts";
import type { PriceOf } from "./prices.ts";
import { knownUsage, tokenCount } from "./reported-usage.ts";
import { withChatSpan } from "./with-chat-span.ts";

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly stop?: string[];
}

interface Invocable {
  invoke(messages: LangChainMessages, options?: CallOptions): Promise<unknown>;
}

type LangChainMessages = { role: string; content: string }[];

/** The part of a LangChain chat model that is used; any version that has it will do. */
export interface LangChainChatModel {
  // Bivariant methods, because every copy of LangChain declares its own message types.
  invoke(
    messages: ReturnType<JSON["parse"]>,
    options?: ReturnType<JSON["parse"]>,
  ): Promise<unknown>;
  withStructuredOutput?(
    schema: ReturnType<JSON["parse"]>,
    config?: ReturnType<JSON["parse"]>,
  ): unknown;
  _llmType(): string;
}

export interface LangChainModelOptions {
  /** How it is shown and recorded; default: what the model calls itself. */
  readonly model?: string;
  /** What a call costs; default: unknown. */
  readonly priceOf?: PriceOf;
}

/** Whether this is a chat model of LangChain, and not a model of ours. */
export function isLangChainModel(given: unknown): given is LangChainChatModel {
  return (
    typeof given === "object" &&
    given !== null &&
    !("uri" in given) &&
    typeof Reflect.get(given, "invoke") === "function" &&
    typeof Reflect.get(given, "_llmType") === "function"
  );
}

/**
 * A LangChain chat model as a model of ours. Key, temperature, limits and retries are those it was made
 * with; a request's parameters, its stop texts aside, are not sent.
 */
export function langchainModel(
  chat: LangChainChatModel,
  options: LangChainModelOptions = {},
): ChatModel {
  const provider = "langchain";
  const model = options.model ?? nameOf(chat);
  const identity = { uri: `${provider}:/${model}`, provider, model };
  let isStructuredRefused = chat.withStructuredOutput === undefined;
  const ask = async (request: ChatRequest): Promise<unknown> => {
    const structured = isStructuredRefused ? undefined : structuredOf(chat, request);
    if (structured === undefined) return send(chat, request);
    try {
      return await send(structured, request);
    } catch (error) {
      // Only a refusal of the form, or a model that cannot keep to it, is cured by asking without it.
      const { status } = readFailure(error);
      const isUnread =
        error instanceof SyntaxError || nameOfError(error) === "OutputParserException";
      if (status !== 400 && status !== 422 && !isUnread) throw error;
      const reply = await send(chat, request);
      isStructuredRefused = true;
      return reply;
    }
  };
  return {
    ...identity,
    ownParameters: parametersOf(chat),
    hasLogprobs: false,
    generate: (request) =>
      withChatSpan(identity, request, async () => {
        try {
          return readReply(await ask(request), options.priceOf);
        } catch (error) {
          const keyName = "the key that the LangChain model was made with";
          throw toAssayError(error, { provider, model, request, keyName });
        }
      }),
  };
}

function structuredOf(
  chat: LangChainChatModel,
  { responseSchema }: ChatRequest,
): Invocable | undefined {
  if (responseSchema === undefined) return undefined;
  const { name, schema } = responseSchema;
  try {
    return chat.withStructuredOutput?.(schema, { name, includeRaw: true }) as Invocable | undefined;
  } catch {
    // A model without structured output says so by throwing here; the reply is parsed as text.
    return undefined;
  }
}

function send(chat: Invocable, { messages, parameters, signal }: ChatRequest): Promise<unknown> {
  const turns = messages.map(({ role, content }) => ({ role, content }));
  const { stop } = parameters ?? {};
  return chat.invoke(
    turns,
    withoutAbsent<CallOptions>({ signal, stop: stop === undefined ? undefined : [...stop] }),
  );
}

function readReply(reply: unknown, priceOf?: PriceOf): ChatResponse {
  const message = isPlainObject(reply) && isObject(reply.raw) ? reply.raw : reply;
  const text = isObject(message) ? textOf(message) : undefined;
  if (!isObject(message) || text === undefined) {
    throw new AssayError("provider", "The LangChain model answered without a message.");
  }
  const metadata = member(message, "response_metadata");
  const refusal = member(member(message, "additional_kwargs"), "refusal");
  return withoutAbsent<ChatResponse>({
    text,
    model: firstText(member(metadata, "model_name"), member(metadata, "model")),
    finishReason: firstText(member(metadata, "finish_reason"), member(metadata, "stop_reason")),
    refusal: firstText(refusal),
    usage: usageOf(member(message, "usage_metadata"), priceOf),
  });
}

/** The text of a message, or the arguments of the tool that stands for a schema. */
function textOf(message: object): string | undefined {
  const content: unknown = Reflect.get(message, "content");
  const parts = Array.isArray(content) ? content : undefined;
  const text =
    typeof content === "string"
      ? content
      : parts?.map((part: unknown) => firstText(member(part, "text")) ?? "").join("");
  if (text !== "") return text;
  const calls: unknown = Reflect.get(message, "tool_calls");
  const [call] = Array.isArray(calls) ? (calls as { args?: JsonObject }[]) : [];
  return call?.args === undefined ? text : JSON.stringify(call.args);
}

function usageOf(usage: unknown, priceOf?: PriceOf): Usage | undefined {
  if (!isObject(usage)) return undefined;
  const count = (name: string) => tokenCount(Reflect.get(usage, name));
  return knownUsage(
    { inputTokens: count("input_tokens"), outputTokens: count("output_tokens") },
    priceOf,
  );
}

function nameOf(chat: LangChainChatModel): string {
  const own = firstText(Reflect.get(chat, "model"), Reflect.get(chat, "modelName"));
  return own ?? chat._llmType();
}

function parametersOf(chat: LangChainChatModel): ChatParameters {
  const number = (...names: string[]) =>
    names.map((name) => Reflect.get(chat, name)).find((value) => typeof value === "number") as
      | number
      | undefined;
  return withoutAbsent({
    temperature: number("temperature"),
    topP: number("topP"),
    maxTokens: number("maxTokens"),
  });
}

function nameOfError(error: unknown): unknown {
  return error instanceof Error ? error.name : undefined;
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === "string" && value !== "");
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
