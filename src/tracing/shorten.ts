import { isPlainObject, type JsonObject, type JsonValue, sha256 } from "../core/index.ts";

/** What is shorter is kept: media are longer. */
const SHORTEST_MEDIA = 1000;
const MEDIA = new RegExp(`[A-Za-z0-9+/_-]{${SHORTEST_MEDIA}}`);

/** Whether {@link shortened} has anything to do: nearly always not. */
export function isAnyToShorten(value: JsonValue, limit: number): boolean {
  if (typeof value === "string") return isToShorten(value, limit);
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some((member) => isAnyToShorten(member, limit));
  for (const name in value) {
    if (isAnyToShorten((value as JsonObject)[name] as JsonValue, limit)) return true;
  }
  return false;
}

function isToShorten(text: string, limit: number): boolean {
  return text.length > limit || (text.length > SHORTEST_MEDIA && MEDIA.test(text));
}

const DATA_URL =
  /data:([a-z]+\/[a-z0-9.+-]+)?((?:;[a-z0-9-]+=[^;,\s"']*)*);base64,([A-Za-z0-9+/_-]{1000,}={0,2})/gi;
const BASE64 = /^[A-Za-z0-9+/_-]{2048,}={0,2}$/;

/**
 * `value` with media as references, `data:image/png;sha256=…;bytes=…`, and texts of more than `limit`
 * characters cut. It stays the JSON that it was, JSON inside texts included.
 */
export function shortened(value: JsonValue, limit: number): JsonValue {
  if (typeof value === "string") return shortText(value, limit);
  if (Array.isArray(value)) return value.map((member) => shortened(member, limit));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, shortened(member as JsonValue, limit)]),
  );
}

function shortText(text: string, limit: number): string {
  if (!isToShorten(text, limit)) return text;
  const inner = jsonIn(text);
  if (inner !== undefined) return JSON.stringify(shortened(inner, limit));
  if (BASE64.test(text)) return mediaReference("", text);
  const shown = text.replace(DATA_URL, (_match, type = "", _parameters, data: string) =>
    mediaReference(type, data),
  );
  if (shown.length <= limit) return shown;
  const kept = shown.slice(0, limit).toWellFormed();
  return `${kept}… [${shown.length - limit} more characters]`;
}

/** The name of media by their content: equal ones have equal references. */
export function mediaReference(mimeType: string, base64: string): string {
  const bytes = Buffer.from(base64, "base64");
  return `data:${mimeType};sha256=${sha256(bytes)};bytes=${bytes.length}`;
}

function jsonIn(text: string): JsonValue | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
