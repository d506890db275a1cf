import type { JsonObject, JsonValue, SpanType } from "../../core/index.ts";
import { type Dialect, member, number, parsed, text, toolCall } from "./reading.ts";

const TYPES: readonly (readonly [operation: RegExp, type: SpanType])[] = [
  [/^ai\.toolCall/, "TOOL"],
  [/\.do(?:Generate|Stream)$/, "CHAT_MODEL"],
  [/\.doEmbed$/, "EMBEDDING"],
  [/\.doRerank$/, "RERANKER"],
  // Around the calls, with the sum of their tokens.
  [/^ai\./, "CHAIN"],
];

/** Vercel's AI SDK 4 to 6, and 7 with its old telemetry. */
export const vercel: Dialect = (recorded) => {
  const operation = text(recorded["ai.operationId"]);
  if (operation === undefined) return undefined;
  const outputs = answerOf(recorded);
  const provider = text(recorded["ai.model.provider"])?.replace(/\..*$/s, "");
  const tools = recorded["ai.prompt.tools"];
  return {
    type: TYPES.find(([pattern]) => pattern.test(operation))?.[1],
    inputs:
      messagesOf(parsed(recorded["ai.prompt.messages"])) ??
      parsed(recorded["ai.prompt"] ?? recorded["ai.toolCall.args"] ?? recorded["ai.value"]) ??
      listOf(recorded["ai.values"]),
    outputs: outputs ?? parsed(recorded["ai.toolCall.result"]),
    attributes: {
      "gen_ai.provider.name": provider,
      "gen_ai.request.model": text(recorded["ai.model.id"]),
      "gen_ai.response.model": text(recorded["ai.response.model"]),
      "gen_ai.response.id": text(recorded["ai.response.id"]),
      "gen_ai.usage.input_tokens": number(
        recorded["ai.usage.inputTokens"] ??
          recorded["ai.usage.promptTokens"] ??
          recorded["ai.usage.tokens"],
      ),
      "gen_ai.usage.output_tokens": number(
        recorded["ai.usage.outputTokens"] ?? recorded["ai.usage.completionTokens"],
      ),
      "gen_ai.usage.cache_read.input_tokens": number(recorded["ai.usage.cachedInputTokens"]),
      "gen_ai.usage.cache_write.input_tokens": number(
        recorded["ai.usage.inputTokenDetails.cacheWriteTokens"],
      ),
      "gen_ai.usage.reasoning.output_tokens": number(recorded["ai.usage.reasoningTokens"]),
      "gen_ai.tool.name": text(recorded["ai.toolCall.name"]),
      "gen_ai.tool.call.id": text(recorded["ai.toolCall.id"]),
      "gen_ai.tool.definitions": Array.isArray(tools)
        ? JSON.stringify(tools.map((tool) => parsed(tool)))
        : undefined,
      "session.id": text(recorded["ai.telemetry.metadata.sessionId"]),
      "user.id": text(recorded["ai.telemetry.metadata.userId"]),
    },
    taken: {
      inputs: [
        "ai.prompt",
        "ai.prompt.messages",
        "ai.prompt.tools",
        "ai.toolCall.args",
        "ai.value",
        "ai.values",
      ],
      outputs: [
        "ai.response.text",
        "ai.response.reasoning",
        "ai.response.toolCalls",
        "ai.response.object",
        "ai.toolCall.result",
        "ai.embedding",
        "ai.embeddings",
      ],
    },
  };
};

function answerOf(recorded: JsonObject): JsonValue | undefined {
  const object = recorded["ai.response.object"];
  if (object !== undefined) return parsed(object);
  const said = text(recorded["ai.response.text"]);
  const thought = text(recorded["ai.response.reasoning"]);
  const calls = parsed(recorded["ai.response.toolCalls"]);
  const parts = [
    ...(thought === undefined ? [] : [{ type: "reasoning", content: thought }]),
    ...(said === undefined ? [] : [{ type: "text", content: said }]),
    ...(Array.isArray(calls) ? calls : []).map((call: JsonValue) =>
      toolCall(
        member(call, "toolCallId"),
        member(call, "toolName"),
        member(call, "input") ?? member(call, "args"),
      ),
    ),
  ];
  return parts.length === 0 ? undefined : [{ role: "assistant", parts }];
}

function messagesOf(messages: JsonValue | undefined): JsonValue[] | undefined {
  if (!Array.isArray(messages)) return undefined;
  return messages.map((message: JsonValue) => {
    const content = member(message, "content");
    return {
      role: text(member(message, "role")) ?? "user",
      parts: Array.isArray(content)
        ? content.map(partOf)
        : [{ type: "text", content: content ?? "" }],
    };
  });
}

function partOf(part: JsonValue): JsonValue {
  switch (member(part, "type")) {
    case "text":
      return { type: "text", content: member(part, "text") ?? "" };
    case "reasoning":
      return { type: "reasoning", content: member(part, "text") ?? "" };
    case "tool-call":
      return toolCall(
        member(part, "toolCallId"),
        member(part, "toolName"),
        member(part, "input") ?? member(part, "args"),
      );
    case "tool-result":
      return {
        type: "tool_call_response",
        id: member(part, "toolCallId") ?? "",
        response: member(part, "output") ?? member(part, "result") ?? null,
      };
    default:
      return part;
  }
}

function listOf(values: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(values)
    ? values.map((value: JsonValue) => parsed(value) ?? null)
    : undefined;
}
