import { type JsonValue, toJsonValue } from "../../core/index.ts";
import {
  list,
  members,
  reasoningPart,
  text,
  textPart,
  toolCallPart,
  toolResponsePart,
} from "../recorders/parts.ts";
import { contentParts } from "./chat-messages.ts";

type Item = { readonly [name: string]: unknown };

/** The input of a request: a text, or items of the conversation so far. */
export function inputMessages(input: unknown): JsonValue[] {
  if (typeof input === "string") return [{ role: "user", parts: [textPart(input)] }];
  return list(input).map((item) => inputMessage(members(item)));
}

function inputMessage(item: Item): JsonValue {
  const isMessage = item.type === "message" || (item.type === undefined && "role" in item);
  if (isMessage) {
    const role = text(item.role) ?? "user";
    return { role: role === "developer" ? "system" : role, parts: contentParts(item.content) };
  }
  const kind = text(item.type) ?? "unknown";
  if (kind.endsWith("_output")) {
    return { role: "tool", parts: [toolResponsePart(item.call_id, item.output)] };
  }
  return { role: "assistant", parts: itemParts(item) };
}

/** Everything that a response put out, in order. */
export function outputParts(output: readonly unknown[]): JsonValue[] {
  return output.flatMap((item) => itemParts(members(item)));
}

function itemParts(item: Item): JsonValue[] {
  const kind = text(item.type) ?? "unknown";
  switch (kind) {
    case "message":
      return contentParts(item.content);
    case "reasoning":
      return reasoningTexts(item).map(reasoningPart);
    case "function_call":
      return [toolCallPart(item.call_id ?? item.id, item.name, item.arguments)];
    case "custom_tool_call":
      return [toolCallPart(item.call_id ?? item.id, item.name, item.input)];
    default:
      return [serverToolCall(kind, item)];
  }
}

/** The whole of it where the provider shows it, else its summary; nothing where it is encrypted. */
function reasoningTexts(item: Item): string[] {
  const texts = (parts: unknown) => list(parts).flatMap((part) => text(members(part).text) ?? []);
  const whole = texts(item.content);
  return whole.length > 0 ? whole : texts(item.summary);
}

/** What the provider's own tools did: searches, code, images. */
function serverToolCall(kind: string, { id, result, ...item }: Item): JsonValue {
  const name = kind.replace(/_call$/, "");
  const shown = typeof result === "string" && result.length > 1000 ? {} : { result };
  return {
    type: "server_tool_call",
    ...(typeof id === "string" && { id }),
    name,
    server_tool_call: toJsonValue({ ...item, ...shown, type: name }),
  };
}
