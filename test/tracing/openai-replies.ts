import type { ProviderReply } from "../support/provider-server.ts";

const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };
const COMMON = { id: "chatcmpl-1", created: 0, model: "test-model-2026" };

/** A chat completion with a text, or with a call of a tool instead. */
export function completionOf(
  content: string,
  toolCall?: { readonly name: string; readonly arguments: object },
): ProviderReply {
  const call = toolCall && {
    id: "call_1",
    type: "function",
    function: { name: toolCall.name, arguments: JSON.stringify(toolCall.arguments) },
  };
  const message = call
    ? { role: "assistant", content: null, tool_calls: [call] }
    : { role: "assistant", content };
  const finish_reason = call ? "tool_calls" : "stop";
  const choices = [{ index: 0, finish_reason, message }];
  return {
    rawBody: JSON.stringify({ ...COMMON, object: "chat.completion", choices, usage: USAGE }),
  };
}

/** A streamed chat completion, one event per word. */
export function streamOf(content: string): ProviderReply {
  const words = content.match(/\S+\s*/g) ?? [];
  const choices = [
    ...words.map((word) => ({ index: 0, delta: { role: "assistant", content: word } })),
    { index: 0, delta: {}, finish_reason: "stop" },
  ];
  const chunks = [
    ...choices.map((choice) => ({ choices: [choice] })),
    { choices: [], usage: USAGE },
  ].map((chunk) => JSON.stringify({ ...COMMON, object: "chat.completion.chunk", ...chunk }));
  return {
    headers: { "content-type": "text/event-stream" },
    rawBody: [...chunks, "[DONE]"].map((data) => `data: ${data}\n\n`).join(""),
  };
}
