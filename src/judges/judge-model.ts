import { AssayError, type ScorerEnvironment } from "../core/index.ts";
import {
  type ChatFunction,
  type ChatModel,
  type ConnectionSettings,
  functionModel,
  isEndpointUri,
  isLangChainModel,
  type LangChainChatModel,
  langchainModel,
  parseModelUri,
  resolveEndpoint,
  resolveModel,
} from "../models/index.ts";

/** A judge's model: a URI, a chat model of ours, one of LangChain, or a function of the prompt. */
export type JudgeModel = string | ChatModel | LangChainChatModel | ChatFunction;

/** What identifies the model that a judge asks for. */
export type ModelIdentity = Pick<ChatModel, "uri" | "provider" | "model" | "ownParameters">;

/** @throws {AssayError} `invalid-argument` for what is no model. */
export function toModel(given: JudgeModel): string | ChatModel {
  if (typeof given === "function") return functionModel(given);
  if (isLangChainModel(given)) return langchainModel(given);
  if (typeof given === "string" || typeof given?.generate === "function") return given;
  throw new AssayError(
    "invalid-argument",
    'Expected a judge\'s `model` to be a URI such as "openai:/gpt-4o-mini", a chat model, a LangChain chat model or a function.',
  );
}

/** @throws {AssayError} `invalid-argument` for a malformed URI. */
export function identityOf(given: JudgeModel): ModelIdentity {
  const model = toModel(given);
  if (typeof model !== "string") return model;
  if (isEndpointUri(model)) {
    const shown = model.replace(/\?.*$/s, "");
    return { uri: shown, provider: "endpoint", model: shown };
  }
  const parsed = parseModelUri(model);
  return { uri: model, provider: parsed.provider, model: parsed.model };
}

/**
 * The model of a judge: the one given, else the evaluation's judge model, else `ASSAY_JUDGE_MODEL`.
 *
 * @throws {AssayError} `configuration` when none is named, or its key or SDK is missing;
 *   `invalid-argument` for headers or a proxy beside a model that is called by its owner's client.
 */
export async function resolveJudgeModel(
  judge: string,
  given: JudgeModel | undefined,
  { env, judgeModel, models }: ScorerEnvironment,
  connection: ConnectionSettings = {},
): Promise<ChatModel> {
  const own = given === undefined ? undefined : toModel(given);
  if (typeof own === "object") return own;
  const uri = own ?? judgeModel ?? env.ASSAY_JUDGE_MODEL;
  if (uri === undefined || uri === "") {
    throw new AssayError(
      "configuration",
      `Judge "${judge}" has no model; pass its \`model\` option, --judge-model, or set ASSAY_JUDGE_MODEL, for example to openai:/gpt-4o-mini.`,
    );
  }
  if (!isEndpointUri(uri)) return resolveModel(uri, { env, ...models, ...connection });
  const endpoint = await resolveEndpoint(uri, { env, ...models });
  if (endpoint.kind === "chat") return endpoint.chat;
  throw new AssayError(
    "configuration",
    `Judge "${judge}" needs a chat model, and the endpoint ${endpoint.endpoint.shown} takes rows; name one that ends in /chat/completions, or add payload=chat.`,
  );
}
