import { AssayError, type JsonValue, type Row, soleInput } from "../core/index.ts";
import { type ChatModel, resolveModel } from "../models/index.ts";
import { langchainTracer } from "../tracing/langchain/index.ts";
import type { EvaluateOptions, Model, ModelContext, RunnableLike } from "./options.ts";
import { toOutputs } from "./outputs.ts";
import { placeholders, renderPrompt } from "./prompt.ts";

/** Answers one trial of one row. */
export interface Predictor {
  /** What the model is called, for the run's record. */
  readonly name: string;
  /** Said to people beside the name, e.g. that it is not an LLM. */
  readonly note?: string;
  /** @throws {AssayError} `invalid-argument` when the row cannot be put to this model. */
  check(row: Row): void;
  predict(row: Row, context: ModelContext): Promise<JsonValue>;
}

/**
 * The model under test, ready to answer; `undefined` for a static dataset.
 *
 * @throws {AssayError} `configuration` for a missing SDK or key, `invalid-argument` for a bad URI.
 */
export async function openPredictor(
  model: Model | undefined,
  options: EvaluateOptions,
): Promise<Predictor | undefined> {
  if (model === undefined) return undefined;
  if (typeof model === "string") return chatPredictor(model, options);
  if (isRunnable(model)) return runnablePredictor(model);
  if (typeof model === "function") {
    return {
      name: model.name || "function",
      check: () => undefined,
      predict: async (row, context) => toOutputs(await model(row.inputs, context)),
    };
  }
  throw new AssayError(
    "invalid-argument",
    "Expected `model` to be a function, a LangChain Runnable or a model URI such as openai:/gpt-4o-mini",
  );
}

// A Runnable is asked for before a function: some of LangChain's are callable as well.
function isRunnable(model: Exclude<Model, string>): model is RunnableLike {
  return "invoke" in model && typeof model.invoke === "function";
}

function runnablePredictor(runnable: RunnableLike): Predictor {
  const isLanguageModel = "_modelType" in runnable || "_llmType" in runnable;
  return {
    name: runnable.constructor.name || "Runnable",
    check: () => undefined,
    predict: async (row, { signal }) => {
      const input = isLanguageModel ? soleInput(row.inputs) : row.inputs;
      return toOutputs(await runnable.invoke(input, { callbacks: [langchainTracer()], signal }));
    },
  };
}

async function chatPredictor(uri: string, options: EvaluateOptions): Promise<Predictor> {
  const { env = process.env, prompt, parameters } = options;
  const chat: ChatModel = await resolveModel(uri, { env });
  return {
    name: uri,
    ...(chat.note !== undefined && { note: chat.note }),
    check: (row) => void userText(row, prompt),
    predict: async (row, { signal }) => {
      const content = userText(row, prompt);
      const response = await chat.generate({
        messages: [{ role: "user", content }],
        ...(parameters !== undefined && { parameters }),
        signal,
      });
      if (response.refusal !== undefined) {
        throw new AssayError("provider", `The model refused to answer: ${response.refusal}`);
      }
      return response.text;
    },
  };
}

function userText({ inputs, context }: Row, prompt: string | undefined): string {
  if (prompt !== undefined) {
    return renderPrompt(prompt, context === undefined ? inputs : { context, ...inputs });
  }
  const sole = soleInput(inputs);
  if (typeof sole === "string") return sole;
  throw new AssayError(
    "invalid-argument",
    `A model URI needs a prompt for rows with several inputs; say which with prompt (--prompt), e.g. "${placeholders(inputs)}"`,
  );
}
