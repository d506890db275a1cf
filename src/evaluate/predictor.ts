import {
  AssayError,
  type CallEstimate,
  checkParameters,
  type JsonObject,
  type JsonValue,
  type Row,
  soleInput,
  toJsonValue,
  type Usage,
  withoutAbsent,
} from "../core/index.ts";
import {
  ANSWER_TOKENS,
  type ChatModel,
  estimateTokens,
  isEndpointUri,
  resolveEndpoint,
  resolveModel,
} from "../models/index.ts";
import { langchainTracer } from "../tracing/langchain/index.ts";
import { endpointPredictor } from "./endpoint-predictor.ts";
import { messagesFor } from "./messages-for.ts";
import { modelSettings } from "./model-settings.ts";
import type { EvaluateOptions, Model, ModelContext, RunnableLike } from "./options.ts";
import { toOutputs } from "./outputs.ts";
import { isRegisteredModel, noRegistry } from "./registered-model.ts";

export interface Answer {
  readonly outputs: JsonValue;
  /** Where the model itself tells; a trace may tell more. */
  readonly usage?: Usage;
  /** The answer was there already. */
  readonly isCached?: true;
  readonly saved?: Usage;
}

/** Answers one trial of one row. */
export interface Predictor {
  /** What the model is called, for the run's record. */
  readonly name: string;
  /** Said to people beside the name, e.g. that it is not an LLM. */
  readonly notes: readonly string[];
  /** What the call for a row is expected to use; absent where only the caller's own code knows. */
  readonly estimate?: (row: Row) => CallEstimate;
  /** @throws {AssayError} `invalid-argument` when the row cannot be put to this model. */
  check(row: Row): void;
  /** @param purpose - What the answer is for: one that was kept for the same purpose was paid for by the same run. */
  predict(row: Row, context: ModelContext, purpose: string): Promise<Answer>;
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
  if (typeof model === "string") return uriPredictor(model, options);
  const notes: string[] = [];
  if (options.prompt !== undefined) notes.push("prompt is not used: only a model URI takes one");
  if (options.parameters !== undefined) {
    notes.push("parameters are not used: only a model URI takes them");
  }
  if (isRunnable(model)) return runnablePredictor(model, notes);
  if (typeof model === "function") {
    return {
      name: model.name || "function",
      notes,
      check: () => undefined,
      predict: async (row, context) => ({
        // A copy: what the model does to its inputs must not become the stored row.
        outputs: await toOutputs(
          await model(toJsonValue(row.inputs) as JsonObject, context),
          context,
        ),
      }),
    };
  }
  throw new AssayError(
    "invalid-argument",
    "Expected `model` to be a function, a LangChain Runnable, a model URI such as openai:/gpt-4o-mini or the address of an endpoint",
  );
}

// A Runnable is asked for before a function: some of LangChain's are callable as well.
export function isRunnable(model: unknown): model is RunnableLike {
  const isObject = (typeof model === "object" && model !== null) || typeof model === "function";
  return isObject && "invoke" in model && typeof model.invoke === "function";
}

function runnablePredictor(runnable: RunnableLike, notes: readonly string[]): Predictor {
  const takes = takesOf(runnable);
  return {
    name: runnable.getName?.() ?? (runnable.constructor.name || "Runnable"),
    notes,
    check: (row) => checkInput(row, takes),
    predict: async (row, context) => {
      const { signal } = context;
      const input = inputFor(row, takes);
      const returned = await runnable.invoke(input, { callbacks: [langchainTracer()], signal });
      return { outputs: await toOutputs(returned, context) };
    },
  };
}

/** What a Runnable is to be given of a row. */
type Takes = "inputs" | "text" | "conversation";

function takesOf(runnable: object): Takes {
  // Around it there may be its configuration, or what tries it again.
  if ("bound" in runnable && typeof runnable.bound === "object" && runnable.bound !== null) {
    return takesOf(runnable.bound);
  }
  if ("_getRelevantDocuments" in runnable) return "text";
  return "_modelType" in runnable || "_llmType" in runnable ? "conversation" : "inputs";
}

/** The messages of a row that has some, where they are understood, else its sole input. */
function inputFor({ inputs }: Row, takes: Takes): JsonValue {
  if (takes === "inputs") return inputs;
  const { messages } = inputs;
  return takes === "conversation" && Array.isArray(messages) ? messages : soleInput(inputs);
}

/** @throws {AssayError} `invalid-argument` for what the chat models and retrievers of LangChain do not take. */
function checkInput(row: Row, takes: Takes): void {
  const input = inputFor(row, takes);
  const names = Object.keys(row.inputs).join(", ");
  if (takes === "text" && typeof input !== "string") {
    throw new AssayError(
      "invalid-argument",
      `A retriever of LangChain takes one text, and the row has ${names}; give a function that makes it: (inputs) => retriever.invoke(…)`,
    );
  }
  if (takes === "conversation" && typeof input !== "string" && !Array.isArray(input)) {
    throw new AssayError(
      "invalid-argument",
      `A chat model of LangChain takes one text or messages, and the row has ${names}; put a prompt before it: prompt.pipe(model)`,
    );
  }
}

async function uriPredictor(uri: string, options: EvaluateOptions): Promise<Predictor> {
  const settings = {
    env: options.env ?? process.env,
    ...modelSettings(options, "model under test"),
  };
  if (isRegisteredModel(uri)) throw noRegistry(uri);
  if (!isEndpointUri(uri)) return chatPredictor(uri, await resolveModel(uri, settings), options);
  const found = await resolveEndpoint(uri, settings);
  return found.kind === "chat"
    ? chatPredictor(found.chat.uri, found.chat, options)
    : endpointPredictor(found.endpoint, options);
}

function chatPredictor(uri: string, chat: ChatModel, options: EvaluateOptions): Predictor {
  const { prompt, parameters } = options;
  checkParameters(`Model ${uri}`, parameters);
  return {
    name: uri,
    notes: chat.note === undefined ? [] : [`${uri}: ${chat.note}`],
    check: (row) => void messagesFor(row, prompt),
    estimate: (row) => ({
      model: uri,
      inputTokens: messagesFor(row, prompt).reduce(
        (sum, { content }) => sum + estimateTokens(content),
        0,
      ),
      outputTokens: parameters?.maxTokens ?? ANSWER_TOKENS,
    }),
    predict: async (row, { signal, trial }, purpose) => {
      const { text, refusal, usage, isCached, saved } = await chat.generate({
        messages: messagesFor(row, prompt),
        ...(parameters !== undefined && { parameters }),
        trial,
        purpose,
        signal,
      });
      if (refusal !== undefined) {
        throw new AssayError("provider", `The model refused to answer: ${refusal}`);
      }
      return withoutAbsent<Answer>({ outputs: text, usage, isCached, saved });
    },
  };
}
