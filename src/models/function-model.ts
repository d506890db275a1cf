import { AssayError, describeError, isAssayError } from "../core/index.ts";
import type { ChatModel, ChatRequest, ChatResponse } from "./chat-model.ts";
import { withChatSpan } from "./with-chat-span.ts";

/** A model as a plain function: takes the prompt, gives the reply, or a whole response. */
export type ChatFunction = (
  prompt: string,
  request: ChatRequest,
) => string | ChatResponse | Promise<string | ChatResponse>;

/**
 * A function as a chat model, for a provider that none of the adapters knows.
 *
 * What it throws is a failure of that call alone, unless it is an AssayError.
 *
 * @param name - How it is recorded: judges with functions of different names are different judges.
 */
export function functionModel(answer: ChatFunction, name: string = answer.name): ChatModel {
  if (name.trim() === "") {
    throw new AssayError(
      "invalid-argument",
      "Expected a model function with a name, which its judges are identified by; use functionModel(fn, name).",
    );
  }
  const provider = "function";
  const identity = { uri: `${provider}:/${name}`, provider, model: name };
  return {
    ...identity,
    generate: (request) =>
      withChatSpan(identity, request, async () => {
        try {
          const prompt = request.messages.map(({ content }) => content).join("\n\n");
          const reply = await answer(prompt, request);
          return typeof reply === "string" ? { text: reply } : reply;
        } catch (error) {
          if (isAssayError(error)) throw error;
          if (request.signal?.aborted) throw request.signal.reason;
          throw new AssayError("provider", `${name} threw ${describeError(error)}`, {
            cause: error,
          });
        }
      }),
  };
}
