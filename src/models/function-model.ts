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
          return typeof reply === "string" ? { text: reply } : responseOf(reply, name);
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

/** The function may be anyone's JavaScript. */
function responseOf(reply: unknown, name: string): ChatResponse {
  if (hasText(reply)) return reply;
  throw new AssayError(
    "provider",
    `Expected the model function ${name} to return a text or a response with \`text\`, got ${kindOf(reply)}.`,
  );
}

function hasText(reply: unknown): reply is ChatResponse {
  return (
    typeof reply === "object" && reply !== null && "text" in reply && typeof reply.text === "string"
  );
}

function kindOf(reply: unknown): string {
  if (reply === undefined) return "nothing: it may lack a `return`";
  if (reply === null) return "null";
  if (Array.isArray(reply)) return "a list";
  if (typeof reply !== "object") return `a ${typeof reply}`;
  return `an object whose keys are ${Object.keys(reply).slice(0, 5).join(", ") || "none"}`;
}
