import { AssayError } from "../core/index.ts";
import type { ChatModel, ChatRequest, ChatResponse } from "../models/index.ts";

/** A text, a whole response, an error to throw, or a function of the request that gives one of these. */
export type ScriptedReply =
  | string
  | ChatResponse
  | Error
  | ((request: ChatRequest) => string | ChatResponse | Error);

export interface ScriptedChatModelOptions {
  /** One per call, in order. */
  readonly replies: readonly ScriptedReply[];
  /** Default `scripted-model`. */
  readonly model?: string;
}

export interface ScriptedChatModel extends ChatModel {
  /** The requests so far, in order. */
  readonly calls: readonly ChatRequest[];
}

/**
 * A chat model for tests: answers with its script and records what it was asked.
 *
 * @throws {AssayError} `invalid-argument`, from `generate`, on a call beyond the end of the script.
 */
export function scriptedChatModel(options: ScriptedChatModelOptions): ScriptedChatModel {
  const { replies, model = "scripted-model" } = options;
  const calls: ChatRequest[] = [];
  return {
    uri: `scripted:/${model}`,
    provider: "scripted",
    model,
    note: "scripted, for tests",
    calls,
    generate: async (request) => {
      calls.push(request);
      const scripted = replies[calls.length - 1];
      if (scripted === undefined) {
        throw new AssayError(
          "invalid-argument",
          `The scripted model was called ${calls.length} times, but its script has ${replies.length} replies; add one per call.`,
        );
      }
      const reply = typeof scripted === "function" ? scripted(request) : scripted;
      if (reply instanceof Error) throw reply;
      return typeof reply === "string" ? { text: reply, finishReason: "stop" } : reply;
    },
  };
}
