import { looksSecret } from "./looks-secret.ts";
import { MASK, QUOTE, type Rule } from "./rule.ts";

/**
 * Passwords in URLs. Up to the last @ of the authority, as passwords hold such signs, too; a password
 * with a slash must not look like a port and a path. `image:tag@sha256:…` is an address.
 */
export const urlPasswords: Rule = {
  hint: String.raw`\\*\/\\*\/[^\s:/"'<>\\]*:(?:[^\s/"'<>\\]+|[^\s"'<>\\]{1,128})@`,
  pattern:
    /(?<![A-Za-z0-9+.-])([A-Za-z][A-Za-z0-9+.-]{0,30}:\\*\/\\*\/[^\s:/"'`<>\\]*:)(?:([^\s/"'`<>\\]+)|(?!\d{1,5}[/?#])([^\s"'`<>\\]{1,128}))@(?!sha256:)/g,
  replacement: (match, before, password = "", withSlash = "") =>
    isTemplate(password + withSlash) ? match : `${before}${MASK}@`,
};

const isTemplate = (password: string) =>
  /^(?:\$?\{[^}]*\}|\[[^\]]*\]|\*+|%s|\$[A-Z_]+)$/.test(password);

/** `Bearer …`: a token has a digit, "bearer authentication" has none. */
export const bearerTokens: Rule = {
  hint: "(?:earer|EARER)",
  pattern: /\b(bearer(?:\s|%20){1,9})(?=[A-Za-z._~+/-]{0,400}\d)[A-Za-z0-9._~+/-]{12,}=*/gi,
  replacement: `$1${MASK}`,
};

/**
 * The credential of an `Authorization` header. Quotes stand on both sides of the colon or on neither, for
 * what follows a quoted name without one is a number in JSON.
 *
 * Base64 has digits, capitals within, or padding; "Authorization: Basic authentication" has none.
 */
export const authorizationHeaders: Rule = {
  hint: String.raw`(?<=authorization[\\"'${"`"}]{0,33}\s{0,9}[:=])`,
  pattern: new RegExp(
    String.raw`(authorization(?:${QUOTE}\s{0,9}[:=]\s{0,9}${QUOTE}|\s{0,9}[:=]\s{0,9}))((?:[A-Za-z][A-Za-z-]{2,20}\s{1,9})?)((?:[A-Za-z0-9._~+/=:-]|\\/){8,})`,
    "gi",
  ),
  replacement: (match, before = "", scheme = "", value = "") =>
    isHeaderCredential(scheme, value) ? `${before}${scheme}${MASK}` : match,
};

function isHeaderCredential(scheme: string, value: string): boolean {
  if (/^basic\s/i.test(scheme)) return /^[A-Za-z]?[a-z]*[A-Z0-9=]/.test(value);
  return looksSecret(value, "secret");
}

/** Signatures, and what is called a key, token or password, in the query of a URL. */
export const queryCredentials: Rule = {
  hint: "(?<=(?:key|token|password|secret|sig|signature)=)",
  pattern:
    /((?:[?&]|\\u0026)(?:(?:X-(?:Amz|Goog)-(?:Signature|Security-Token)=)|(?:api[_-]?key|(?:access_|auth_)?token|password|(?:client_)?secret|sig)=(?=[^&\s"'\\]{8})))(?![{<[*$])[^&\s"'\\]+/gi,
  replacement: `$1${MASK}`,
};

/** `curl -u user:password`, `--password …` and their like. */
export const commandLines: Rule = {
  hint: "(?<=(?:^|\\s)-)(?:-(?:[a-z]{1,20}-){0,4}(?:user|password|token|secret|key)|u)[ =]",
  pattern: new RegExp(
    String.raw`(^|\s)(?:((?:-u|--user)[ =]{1,2}${QUOTE}?[^\s:"'\\]{1,80}:)|(--(?:[a-z]{1,20}-){0,4}(?:password|token|secret|key) {1,4}${QUOTE}?))([^\s"'\\]{3,})`,
    "g",
  ),
  replacement: (match, space = "", user, option, value = "") => {
    if (user !== undefined) return /^[\d$<{[*]/.test(value) ? match : `${space}${user}${MASK}`;
    return looksSecret(value, "password") ? `${space}${option}${MASK}` : match;
  },
};

/** Addresses that are secrets in themselves: whoever knows them may post. */
export const webhooks: Rule = {
  hint: String.raw`\\*\/\\*\/(?:hooks\.slack|(?:[a-z]+\.)?discord)`,
  pattern:
    /((?:hooks\.slack\.com\\*\/(?:services|workflows|triggers)|discord(?:app)?\.com\\*\/api\\*\/webhooks)\\*\/)(?:[A-Za-z0-9_+-]|\\*\/){20,}/g,
  replacement: `$1${MASK}`,
};
