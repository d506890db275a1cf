import type { JsonValue } from "../json.ts";
import { gluedKeys } from "./glued-keys.ts";
import { prefixedKeys, solidKeys } from "./key-shapes.ts";
import { namedCredentials } from "./named-credentials.ts";
import { privateKeys } from "./private-keys.ts";
import { maskRemembered } from "./remembered.ts";
import {
  authorizationHeaders,
  bearerTokens,
  commandLines,
  queryCredentials,
  urlPasswords,
  webhooks,
} from "./requests.ts";
import { applyRule, type Family, family } from "./rule.ts";

/** What is known by its own shape comes before what is known by the name or place it stands at. */
const FAMILIES: readonly Family[] = [
  family("[-_.:]", "", [privateKeys, prefixedKeys, gluedKeys, commandLines]),
  family("[ABbGJLSp/~]", "", [solidKeys, gluedKeys, bearerTokens]),
  family("[:=]", "i", [
    urlPasswords,
    authorizationHeaders,
    webhooks,
    queryCredentials,
    namedCredentials,
  ]),
];

/** `text`, JSON or not, with the remembered secrets and whatever looks like a secret masked. */
export function redactText(text: string): string {
  let masked = maskRemembered(text);
  for (const family of FAMILIES) {
    if (!family.hint.test(masked)) continue;
    for (const rule of family.rules) masked = applyRule(family, rule, masked);
  }
  return masked;
}

/** `redactText` of each. Nearly all texts hold no secret, and one look at all of them together says so. */
export function redactTexts(texts: readonly string[]): readonly string[] {
  // No rule needs what ends a text or a line, and a match across the seam only means a look at each.
  const joined = texts.join("\n");
  return redactText(joined) === joined ? texts : texts.map(redactText);
}

/**
 * As {@link redactText}, for texts so long that each pass over them takes milliseconds.
 *
 * @param pause - Awaited between the passes.
 */
export async function redactInPasses(text: string, pause: () => Promise<void>): Promise<string> {
  let masked = maskRemembered(text);
  for (const family of FAMILIES) {
    await pause();
    if (!family.hint.test(masked)) continue;
    for (const rule of family.rules) {
      await pause();
      masked = applyRule(family, rule, masked);
    }
  }
  return masked;
}

/** `value` with secrets masked in every text it holds, keys of objects included. */
export function redactJson(value: JsonValue): JsonValue {
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null) return value;
  const text = JSON.stringify(value);
  const masked = redactText(text);
  return masked === text ? value : (JSON.parse(masked) as JsonValue);
}
