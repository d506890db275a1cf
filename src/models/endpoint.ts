import {
  AssayError,
  type JsonObject,
  type JsonValue,
  rememberSecret,
  soleInput,
  withoutAbsent,
} from "../core/index.ts";
import { cachedModel } from "./cached-model.ts";
import type { ChatModel, ChatParameters } from "./chat-model.ts";
import { type EndpointUri, type Payload, parseEndpointUri } from "./endpoint-uri.ts";
import { toAssayError } from "./errors.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { type OpenAIChatClient, openaiModel } from "./openai.ts";
import type { Pacing } from "./pacing/pacing.ts";
import { postJson } from "./post-json.ts";
import { priceOf } from "./prices.ts";
import { DEFAULT_TIMEOUT_MS, keyFrom, pacingFor, type ResolveModelOptions } from "./resolve.ts";

/** A model that scores rows over HTTP, as MLflow's scoring server does. */
export interface ScoringEndpoint {
  /** The address without its query. */
  readonly shown: string;
  /**
   * What the model answers for one row.
   *
   * @throws {AssayError} as {@link ChatModel.generate}.
   */
  predict(request: ScoringRequest): Promise<JsonValue>;
}

export interface ScoringRequest {
  readonly inputs: JsonObject;
  readonly parameters?: ChatParameters;
  readonly signal?: AbortSignal;
}

/**
 * The model behind an endpoint: one that takes conversations (`/chat/completions`), or one that takes rows
 * (`/invocations`). Both are paced and repeated as the providers' models are.
 *
 * @throws {AssayError} `invalid-argument` for a bad address, `configuration` for a key that is not set.
 */
export async function resolveEndpoint(
  uri: string,
  options: ResolveModelOptions,
): Promise<
  | { readonly kind: "chat"; readonly chat: ChatModel }
  | { readonly kind: "rows"; readonly endpoint: ScoringEndpoint }
> {
  const parsed = parseEndpointUri(uri);
  const { shown, apiKeyEnv, payload, model = "default" } = parsed;
  const key = apiKeyEnv === undefined ? undefined : keyFrom(options.env, apiKeyEnv, shown);
  if (key !== undefined) rememberSecret(key);
  const connection: Connection = {
    parsed,
    headers: headersOf(parsed, key),
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    pacing: pacingFor({ provider: "endpoint", baseUrl: parsed.url, key, model }, options),
    ...(key !== undefined && { key }),
  };
  if (payload !== "chat") {
    return { kind: "rows", endpoint: scoringEndpoint(connection, payload) };
  }
  const provider = `endpoint ${shown}`;
  const prices = await priceOf({ uri: shown, provider, model, prices: options.prices });
  const chat = openaiModel(chatClient(connection), {
    model,
    uri: shown,
    provider,
    baseUrl: parsed.url,
    pacing: connection.pacing,
    priceOf: prices,
    keyName: apiKeyEnv ?? KEY_ADVICE,
  });
  const api = { baseUrl: parsed.url, shape: "openai-chat" };
  const { cache } = options;
  return { kind: "chat", chat: cache === undefined ? chat : cachedModel(chat, cache, api) };
}

interface Connection {
  readonly parsed: EndpointUri;
  readonly headers: { readonly [name: string]: string };
  readonly timeoutMs: number;
  readonly pacing: Pacing;
  readonly key?: string;
}

const KEY_ADVICE = "whether the endpoint wants a key (api_key_env)";

function headersOf({ apiKeyHeader }: EndpointUri, key: string | undefined) {
  if (key === undefined) return {};
  return apiKeyHeader === undefined
    ? { authorization: `Bearer ${key}` }
    : { [apiKeyHeader.toLowerCase()]: key };
}

/** The part of the OpenAI SDK's client that posts to the very address given. */
function chatClient({ parsed, headers, timeoutMs, key }: Connection): OpenAIChatClient {
  const create: OpenAIChatClient["chat"]["completions"]["create"] = (body, { signal } = {}) => {
    const sent = postJson({ url: parsed.url, headers, body, signal, timeoutMs });
    const reply = sent.then((answer) => answer.reply);
    // Who asks for the headers as well is told of a failure there.
    reply.catch(() => undefined);
    return Object.assign(reply, {
      withResponse: async () => {
        const answer = await sent;
        return { data: answer.reply, response: { headers: answer.headers } };
      },
    });
  };
  return { chat: { completions: { create } }, ...(key !== undefined && { apiKey: key }) };
}

function scoringEndpoint(
  { parsed, headers, timeoutMs, pacing, key }: Connection,
  payload: Exclude<Payload, "chat">,
): ScoringEndpoint {
  const { url, shown, apiKeyEnv } = parsed;
  return {
    shown,
    predict: async ({ inputs, parameters, signal }) => {
      const body = bodyOf(payload, inputs, parameters);
      const text = JSON.stringify(inputs);
      try {
        const reply = await pacing.run({
          send: (attempt) => postJson({ url, headers, body, signal: attempt, timeoutMs }),
          tokens: estimateTokens(text) + (parameters?.maxTokens ?? 0),
          maxTokens: parameters?.maxTokens,
          tokensOf: () => undefined,
          signal,
        });
        return predictionOf(reply, shown);
      } catch (error) {
        throw toAssayError(
          error,
          withoutAbsent({
            provider: `endpoint ${shown}`,
            model: "of this path",
            keyName: apiKeyEnv ?? KEY_ADVICE,
            key,
            // So that a refusal that quotes the row is not quoted in turn.
            request: withoutAbsent({
              messages: textsIn(inputs).map((content) => ({ role: "user" as const, content })),
              signal,
            }),
          }),
        );
      }
    },
  };
}

function textsIn(inputs: JsonObject): string[] {
  const texts = Object.values(inputs).filter((value) => typeof value === "string");
  return [...texts, JSON.stringify(inputs)];
}

/** One row in one of the forms that MLflow's scoring server takes. */
function bodyOf(
  payload: Exclude<Payload, "chat">,
  inputs: JsonObject,
  parameters: ChatParameters | undefined,
): JsonObject {
  const params = parameters === undefined ? {} : { params: paramsOf(parameters) };
  switch (payload) {
    case "dataframe_split":
      return {
        dataframe_split: { columns: Object.keys(inputs), data: [Object.values(inputs)] },
        ...params,
      };
    case "dataframe_records":
      return { dataframe_records: [inputs], ...params };
    case "instances":
      return { instances: [instanceOf(inputs)], ...params };
    case "inputs": {
      const sole = instanceOf(inputs);
      const columns = Object.entries(inputs).map(([name, value]) => [name, [value]]);
      return { inputs: sole === inputs ? Object.fromEntries(columns) : [sole], ...params };
    }
  }
}

/** A model of texts takes them bare. */
function instanceOf(inputs: JsonObject): JsonValue {
  const isSole = Object.keys(inputs).length === 1;
  const sole = soleInput(inputs);
  return isSole && typeof sole === "string" ? sole : inputs;
}

function paramsOf({ temperature, topP, maxTokens, seed, stop }: ChatParameters): JsonObject {
  return withoutAbsent({
    temperature,
    top_p: topP,
    max_tokens: maxTokens,
    seed,
    stop: stop && [...stop],
  });
}

/** The answer for the one row that was sent: `predictions`, or what older servers and chat models give. */
function predictionOf(reply: unknown, shown: string): JsonValue {
  const answer = reply as JsonValue;
  const isObject = typeof answer === "object" && answer !== null && !Array.isArray(answer);
  const predictions = isObject ? (answer as JsonObject).predictions : answer;
  if (Array.isArray(predictions)) {
    if (predictions.length === 1) return predictions[0] as JsonValue;
    throw new AssayError(
      "provider",
      `endpoint ${shown} gave ${predictions.length} predictions for one row.`,
    );
  }
  if (predictions !== undefined) return predictions;
  const said = saidIn(answer as JsonObject);
  if (said !== undefined) return said;
  throw new AssayError(
    "provider",
    `endpoint ${shown} answered without "predictions"; check its path, or whether it takes payload=chat.`,
  );
}

function saidIn({ choices }: JsonObject): string | undefined {
  const [choice] = Array.isArray(choices) ? (choices as readonly Choice[]) : [];
  return typeof choice?.message?.content === "string" ? choice.message.content : undefined;
}

interface Choice {
  readonly message?: { readonly content?: unknown };
}
