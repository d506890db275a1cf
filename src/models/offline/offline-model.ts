import { AssayError } from "../../core/index.ts";
import type { ChatModel, ChatRequest } from "../chat-model.ts";
import { withChatSpan } from "../with-chat-span.ts";

/** A deterministic model without a network. Its usage is absent: no token was spent. */
export function offlineModel(name: string, answer: (request: ChatRequest) => string): ChatModel {
  const identity = { uri: `offline:/${name}`, provider: "offline", model: name };
  return {
    ...identity,
    note: "offline baseline, not an LLM",
    generate: (request) =>
      withChatSpan(identity, request, async () => {
        if (request.signal?.aborted) {
          throw new AssayError("cancelled", `The call of ${identity.uri} was cancelled.`);
        }
        return { text: answer(request), model: name, finishReason: "stop" };
      }),
  };
}
