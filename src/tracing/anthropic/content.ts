import { type JsonValue, toJsonValue } from "../../core/index.ts";
import {
  filePart,
  genericPart,
  list,
  mediaPart,
  members,
  reasoningPart,
  text,
  textPart,
  toolCallPart,
  toolResponsePart,
} from "../recorders/parts.ts";

/** A message of Anthropic's API in the shape of the GenAI conventions. */
export function inputMessage(message: unknown): JsonValue {
  const { role, content } = members(message);
  const parts = contentParts(content);
  // The API sends results of tools as the user's words.
  const isToolResult =
    parts.length > 0 && parts.every((part) => members(part).type === "tool_call_response");
  return { role: isToolResult ? "tool" : (text(role) ?? "user"), parts };
}

export function contentParts(content: unknown): JsonValue[] {
  if (typeof content === "string") return content === "" ? [] : [textPart(content)];
  return list(content).map(contentPart);
}

function contentPart(block: unknown): JsonValue {
  const given = members(block);
  const kind = text(given.type) ?? "";
  switch (kind) {
    case "text":
      return textPart(text(given.text) ?? "");
    case "thinking":
      return reasoningPart(text(given.thinking) ?? "");
    case "redacted_thinking":
      // Encrypted: its bytes say nothing.
      return { type: "redacted_thinking" };
    case "tool_use":
      return toolCallPart(given.id, given.name, given.input);
    case "tool_result":
      return toolResponsePart(given.tool_use_id, resultOf(given.content));
    case "server_tool_use":
    case "mcp_tool_use":
      return {
        type: "server_tool_call",
        ...(typeof given.id === "string" && { id: given.id }),
        name: text(given.name) ?? "",
        server_tool_call: {
          type: text(given.name) ?? kind,
          input: toJsonValue(given.input ?? null),
        },
      };
    case "image":
      return sourcePart("image", given.source);
    case "document":
      return sourcePart("document", given.source);
    default:
      return kind.endsWith("_tool_result") ? serverToolResponse(kind, given) : genericPart(block);
  }
}

function serverToolResponse(kind: string, given: { readonly [name: string]: unknown }): JsonValue {
  return {
    type: "server_tool_call_response",
    ...(typeof given.tool_use_id === "string" && { id: given.tool_use_id }),
    server_tool_call_response: { type: kind, content: toJsonValue(given.content ?? null) },
  };
}

function sourcePart(modality: string, source: unknown): JsonValue {
  const given = members(source);
  if (given.type === "file" && typeof given.file_id === "string") {
    return filePart(modality, given.file_id);
  }
  if (given.type === "text") return textPart(text(given.data) ?? "");
  if (given.type === "content") return textPart(JSON.stringify(contentParts(given.content)));
  return mediaPart(modality, { url: given.url, data: given.data, mimeType: given.media_type });
}

/** Results that are texts alone as one text. */
function resultOf(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const parts = contentParts(content);
  const texts = parts.map((part) => members(part)).filter((part) => part.type === "text");
  return texts.length === parts.length ? texts.map((part) => part.content).join("") : parts;
}
