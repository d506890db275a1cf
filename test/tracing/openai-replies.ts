import type { ProviderReply } from "../support/provider-server.ts";

const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
let count = 0;

/** Each answer has an id of its own: LangGraph takes messages of one id for the same. */
const common = () => ({ id: `chatcmpl-${++count}`, created: 0, model: "test-model-2026" });

/** A chat completion with a text, or with a call of a tool instead. */
export function completionOf(
  content: string,
  toolCall?: { readonly id?: string; readonly name: string; readonly arguments: object },
): ProviderReply {
  const call = toolCall && {
    id: toolCall.id ?? "call_1",
    type: "function",
    function: { name: toolCall.name, arguments: JSON.stringify(toolCall.arguments) },
  };
  const message = call
    ? { role: "assistant", content: null, tool_calls: [call] }
    : { role: "assistant", content };
  const finish_reason = call ? "tool_calls" : "stop";
  const choices = [{ index: 0, finish_reason, message }];
  return {
    rawBody: JSON.stringify({ ...common(), object: "chat.completion", choices, usage: USAGE }),
  };
}

/** A streamed chat completion, one event per word. */
export function streamOf(content: string): ProviderReply {
  const own = common();
  const words = content.match(/\S+\s*/g) ?? [];
  const choices = [
    ...words.map((word) => ({ index: 0, delta: { role: "assistant", content: word } })),
    { index: 0, delta: {}, finish_reason: "stop" },
  ];
  const chunks = [
    ...choices.map((choice) => ({ choices: [choice] })),
    { choices: [], usage: USAGE },
  ].map((chunk) => JSON.stringify({ ...own, object: "chat.completion.chunk", ...chunk }));
  return {
    headers: { "content-type": "text/event-stream" },
    rawBody: [...chunks, "[DONE]"].map((data) => `data: ${data}\n\n`).join(""),
  };
}
