import type { Attributes } from "@opentelemetry/api";
import { ATTRIBUTES } from "../../otlp/index.ts";
import { parameterAttributes, toolAttributes } from "../recorders/parameters.ts";
import { list } from "../recorders/parts.ts";
import type { CallShape } from "../recorders/record-call.ts";
import { ChatAccumulator } from "./chat-accumulator.ts";
import { chatAnswer } from "./chat-answer.ts";
import { chatMessage } from "./chat-messages.ts";

/** OpenAI's chat completions, and everybody's who copies them. */
export const chatCompletions: CallShape = {
  operation: "chat",
  type: "CHAT_MODEL",
  request: (body, withContent): Attributes => ({
    ...parameterAttributes(body),
    ...(withContent && {
      ...toolAttributes(body.tools),
      [ATTRIBUTES.inputMessages]: JSON.stringify(list(body.messages).map(chatMessage)),
    }),
  }),
  answer: chatAnswer,
  accumulator: () => new ChatAccumulator(),
};
