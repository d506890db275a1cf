import { AssayError, type ScorerEnvironment } from "../core/index.ts";
import { type ChatModel, parseModelUri, resolveModel } from "../models/index.ts";

/** The model of one judge: given, or found when it is first needed. */
export interface JudgeModel {
  /** Resolves it for an evaluation; afterwards `get` and `identity` speak of that model. */
  prepare(environment: ScorerEnvironment): Promise<void>;
  /** The model, resolved from the process's environment where nothing prepared it. */
  get(): Promise<ChatModel>;
  /** What is known of it so far. */
  identity(): { readonly uri: string; readonly provider: string; readonly model: string };
}

const UNRESOLVED = { uri: "unresolved", provider: "unresolved", model: "unresolved" };

/** @param given - A model object or a URI; absent: the evaluation's judge model, else `ASSAY_JUDGE_MODEL`. */
export function judgeModel(judge: string, given: ChatModel | string | undefined): JudgeModel {
  let known =
    typeof given === "string" ? { uri: given, ...parseModelUri(given) } : (given ?? UNRESOLVED);
  let pending: Promise<ChatModel> | undefined;

  const resolve = async ({ env, judgeModel: preferred }: ScorerEnvironment): Promise<ChatModel> => {
    if (typeof given === "object") return given;
    const uri = given ?? preferred ?? env.ASSAY_JUDGE_MODEL;
    if (uri === undefined || uri === "") {
      throw new AssayError(
        "configuration",
        `Judge "${judge}" has no model; pass its \`model\` option, --judge-model, or set ASSAY_JUDGE_MODEL, for example to openai:/gpt-4o-mini.`,
      );
    }
    known = { uri, ...parseModelUri(uri) };
    return resolveModel(uri, { env });
  };
  const start = (environment: ScorerEnvironment): Promise<ChatModel> => {
    const resolving = resolve(environment);
    pending = resolving;
    // A failure is not remembered: the next call may find the key set.
    resolving.catch(() => {
      if (pending === resolving) pending = undefined;
    });
    return resolving;
  };
  return {
    prepare: async (environment) => void (await start(environment)),
    get: () => pending ?? start({ env: process.env }),
    identity: () => ({ uri: known.uri, provider: known.provider, model: known.model }),
  };
}
