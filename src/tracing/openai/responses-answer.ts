import type { JsonValue } from "../../core/index.ts";
import type { Answer, TokenCounts } from "../recorders/answer.ts";
import { list, members, text } from "../recorders/parts.ts";
import { outputParts } from "./responses-items.ts";

export function responsesAnswer(response: unknown): Answer {
  const given = members(response);
  const parts = outputParts(list(given.output));
  const reason = finishReason(given, parts);
  const message = { role: "assistant", parts, finish_reason: reason ?? "error" };
  return {
    id: text(given.id),
    model: text(given.model),
    finishReasons: [reason],
    messages: parts.length === 0 ? [] : [message],
    tokens: responsesTokens(given.usage),
  };
}

/** The API has a status instead of a reason. */
function finishReason(
  { status, incomplete_details }: { readonly [name: string]: unknown },
  parts: readonly JsonValue[],
): string | undefined {
  if (status === "incomplete") {
    const reason = text(members(incomplete_details).reason);
    if (reason === "max_output_tokens" || reason === "max_tokens") return "length";
    return reason ?? "length";
  }
  if (status === "failed" || status === "cancelled") return "error";
  // Some that copy the API say `complete`, or nothing.
  if (status !== "completed" && status !== "complete" && status !== undefined) return undefined;
  const isCall = parts.some((part) => members(part).type === "tool_call");
  return isCall ? "tool_call" : "stop";
}

function responsesTokens(usage: unknown): TokenCounts {
  const given = members(usage);
  const count = (value: unknown) => (typeof value === "number" ? value : undefined);
  return {
    input: count(given.input_tokens),
    output: count(given.output_tokens),
    cacheRead: count(members(given.input_tokens_details).cached_tokens),
    cacheWrite: count(members(given.input_tokens_details).cache_write_tokens),
    reasoning: count(members(given.output_tokens_details).reasoning_tokens),
  };
}
