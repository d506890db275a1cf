import type { JsonValue } from "../../core/index.ts";
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

const ROLES: { readonly [role: string]: string } = { developer: "system", function: "tool" };

/** A message of OpenAI's chat API in the shape of the GenAI conventions. */
export function chatMessage(message: unknown): JsonValue {
  const given = members(message);
  const role = text(given.role) ?? "assistant";
  const name = text(given.name);
  const isToolResult = role === "tool" || role === "function";
  return {
    role: ROLES[role] ?? role,
    ...(name !== undefined && { name }),
    parts: isToolResult
      ? [toolResponsePart(given.tool_call_id, plainContent(given.content))]
      : messageParts(given),
  };
}

/** What a message says, thinks and calls, in that order. */
export function messageParts(message: { readonly [name: string]: unknown }): JsonValue[] {
  // DeepSeek and OpenRouter name the reasoning differently.
  const reasoning = text(message.reasoning_content) ?? text(message.reasoning);
  const refusal = text(message.refusal);
  const legacy = message.function_call === null ? undefined : message.function_call;
  const audio = members(message.audio);
  return [
    ...(reasoning ? [reasoningPart(reasoning)] : []),
    ...contentParts(message.content),
    ...(refusal ? [{ type: "refusal", content: refusal }] : []),
    ...(text(audio.transcript) ? [textPart(audio.transcript as string)] : []),
    ...list(message.tool_calls).map(toolCall),
    ...(legacy === undefined
      ? []
      : [toolCallPart(undefined, members(legacy).name, members(legacy).arguments)]),
  ];
}

function toolCall(call: unknown): JsonValue {
  const given = members(call);
  const called = given.function ?? given.custom;
  const { name, arguments: args, input } = members(called);
  return toolCallPart(given.id, name, args ?? input);
}

export function contentParts(content: unknown): JsonValue[] {
  if (typeof content === "string") return content === "" ? [] : [textPart(content)];
  return list(content).map(contentPart);
}

function contentPart(part: unknown): JsonValue {
  if (typeof part === "string") return textPart(part);
  const given = members(part);
  switch (given.type) {
    case "text":
    case "input_text":
    case "output_text":
      return textPart(text(given.text) ?? "");
    case "refusal":
      return { type: "refusal", content: text(given.refusal) ?? "" };
    case "thinking":
      // Mistral's: a list of texts.
      return reasoningPart(
        list(given.thinking)
          .map((one) => text(members(one).text) ?? "")
          .join(""),
      );
    case "image_url":
    case "input_image": {
      const image = given.image_url ?? given.url;
      if (image === undefined && typeof given.file_id === "string") {
        return filePart("image", given.file_id);
      }
      return mediaPart("image", { url: typeof image === "string" ? image : members(image).url });
    }
    case "input_audio": {
      const { data, format } = members(given.input_audio);
      return mediaPart("audio", { data, mimeType: `audio/${text(format) ?? "wav"}` });
    }
    case "file":
    case "input_file": {
      const file = given.type === "file" ? members(given.file) : given;
      if (typeof file.file_id === "string") return filePart("document", file.file_id);
      return mediaPart("document", { url: file.file_data ?? file.file_url });
    }
    default:
      return genericPart(part);
  }
}

/** The texts of a list of text parts as one, as tools give them. */
function plainContent(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const texts = content.map((part) => text(members(part).text));
  return texts.every((one) => one !== undefined) ? texts.join("") : content;
}
