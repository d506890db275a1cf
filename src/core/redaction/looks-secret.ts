/** How freely a name is used for things that are no secret: `token` is one in most texts on models. */
export type NameKind = "password" | "secret" | "token";

/** Stands for a secret: a template, a variable, stars, an address, a type, a word of advice. */
const STAND_IN = new RegExp(
  [
    String.raw`^(?:[<[{(]|\$[{(]|\$\w+$|#\{|%[s({]|%\w+%$|https?:)`,
    String.raw`[*•…<{]{2}|\.{3}|:\/\/|x{4}`,
    "^(?:x{3}|null|none|nil|undefined|true|false|string|str|bytes|optional|required|hidden|masked|redacted|secret|password|token|passwd|changeme|change[_-]?it|not[_-]?set|missing|invalid|todo|tbd)(?![A-Za-z0-9_-])",
    "^(?:my|your|the|some|an?|example|dummy|placeholder|sample|insert|enter|replace|change)[_-]",
    "[_-](?:here|placeholder|example)$",
  ].join("|"),
  "i",
);

/** A call, an index or a path into an object: code that reads the secret. */
const CODE =
  /^[A-Za-z_$][\w$]*(?:(?:\??\.)[A-Za-z_$][\w$]*)*[([]|^[a-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)+$/i;

const ISO_DATE = /^\d{4}-\d\d-\d\d(?:$|[T ])/;

const WORD = "(?:[A-Z]{1,15}|[A-Z]?[a-z]{1,15}(?:[A-Z][a-z]{1,14}){0,9})?\\d{0,4}";
/** Words, apart or joined as names join them, each with a few digits at its end at most. */
const WORDS = new RegExp(`^${WORD}(?:[_.:/+=-]${WORD})*$`);

const hasDigit = (value: string) => /\d/.test(value);
const hasLetter = (value: string) => /[A-Za-z]/.test(value);

/** Whether `value`, given under such a name, looks like the secret itself. */
export function looksSecret(value: string, kind: NameKind): boolean {
  if (STAND_IN.test(value) || CODE.test(value) || ISO_DATE.test(value)) return false;
  if (kind === "password") return isPassword(value);
  if (value.length < (kind === "token" ? 16 : 8) || WORDS.test(value)) return false;
  if (kind === "token") return hasDigit(value) && hasLetter(value);
  return (hasDigit(value) && hasLetter(value)) || value.length >= 16;
}

/** People choose passwords: a word will not do, but one with a digit or a sign in it will, if no path. */
function isPassword(value: string): boolean {
  if (value.length < 6 || /^[/~.]/.test(value)) return false;
  return hasDigit(value) || /[^A-Za-z0-9_.:/-]/.test(value) || !WORDS.test(value);
}
