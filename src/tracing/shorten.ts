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

/** What stands before the data of a `data:` URL. Within bounds: a text may be made of its beginnings. */
const DATA_URL =
  /data:([a-z]{1,40}\/[a-z0-9.+-]{1,120})?(?:;[a-z0-9-]{1,40}=[^;,\s"']{0,200}){0,8};base64,/gi;

/** What is base64 from end to end is taken for media from this length on. */
const SHORTEST_BARE_MEDIA = 2048;

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
  if (text.length >= SHORTEST_BARE_MEDIA && base64End(text, 0) === text.length) {
    return mediaReference("", text);
  }
  const shown = withReferences(text);
  if (shown.length <= limit) return shown;
  const kept = shown.slice(0, limit).toWellFormed();
  return `${kept}… [${shown.length - limit} more characters]`;
}

/** `text` with the media of its `data:` URLs as references. */
function withReferences(text: string): string {
  let shown = "";
  let from = 0;
  for (const match of text.matchAll(DATA_URL)) {
    const [head, type = ""] = match;
    const start = match.index + head.length;
    const end = base64End(text, start);
    if (end - start < SHORTEST_MEDIA) continue;
    shown += text.slice(from, match.index) + mediaReference(type, text.slice(start, end));
    from = end;
  }
  return shown + text.slice(from);
}

/**
 * Where the base64 that begins at `from` ends, its padding included. A regular expression would take stack
 * for each character, and there may be millions.
 */
function base64End(text: string, from: number): number {
  let end = from;
  while (isBase64(text.charCodeAt(end))) end += 1;
  for (let padding = 0; padding < 2 && text[end] === "="; padding++) end += 1;
  return end;
}

/** Of a letter, a digit, or one of `+ / - _`; NaN, behind the end, is none. */
function isBase64(code: number): boolean {
  const lower = code | 32;
  return (
    (lower >= 97 && lower <= 122 && code >= 65) ||
    (code >= 47 && code <= 57) ||
    code === 43 ||
    code === 45 ||
    code === 95
  );
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
