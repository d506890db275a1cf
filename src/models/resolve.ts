import { AssayError, isAssayError, rememberSecret } from "../core/index.ts";
import { type AnthropicMessagesClient, anthropicModel } from "./anthropic.ts";
import type { ChatModel } from "./chat-model.ts";
import { loadSdk } from "./load-sdk.ts";
import { lexicalJudge } from "./offline/lexical-judge.ts";
import { reader } from "./offline/reader.ts";
import { type OpenAIChatClient, openaiModel } from "./openai.ts";
import { type ModelUri, parseModelUri } from "./uri.ts";

export interface ResolveModelOptions {
  /** Where keys and base URLs are looked up; nothing else of the process's environment is read for them. */
  readonly env: { readonly [name: string]: string | undefined };
  /** Aborts every call of the model, beside the signal of each request. */
  readonly signal?: AbortSignal;
  /** Of one HTTP attempt, in milliseconds; default 120 000. */
  readonly timeoutMs?: number;
  /** After the first attempt, on 408, 409, 429, 5xx and broken connections; default: the SDK's own, 2. */
  readonly maxRetries?: number;
}

const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * The model that a URI names, ready to be called.
 *
 * @throws {AssayError} `invalid-argument` for a bad URI; `configuration` for a missing key or SDK,
 *   before any call.
 */
export async function resolveModel(uri: string, options: ResolveModelOptions): Promise<ChatModel> {
  const parsed = parseModelUri(uri);
  if (parsed.provider === "offline") return parsed.model === "reader" ? reader() : lexicalJudge();
  const model =
    parsed.provider === "anthropic"
      ? await resolveAnthropic(uri, parsed.model, options)
      : await resolveOpenAI(uri, parsed, options);
  return options.signal === undefined ? model : abortedBy(options.signal, model);
}

async function resolveAnthropic(
  uri: string,
  model: string,
  { env, ...limits }: ResolveModelOptions,
): Promise<ChatModel> {
  const apiKey = keyFrom(env, "ANTHROPIC_API_KEY", uri);
  const sdk = await loadSdk("@anthropic-ai/sdk");
  const client = construct<AnthropicMessagesClient>(sdk, "@anthropic-ai/sdk", {
    apiKey,
    baseURL: env.ANTHROPIC_BASE_URL || null,
    // The SDK opens its own spans otherwise, beside the one of `withChatSpan`.
    openTelemetry: false,
    ...clientLimits(limits),
  });
  return anthropicModel(client, { model, uri });
}

async function resolveOpenAI(
  uri: string,
  parsed: Exclude<ModelUri, { provider: "anthropic" | "offline" }>,
  { env, ...limits }: ResolveModelOptions,
): Promise<ChatModel> {
  const { provider, model } = parsed;
  const compatible = provider === "openai-compatible";
  const keyName = compatible ? parsed.apiKeyEnv : "OPENAI_API_KEY";
  const apiKey = keyName === undefined ? undefined : keyFrom(env, keyName, uri);
  const sdk = await loadSdk("openai");
  const client = construct<OpenAIChatClient>(sdk, "openai", {
    apiKey: apiKey ?? "unused",
    // Another company's server is told neither a key it did not ask for nor the OpenAI account.
    ...(apiKey === undefined ? { defaultHeaders: { Authorization: null } } : {}),
    organization: compatible ? null : (env.OPENAI_ORG_ID ?? null),
    project: compatible ? null : (env.OPENAI_PROJECT_ID ?? null),
    baseURL: compatible ? parsed.baseUrl : env.OPENAI_BASE_URL || null,
    ...clientLimits(limits),
  });
  return openaiModel(client, {
    model,
    uri,
    provider,
    keyName: keyName ?? "whether the server wants a key (api_key_env)",
  });
}

function clientLimits({ timeoutMs, maxRetries }: Omit<ResolveModelOptions, "env">): object {
  return {
    timeout: timeoutMs ?? DEFAULT_TIMEOUT_MS,
    ...(maxRetries === undefined ? {} : { maxRetries }),
    // The SDKs log to stdout, request bodies included, when a variable of theirs asks for it.
    logLevel: "off",
  };
}

function keyFrom(env: ResolveModelOptions["env"], name: string, uri: string): string {
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
): Client {
  try {
    return new (sdk.default as new (options: object) => Client)(options);
  } catch (cause) {
    if (isAssayError(cause)) throw cause;
    throw new AssayError(
      "configuration",
      `The installed "${name}" does not accept Assay's settings; run \`npm install ${name}@latest\`.`,
      { cause },
    );
  }
}

function abortedBy(signal: AbortSignal, model: ChatModel): ChatModel {
  return {
    ...model,
    generate: (request) =>
      model.generate({
        ...request,
        signal: request.signal === undefined ? signal : AbortSignal.any([signal, request.signal]),
      }),
  };
}
