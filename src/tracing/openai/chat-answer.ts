import type { JsonValue } from "../../core/index.ts";
import type { Answer, TokenCounts } from "../recorders/answer.ts";
import { list, members, text } from "../recorders/parts.ts";
import { messageParts } from "./chat-messages.ts";

type Members = ReturnType<typeof members>;

/** @param messageOf - What a choice holds as a message; the old completions have a text alone. */
export function chatAnswer(
  response: unknown,
  messageOf = (choice: Members): Members => members(choice.message),
): Answer {
  const { id, model, choices, usage } = members(response);
  const all = list(choices).map(members);
  return {
    id: text(id),
    model: text(model),
    finishReasons: all.map((choice) => text(choice.finish_reason)),
    messages: all.map((choice) => outputMessage(messageOf(choice), text(choice.finish_reason))),
    tokens: chatTokens(usage),
  };
}

/** @param reason - As the provider says it; the conventions' schema wants one. */
export function outputMessage(
  message: { readonly [name: string]: unknown },
  reason: string | undefined,
): JsonValue {
  return {
    role: text(message.role) || "assistant",
    parts: messageParts(message),
    finish_reason: reason === undefined ? "error" : (FINISH_REASONS[reason] ?? reason),
  };
}

const FINISH_REASONS: { readonly [reason: string]: string } = {
  tool_calls: "tool_call",
  function_call: "tool_call",
};

export function chatTokens(usage: unknown): TokenCounts {
  const { prompt_tokens, completion_tokens, ...given } = members(usage);
  const input = members(given.prompt_tokens_details);
  const output = members(given.completion_tokens_details);
  const count = (value: unknown) => (typeof value === "number" ? value : undefined);
  return {
    input: count(prompt_tokens),
    output: count(completion_tokens),
    // DeepSeek says it in a place of its own.
    cacheRead: count(input.cached_tokens) ?? count(given.prompt_cache_hit_tokens),
    cacheWrite: count(input.cache_write_tokens),
    reasoning: count(output.reasoning_tokens),
  };
}
