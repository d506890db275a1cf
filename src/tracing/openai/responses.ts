import { ATTRIBUTES } from "../../otlp/index.ts";
import { parameterRecord, toolRecord } from "../recorders/parameters.ts";
import { members, text, textPart } from "../recorders/parts.ts";
import type { CallShape } from "../recorders/record-call.ts";
import { ResponsesAccumulator } from "./responses-accumulator.ts";
import { responsesAnswer } from "./responses-answer.ts";
import { inputMessages } from "./responses-items.ts";

/** OpenAI's Responses API. */
export const responses: CallShape = {
  operation: "chat",
  type: "CHAT_MODEL",
  request: (body, withContent) => {
    const conversation = text(body.conversation) ?? text(members(body.conversation).id);
    const instructions = text(body.instructions);
    const prompt = members(body.prompt);
    return {
      ...parameterRecord(body),
      ...(conversation !== undefined && { "gen_ai.conversation.id": conversation }),
      [ATTRIBUTES.promptName]: text(prompt.id),
      [ATTRIBUTES.promptVersion]: text(prompt.version),
      ...(withContent && {
        ...toolRecord(body.tools),
        ...(instructions && {
          [ATTRIBUTES.systemInstructions]: JSON.stringify([textPart(instructions)]),
        }),
        [ATTRIBUTES.inputMessages]: inputMessages(body.input),
      }),
    };
  },
  answer: responsesAnswer,
  accumulator: () => new ResponsesAccumulator(),
};
