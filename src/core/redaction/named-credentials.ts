import { looksSecret, type NameKind } from "./looks-secret.ts";
import { MASK, type Rule } from "./rule.ts";

const PASSWORD = "pass(?:word|wd|phrase)|(?<![A-Za-z])pwd|(?<=_|my|db)pwd|(?<=[_-])pass";
const SECRET = [
  "api[ _-]?key|secret",
  "(?:secret|access|account|private|signing|encryption|master|auth|service|subscription|functions|app)[_-]?key",
  "(?:openai|azure|anthropic|cohere|mistral|together|deepseek|groq|gemini|storage|search|wandb)[_-]?key",
].join("|");
const TOKEN =
  "(?<!(?:page|next|prev|previous|continuation|cursor|sync)[_-]?)token|(?<=[?&;])(?:key|code|sig(?:nature)?)|_auth";

const NAMES = [PASSWORD, SECRET, TOKEN];
const NAME = `(?:(?<password>${PASSWORD})|(?<secret>${SECRET})|(?<token>${TOKEN}))`;

/** From the name to the value: `KEY=`, `key: `, `"key": "`, `\"key\":\"`, `env["KEY"] = '`, `key := `. */
const AFTER_NAME = String.raw`(?:[_-]?\d)?[\\"'${"`"}\]]{0,33}[ \t]{0,9}`;
const SIGN = `${AFTER_NAME}[:=]`;
const BETWEEN = String.raw`${SIGN}[=>]?[ \t]{0,9}`;
const QUOTED = String.raw`(?<quote>\\{0,31}["'${"`"}])(?<quoted>[^\s"'${"`"}\\]{6,})(?=\\*["'${"`"}])`;
const BARE = String.raw`(?<bare>(?:[^\s"'${"`"}\\,;&]|\\\/){6,})`;

/** Ends of a sentence or of a list around a bare value. */
const TRAILING = /[)\]}>.!?:]+$/;

/** Credentials of any shape, known by the name that stands before them. */
export const namedCredentials: Rule = {
  hint: `(?=[=>]?[ \\t]{0,9}\\\\*["'${"`"}]?[^\\s"'${"`"}\\\\,;&]{6})(?<=(?:${NAMES.join("|")})${SIGN})`,
  pattern: new RegExp(`(?<before>${NAME}${BETWEEN})(?:${QUOTED}|${BARE})`, "gi"),
  replacement: (match, ...rest) => maskValue(match, rest.at(-1) as unknown as Groups),
};

interface Groups {
  readonly before: string;
  readonly password?: string;
  readonly secret?: string;
  readonly quote?: string;
  readonly quoted?: string;
  readonly bare?: string;
}

function maskValue(match: string, groups: Groups): string {
  const { before, quote = "", quoted, bare = "" } = groups;
  const kind: NameKind = groups.password ? "password" : groups.secret ? "secret" : "token";
  if (quoted !== undefined) return looksSecret(quoted, kind) ? before + quote + MASK : match;
  // After a name in quotes such a value is a number in JSON, which must stay one, or code.
  if (/["'`]/.test(before)) return match;
  const tail = TRAILING.exec(bare)?.[0] ?? "";
  const value = bare.slice(0, bare.length - tail.length);
  // Without quotes a long word is the name of a variable; a key has a digit.
  if (!looksSecret(value, kind) || (kind === "secret" && !/\d/.test(value))) return match;
  return before + MASK + tail;
}
