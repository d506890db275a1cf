import { ATTRIBUTES } from "../../otlp/index.ts";
import { parameterRecord, toolRecord } from "../recorders/parameters.ts";
import { list } from "../recorders/parts.ts";
import type { CallShape } from "../recorders/record-call.ts";
import { ChatAccumulator } from "./chat-accumulator.ts";
import { chatAnswer } from "./chat-answer.ts";
import { chatMessage } from "./chat-messages.ts";

/** OpenAI's chat completions, and everybody's who copies them. */
export const chatCompletions: CallShape = {
  operation: "chat",
  type: "CHAT_MODEL",
  request: (body, withContent) => ({
    ...parameterRecord(body),
    ...(withContent && {
      ...toolRecord(body.tools),
      [ATTRIBUTES.inputMessages]: list(body.messages).map(chatMessage),
    }),
  }),
  answer: chatAnswer,
  accumulator: () => new ChatAccumulator(),
};
