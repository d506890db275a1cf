import {
  AssayError,
  isAssayError,
  type ModelSettings,
  rememberSecret,
  withoutAbsent,
} from "../core/index.ts";
import { type AnthropicMessagesClient, anthropicModel } from "./anthropic.ts";
import { azureSettings } from "./azure.ts";
import { type ApiIdentity, cachedModel } from "./cached-model.ts";
import type { ChatModel } from "./chat-model.ts";
import { type ConnectionSettings, clientOptions } from "./connection.ts";
import { loadSdk } from "./load-sdk.ts";
import { lexicalJudge } from "./offline/lexical-judge.ts";
import { reader } from "./offline/reader.ts";
import { type OpenAIChatClient, openaiModel } from "./openai.ts";
import { type Endpoint, processLimiters, type RateLimiters } from "./pacing/limiters.ts";
import { Pacing, type PacingOptions } from "./pacing/pacing.ts";
import { priceOf } from "./prices.ts";
import { type ModelUri, parseModelUri } from "./uri.ts";

export interface ResolveModelOptions extends ModelSettings, ConnectionSettings {
  /** Where keys and base URLs are looked up; nothing else of the process's environment is read for them. */
  readonly env: { readonly [name: string]: string | undefined };
  /** Of one HTTP attempt, in milliseconds; default 120 000. */
  readonly timeoutMs?: number;
  /** After the first attempt, on 408, 409, 5xx and broken connections; default 6. A 429 is waited out, unless this is 0. */
  readonly maxRetries?: number;
  /** Default: those of this process, so that all its models share one limit per provider, key and model. */
  readonly limiters?: RateLimiters;
}

export const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * The model that a URI names, ready to be called.
 *
 * @throws {AssayError} `invalid-argument` for a bad URI; `configuration` for a missing key or SDK,
 *   before any call.
 */
export async function resolveModel(uri: string, options: ResolveModelOptions): Promise<ChatModel> {
  const parsed = parseModelUri(uri);
  if (parsed.provider === "offline") return parsed.model === "reader" ? reader() : lexicalJudge();
  if (parsed.provider === "anthropic") return resolveAnthropic(uri, parsed.model, options);
  if (parsed.provider === "azure") return resolveAzure(uri, parsed.model, options);
  return resolveOpenAI(uri, parsed, options);
}

async function resolveAnthropic(
  uri: string,
  model: string,
  options: ResolveModelOptions,
): Promise<ChatModel> {
  const { env } = options;
  const apiKey = keyFrom(env, "ANTHROPIC_API_KEY", uri);
  const sdk = await loadSdk("@anthropic-ai/sdk");
  const client = construct<AnthropicMessagesClient>(sdk, "@anthropic-ai/sdk", {
    apiKey,
    baseURL: env.ANTHROPIC_BASE_URL || null,
    // The SDK opens its own spans otherwise, beside the one of `withChatSpan`.
    openTelemetry: false,
    ...clientLimits(options),
    ...clientOptions(options),
  });
  const provider = "anthropic";
  const baseUrl = options.proxyUrl ?? client.baseURL;
  const identity = { provider, model, key: apiKey, baseUrl };
  const chat = anthropicModel(client, {
    model,
    uri,
    baseUrl,
    pacing: pacingFor(identity, options),
    priceOf: await priceOf({ uri, provider, model, prices: options.prices }),
  });
  return cached(chat, options, { baseUrl, shape: "anthropic-messages" });
}

async function resolveAzure(
  uri: string,
  deployment: string,
  options: ResolveModelOptions,
): Promise<ChatModel> {
  const { apiKey, endpoint, apiVersion } = azureSettings(options.env, uri);
  rememberSecret(apiKey);
  const sdk = await loadSdk("openai");
  const settings = {
    apiKey,
    endpoint,
    apiVersion,
    deployment,
    // Else the SDK reads OPENAI_BASE_URL, and refuses it beside an endpoint.
    baseURL: null,
    ...clientLimits(options),
    ...clientOptions(options),
  };
  const client = construct<OpenAIChatClient>(sdk, "openai", settings, "AzureOpenAI");
  const provider = "azure";
  const baseUrl = options.proxyUrl ?? `${endpoint}?${apiVersion}`;
  const chat = openaiModel(client, {
    model: deployment,
    uri,
    provider,
    baseUrl,
    pacing: pacingFor({ provider, model: deployment, key: apiKey, baseUrl }, options),
    priceOf: await priceOf({ uri, provider, model: deployment, prices: options.prices }),
    keyName: "AZURE_OPENAI_API_KEY",
  });
  return cached(chat, options, { baseUrl, shape: "openai-chat" });
}

async function resolveOpenAI(
  uri: string,
  parsed: OpenAIUri,
  options: ResolveModelOptions,
): Promise<ChatModel> {
  const { provider, model } = parsed;
  const connected = await connectOpenAI<OpenAIChatClient>(uri, parsed, options);
  const { client, pacing, keyName, baseUrl } = connected;
  const chat = openaiModel(client, {
    model,
    uri,
    provider,
    baseUrl,
    pacing,
    priceOf: await priceOf({ uri, provider, model, prices: options.prices }),
    keyName,
  });
  return cached(chat, options, { baseUrl, shape: "openai-chat" });
}

/** A URI whose server is spoken to through the "openai" package. */
export type OpenAIUri = Exclude<ModelUri, { provider: "anthropic" | "offline" | "azure" }>;

/** The client for a URI, with what its requests are paced and its errors explained by. */
export async function connectOpenAI<Client extends object>(
  uri: string,
  parsed: OpenAIUri,
  options: ResolveModelOptions,
): Promise<{
  readonly client: Client;
  readonly pacing: Pacing;
  readonly keyName: string;
  readonly baseUrl: string | undefined;
}> {
  const { env } = options;
  const { provider, model } = parsed;
  const compatible = provider === "openai-compatible";
  const keyName = compatible ? parsed.apiKeyEnv : "OPENAI_API_KEY";
  const apiKey = keyName === undefined ? undefined : keyFrom(env, keyName, uri);
  const sdk = await loadSdk("openai");
  const { defaultHeaders, ...connection } = clientOptions(options);
  const client = construct<Client & { readonly baseURL?: string }>(sdk, "openai", {
    apiKey: apiKey ?? "unused",
    // Another company's server is told neither a key it did not ask for nor the OpenAI account.
    defaultHeaders: { ...(apiKey === undefined && { Authorization: null }), ...defaultHeaders },
    ...connection,
    organization: compatible ? null : (env.OPENAI_ORG_ID ?? null),
    project: compatible ? null : (env.OPENAI_PROJECT_ID ?? null),
    baseURL: compatible ? parsed.baseUrl : env.OPENAI_BASE_URL || null,
    ...clientLimits(options),
  });
  const baseUrl = options.proxyUrl ?? client.baseURL;
  return {
    client,
    pacing: pacingFor({ provider, model, key: apiKey, baseUrl }, options),
    keyName: keyName ?? "whether the server wants a key (api_key_env)",
    baseUrl,
  };
}

function cached(chat: ChatModel, { cache }: ModelSettings, api: ApiIdentity): ChatModel {
  return cache === undefined ? chat : cachedModel(chat, cache, api);
}

export function pacingFor(
  endpoint: Endpoint,
  { limiters = processLimiters, budget, maxRetries }: ResolveModelOptions,
): Pacing {
  const limiter = limiters.of(endpoint);
  return new Pacing(withoutAbsent<PacingOptions>({ limiter, budget, maxRetries }));
}

function clientLimits({ timeoutMs }: ResolveModelOptions): object {
  return {
    timeout: timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxRetries: 0,
    // The SDKs log to stdout, request bodies included, when a variable of theirs asks for it.
    logLevel: "off",
  };
}

export function keyFrom(env: ResolveModelOptions["env"], name: string, uri: string): string {
  const key = env[name]?.trim();
  if (key) {
    rememberSecret(key);
    return key;
  }
  const other =
    name === "OPENAI_API_KEY" ? " For a server without a key use openai-compatible:/." : "";
  throw new AssayError(
    "configuration",
    `The model ${uri.replace(/\?.*$/s, "")} needs a key, and ${name} is not set; export ${name}=<your key>.${other}`,
  );
}

function construct<Client>(
  sdk: { readonly [name: string]: unknown },
  name: string,
  options: object,
  exported = "default",
): Client {
  try {
    return new (sdk[exported] as new (options: object) => Client)(options);
  } catch (cause) {
    if (isAssayError(cause)) throw cause;
    throw new AssayError(
      "configuration",
      `The installed "${name}" does not accept Assay's settings; run \`npm install ${name}@latest\`.`,
      { cause },
    );
  }
}
