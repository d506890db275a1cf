import { ATTRIBUTES } from "../../otlp/index.ts";
import { parameterRecord } from "../recorders/parameters.ts";
import { list } from "../recorders/parts.ts";
import type { CallShape } from "../recorders/record-call.ts";
import { ChatAccumulator } from "./chat-accumulator.ts";
import { chatAnswer } from "./chat-answer.ts";

/** OpenAI's old completions, which take a prompt and no messages. */
export const completions: CallShape = {
  operation: "text_completion",
  type: "LLM",
  request: (body, withContent) => ({
    ...parameterRecord(body),
    ...(withContent && {
      [ATTRIBUTES.inputMessages]: promptsOf(body.prompt).map((content) => ({
        role: "user",
        parts: [{ type: "text", content }],
      })),
    }),
  }),
  answer: (response) => chatAnswer(response, ({ text: content }) => ({ content })),
  accumulator: () => new ChatAccumulator(),
};

/** A text, several, or tokens, which are shown as the numbers that they are. */
function promptsOf(prompt: unknown): string[] {
  if (typeof prompt === "string") return [prompt];
  const prompts = list(prompt);
  if (prompts.every((one) => typeof one === "string")) return prompts as string[];
  return [JSON.stringify(prompts)];
}
