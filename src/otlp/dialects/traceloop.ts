import type { JsonObject, JsonValue, SpanType } from "../../core/index.ts";
import {
  type Dialect,
  member,
  namesUnder,
  number,
  parsed,
  text,
  toolCall,
  unflattened,
} from "./reading.ts";

const TYPES: { readonly [kind: string]: SpanType } = {
  workflow: "CHAIN",
  task: "CHAIN",
  agent: "AGENT",
  tool: "TOOL",
};

/** Traceloop's own attributes, beside those of the conventions; older versions flatten messages. */
export const traceloop: Dialect = (recorded) => {
  const kind = text(recorded["traceloop.span.kind"]);
  const isCall = "llm.request.type" in recorded || "gen_ai.prompt.0.role" in recorded;
  if (kind === undefined && !isCall) return undefined;
  const prompts = messagesOf(recorded, "gen_ai.prompt.");
  const completions = messagesOf(recorded, "gen_ai.completion.");
  return {
    type:
      TYPES[kind ?? ""] ??
      (recorded["llm.request.type"] === "completion" ? "LLM" : undefined) ??
      (isCall ? "CHAT_MODEL" : undefined),
    inputs: prompts ?? parsed(recorded["traceloop.entity.input"]),
    outputs: completions ?? parsed(recorded["traceloop.entity.output"]),
    attributes: {
      "gen_ai.usage.cache_read.input_tokens": number(
        recorded["gen_ai.usage.cache_read_input_tokens"],
      ),
      "gen_ai.usage.cache_write.input_tokens": number(
        recorded["gen_ai.usage.cache_creation_input_tokens"],
      ),
      "gen_ai.usage.reasoning.output_tokens": number(recorded["gen_ai.usage.reasoning_tokens"]),
      "session.id": text(recorded["traceloop.association.properties.session_id"]),
      "user.id": text(recorded["traceloop.association.properties.user_id"]),
    },
    taken: {
      inputs: ["traceloop.entity.input", ...namesUnder(recorded, "gen_ai.prompt.")],
      outputs: ["traceloop.entity.output", ...namesUnder(recorded, "gen_ai.completion.")],
    },
  };
};

function messagesOf(recorded: JsonObject, prefix: string): JsonValue[] | undefined {
  const entries = unflattened(recorded, prefix);
  // Names and versions of prompts stand under the same beginning.
  if (!Array.isArray(entries) || entries.length === 0) return undefined;
  return entries.map((entry) => {
    const content = text(member(entry, "content"));
    const calls = (member(entry, "tool_calls") ?? []) as readonly JsonValue[];
    return {
      role: text(member(entry, "role")) ?? "user",
      parts: [
        ...(content === undefined ? [] : [{ type: "text", content }]),
        ...calls.map((call) =>
          toolCall(member(call, "id"), member(call, "name"), member(call, "arguments")),
        ),
      ],
    };
  });
}
