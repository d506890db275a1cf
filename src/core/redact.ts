import type { JsonValue } from "./json.ts";

const MASK = "[redacted]";

/** Shapes of secrets that are masked wherever they appear: provider keys, bearer tokens, passwords in URLs. */
const SECRET_SHAPES: readonly [pattern: RegExp, replacement: string][] = [
  [/\bsk-[A-Za-z0-9_-]{16,}/g, MASK],
  [/\b(?:gsk|xai|pplx|hf|r8)[_-][A-Za-z0-9]{20,}/g, MASK],
  [/\bgh[pousr]_[A-Za-z0-9]{30,}/g, MASK],
  [/\bgithub_pat_[A-Za-z0-9_]{40,}/g, MASK],
  [/\bAIza[A-Za-z0-9_-]{35}/g, MASK],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, MASK],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/g, MASK],
  [/\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g, MASK],
  // A token has a digit; "bearer authentication" has none.
  [/\b(bearer\s+)(?=[A-Za-z._~+/-]*\d)[A-Za-z0-9._~+/-]{12,}=*/gi, `$1${MASK}`],
  // Quotes and backslashes end a secret: the text may be JSON, and must stay it.
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@"'\\]*):[^\s/@"'\\]+@/gi, `$1:${MASK}@`],
  [/([?&](?:api[_-]?key|key|token|access_token|password|secret|sig)=)[^&\s"'\\]+/gi, `$1${MASK}`],
];

// One cheap look decides for nearly every text that none of the shapes above can match.
const MAY_HOLD_SECRET =
  /sk-|gsk|xai|pplx|hf[_-]|r8[_-]|gh[pousr]_|github_pat_|AIza|AKIA|ASIA|xox|eyJ|bearer|:\/\/|[?&][a-z_-]+=/i;

/** `text` with key-shaped strings masked. */
export function redactText(text: string): string {
  if (!MAY_HOLD_SECRET.test(text)) return text;
  return SECRET_SHAPES.reduce((masked, [pattern, by]) => masked.replace(pattern, by), text);
}

/** `value` with key-shaped strings masked in every text it holds, keys of objects included. */
export function redactJson(value: JsonValue): JsonValue {
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(redactJson);
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [redactText(key), redactJson(member)]),
  );
}
