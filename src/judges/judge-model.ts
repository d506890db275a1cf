import { AssayError, type ScorerEnvironment } from "../core/index.ts";
import { type ChatModel, parseModelUri, resolveModel } from "../models/index.ts";

/** What identifies the model that a judge asks for. */
export type ModelIdentity = Pick<ChatModel, "uri" | "provider" | "model">;

/** @throws {AssayError} `invalid-argument` for a malformed URI. */
export function identityOf(given: ChatModel | string): ModelIdentity {
  if (typeof given !== "string") return given;
  const { provider, model } = parseModelUri(given);
  return { uri: given, provider, model };
}

/**
 * The model of a judge: the one given, else the evaluation's judge model, else `ASSAY_JUDGE_MODEL`.
 *
 * @throws {AssayError} `configuration` when none is named, or its key or SDK is missing.
 */
export async function resolveJudgeModel(
  judge: string,
  given: ChatModel | string | undefined,
  { env, judgeModel, models }: ScorerEnvironment,
): Promise<ChatModel> {
  if (typeof given === "object") return given;
  const uri = given ?? judgeModel ?? env.ASSAY_JUDGE_MODEL;
  if (uri === undefined || uri === "") {
    throw new AssayError(
      "configuration",
      `Judge "${judge}" has no model; pass its \`model\` option, --judge-model, or set ASSAY_JUDGE_MODEL, for example to openai:/gpt-4o-mini.`,
    );
  }
  return resolveModel(uri, { env, ...models });
}
