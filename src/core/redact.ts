import type { JsonValue } from "./json.ts";

const MASK = "[redacted]";

const SHORTEST_SECRET = 8;
const SECRET_NAMES = /(?:^|_)(?:API_KEY|TOKEN|SECRET|SECRET_ACCESS_KEY|PASSWORD)$/i;

/** Exact secrets of this process, in the forms in which they may be written, longest first. */
let remembered: readonly string[] = [];

/**
 * Masks `value` from now on wherever it occurs: a key of unknown shape that a provider echoes is known
 * by its value alone. Values of less than 8 characters are ignored, for they occur in ordinary words.
 */
export function rememberSecret(value: string): void {
  const secret = value.trim();
  if (secret.length < SHORTEST_SECRET || MASK.includes(secret)) return;
  const inJson = JSON.stringify(secret).slice(1, -1);
  remembered = [...new Set([...remembered, secret, inJson])].sort((a, b) => b.length - a.length);
}

/** Remembers the values of the variables whose names say that they hold a key, token or password. */
export function rememberSecretsOf(env: { readonly [name: string]: string | undefined }): void {
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && SECRET_NAMES.test(name)) rememberSecret(value);
  }
}

// Where a key may begin. In JSON text a line break is a backslash and a letter, which is no word's end.
const START = String.raw`(?:(?<![A-Za-z0-9_])|(?<=\\[bfnrt]))`;

const keyShape = (body: string) => new RegExp(START + body, "g");

/**
 * Shapes of secrets that are masked wherever they appear: provider keys, credentials of requests,
 * passwords in URLs. Two rules hold for every pattern. Quotes and backslashes end a secret, because the
 * text may be JSON and must stay it. And no part that repeats without bound may begin at many places of
 * one run of characters, because texts are megabytes long.
 */
const SECRET_SHAPES: readonly [pattern: RegExp, replacement: string][] = [
  [keyShape("sk-[A-Za-z0-9_-]{16,}"), MASK],
  [keyShape("[sr]k_(?:live|test)_[A-Za-z0-9]{10,}"), MASK],
  [keyShape("(?:gsk|xai|pplx|hf|r8)[_-][A-Za-z0-9]{20,}"), MASK],
  [keyShape("gh[pousr]_[A-Za-z0-9]{30,}"), MASK],
  [keyShape("github_pat_[A-Za-z0-9_]{40,}"), MASK],
  [keyShape("glpat-[A-Za-z0-9_-]{20,}"), MASK],
  [keyShape("npm_[A-Za-z0-9]{36,}"), MASK],
  [keyShape("lsv2_(?:pt|sk)_[A-Za-z0-9_]{20,}"), MASK],
  [keyShape("AIza[A-Za-z0-9_-]{35}"), MASK],
  [keyShape("ya29\\.[A-Za-z0-9_-]{20,}"), MASK],
  [keyShape("(?:AKIA|ASIA)[A-Z0-9]{16}\\b"), MASK],
  [keyShape("xox[abprs]-[A-Za-z0-9-]{10,}"), MASK],
  // JSON Web Tokens; not after a dash, or a long text of dashes would be searched from each of them.
  [keyShape("(?<!-)eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}"), MASK],
  // PEM, whole; then what is left of one that was cut off.
  [
    /-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[^"'-]|-(?!----)){1,20000}-----END (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/g,
    MASK,
  ],
  [
    /-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?:\s|\\+[nr]){0,9}[A-Za-z0-9+/=]{40,100}){1,500}/g,
    MASK,
  ],
  // A token has a digit; "bearer authentication" has none.
  [/\b(bearer\s+)(?=[A-Za-z._~+/-]*\d)[A-Za-z0-9._~+/-]{12,}=*/gi, `$1${MASK}`],
  // Base64 has digits, capitals within, or padding; "Authorization: Basic authentication" has none.
  [
    /((?:[Aa]uthorization|AUTHORIZATION)\\*["']?\s{0,9}[:=]\s{0,9}\\*["']?(?:[Bb]asic|BASIC)\s{1,9})(?=[A-Za-z]?[a-z]*[A-Z0-9=])[A-Za-z0-9+/_-]{8,}=*/g,
    `$1${MASK}`,
  ],
  // A literal in quotes, else something with a digit: `apiKey: process.env.KEY` is code.
  [/(api[_-]?key\\*["']?\s{0,9}[:=]\s{0,9}\\*["'])[A-Za-z0-9+/_.~=-]{20,}/gi, `$1${MASK}`],
  [
    /(api[_-]?key\s{0,9}[:=]\s{0,9})(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{20,}(?![A-Za-z0-9_([-]|\.[A-Za-z_])/gi,
    `$1${MASK}`,
  ],
  // Up to the last @ of the authority: passwords hold such signs, too.
  [/(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:/@"'\\]*):[^\s/"'\\]+@/gi, `$1:${MASK}@`],
  [/([?&](?:api[_-]?key|key|token|access_token|password|secret|sig)=)[^&\s"'\\]+/gi, `$1${MASK}`],
  [/(X-Amz-(?:Signature|Security-Token)=)[^&\s"'\\]+/gi, `$1${MASK}`],
];

// One cheap look decides for nearly every text that none of the shapes above can match.
const MAY_HOLD_SECRET =
  /sk-|[sr]k_(?:live|test)_|gsk|xai|pplx|hf[_-]|r8[_-]|gh[pousr]_|github_pat_|glpat-|npm_|lsv2_|AIza|ya29|AKIA|ASIA|xox|eyJ|-----BEGIN|bearer|authorization|api[_-]?key|:\/\/|x-amz-|[?&][a-z_-]+=/i;

/** `text` with the remembered secrets and all key-shaped strings masked. */
export function redactText(text: string): string {
  const unknown = remembered.reduce(
    (masked, secret) => (masked.includes(secret) ? maskExactly(masked, secret) : masked),
    text,
  );
  if (!MAY_HOLD_SECRET.test(unknown)) return unknown;
  return SECRET_SHAPES.reduce((masked, [pattern, by]) => masked.replace(pattern, by), unknown);
}

function maskExactly(text: string, secret: string): string {
  const parts = text.split(secret);
  const last = parts.pop() ?? "";
  // In JSON text the secret's first letter may belong to an escape: `\` and `n` must go together.
  return [...parts.map((part) => (endsInEscape(part) ? part.slice(0, -1) : part)), last].join(MASK);
}

function endsInEscape(text: string): boolean {
  let start = text.length;
  while (text[start - 1] === "\\") start--;
  return (text.length - start) % 2 === 1;
}

/** `value` with secrets masked in every text it holds, keys of objects included. */
export function redactJson(value: JsonValue): JsonValue {
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(redactJson);
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [redactText(key), redactMember(key, member)]),
  );
}

const NAMED_CREDENTIAL = /(?:api[_-]?key|authorization)$/i;

/** Some shapes are known by the name that stands before them; in an object that is the key. */
function redactMember(key: string, member: JsonValue): JsonValue {
  if (typeof member !== "string" || !NAMED_CREDENTIAL.test(key)) return redactJson(member);
  const before = `${key}="`;
  // The quote keeps the shapes apart, so what stands before it is masked as it is alone.
  return redactText(before + member).slice(redactText(before).length);
}
