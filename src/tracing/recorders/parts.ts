import { isPlainObject, type JsonValue, toJsonValue } from "../../core/index.ts";
import { mediaReference } from "../shorten.ts";

type Members = { readonly [name: string]: unknown };

export const members = (value: unknown): Members => (isPlainObject(value) ? value : {});
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

export const textPart = (content: string): JsonValue => ({ type: "text", content });
export const reasoningPart = (content: string): JsonValue => ({ type: "reasoning", content });

export function toolCallPart(id: unknown, name: unknown, args: unknown): JsonValue {
  return {
    type: "tool_call",
    ...(typeof id === "string" && id !== "" && { id }),
    name: text(name) ?? "",
    ...(args !== undefined && { arguments: parsedArguments(args) }),
  };
}

export function toolResponsePart(id: unknown, response: unknown): JsonValue {
  return {
    type: "tool_call_response",
    ...(typeof id === "string" && { id }),
    response: toJsonValue(response ?? null),
  };
}

/** Providers send arguments as JSON text; what is no JSON, as a stream that was cut leaves it, stays text. */
function parsedArguments(args: unknown): JsonValue {
  if (typeof args !== "string") return toJsonValue(args);
  try {
    return JSON.parse(args) as JsonValue;
  } catch {
    return args;
  }
}

/** Media by where they are, or by what they are: their bytes do not go into traces. */
export function mediaPart(
  modality: string,
  source: { url?: unknown; data?: unknown; mimeType?: unknown },
): JsonValue {
  const mimeType = text(source.mimeType);
  const url = text(source.url);
  const [, inUrl, dataInUrl] = /^data:([^;,]*)[^,]*,(.*)$/s.exec(url ?? "") ?? [];
  const data = text(source.data) ?? dataInUrl;
  const type = mimeType ?? inUrl;
  const common = { modality, ...(type !== undefined && { mime_type: type }) };
  if (data !== undefined) return { type: "uri", ...common, uri: mediaReference(type ?? "", data) };
  return { type: "uri", ...common, uri: url ?? "" };
}

export function filePart(modality: string, fileId: string): JsonValue {
  return { type: "file", modality, file_id: fileId };
}

/** A kind of content that the conventions do not know, by its own name. */
export function genericPart(value: unknown): JsonValue {
  const known = members(value);
  return {
    ...(toJsonValue(known) as { [name: string]: JsonValue }),
    type: text(known.type) ?? "unknown",
  };
}
