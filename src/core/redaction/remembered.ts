import { MASK } from "./rule.ts";

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

export function maskRemembered(text: string): string {
  let masked = text;
  for (const secret of remembered)
    if (masked.includes(secret)) masked = maskExactly(masked, secret);
  return masked;
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
