import { quoted, type Source, searchError } from "./search-error.ts";

/** A piece of the source: its text as written and where it starts, counted from 1. */
export type Token = { readonly text: string; readonly position: number } & (
  | {
      readonly kind: "name";
      /** What stands before the first dot; absent without a dot. */
      readonly entity?: string;
      /** What stands behind the first dot, quotes removed. */
      readonly key: string;
    }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "symbol" }
  | { readonly kind: "end" }
);

/** UTF-16 code units. */
const MAX_LENGTH = 100_000;

const SPACES = /\s*/y;
const NAME_START = /[\p{L}_`]/uy;
// MLflow wants quotes around a key with `-`, `/` or `:`; nothing else can be meant by them here.
const BARE_PART = /[\p{L}\p{M}\p{N}_$#@/:-]+/uy;
const NUMBER = /[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/iy;
const NUMBER_TAIL = /[\p{L}\p{N}_.]+/uy;
// Runs of these are one token, so that `==` and `<>` can be told apart from `=` and `<`.
const SYMBOL = /[=!<>~&|]+|[(),]/y;

/**
 * Cuts a source into tokens, the last of kind `end`, in linear time.
 *
 * @throws {AssayError} `invalid-argument` for a character that starts no token, an open quote, a
 * number out of range, and a source of more than 100 000 characters.
 */
export function tokenize(source: Source): Token[] {
  const { text } = source;
  checkText(source);
  const tokens: Token[] = [];
  let index = match(SPACES, text, 0).length;
  while (index < text.length) {
    const token = readToken(source, index);
    tokens.push(token);
    index += token.text.length;
    index += match(SPACES, text, index).length;
  }
  tokens.push({ kind: "end", text: "", position: text.length + 1 });
  return tokens;
}

function checkText(source: Source): void {
  const { text } = source;
  if (text.length > MAX_LENGTH) {
    throw searchError(source, MAX_LENGTH + 1, {
      found: `${text.length} characters in all`,
      expected: `at most ${MAX_LENGTH}`,
      advice: "Split the search into several",
    });
  }
  const nul = text.indexOf("\0");
  if (nul === -1) return;
  // PostgreSQL refuses it in any text.
  throw searchError(source, nul + 1, { found: "a NUL character", expected: "text without it" });
}

/** What a sticky expression matches at `index`; empty if nothing. */
function match(expression: RegExp, text: string, index: number): string {
  expression.lastIndex = index;
  return expression.exec(text)?.[0] ?? "";
}

function readToken(source: Source, start: number): Token {
  const { text } = source;
  const position = start + 1;
  if (text[start] === "'" || text[start] === '"') {
    const { value, end } = readQuoted(source, start);
    return { kind: "string", value, text: text.slice(start, end), position };
  }
  if (match(NAME_START, text, start) !== "") return readName(source, start);
  const symbol = match(SYMBOL, text, start);
  if (symbol !== "") return { kind: "symbol", text: symbol, position };
  const number = match(NUMBER, text, start);
  if (number !== "") return readNumber(source, start, number);
  throw searchError(source, position, {
    found: quoted(String.fromCodePoint(text.codePointAt(start) ?? 0)),
    expected: "a field, an operator or a value",
  });
}

/** The text between quotes; the closing quote is doubled to stand for itself, backslashes are literal. */
function readQuoted(source: Source, start: number): { value: string; end: number } {
  const { text } = source;
  const quote = text.charAt(start);
  let value = "";
  for (let from = start + 1; ; ) {
    const close = text.indexOf(quote, from);
    if (close === -1) {
      throw searchError(source, start + 1, {
        found: `the open quote ${quote}`,
        expected: "a closing one",
        advice: `Double a quote that belongs to the text: ${quote}${quote}`,
      });
    }
    value += text.slice(from, close);
    if (text[close + 1] !== quote) return { value, end: close + 1 };
    value += quote;
    from = close + 2;
  }
}

/** Parts with dots between them, each bare or in quotes of any kind. */
function readName(source: Source, start: number): Token {
  const { text } = source;
  const parts: string[] = [];
  let end = start;
  do {
    if (end > start) end += 1;
    const isQuoted = "`'\"".includes(text[end] ?? " ");
    const bare = isQuoted ? "" : match(BARE_PART, text, end);
    const part = isQuoted ? readQuoted(source, end) : { value: bare, end: end + bare.length };
    if (part.value === "") {
      throw searchError(source, end + 1, {
        found: end < text.length ? quoted(text.slice(end, part.end + 1)) : "the end",
        expected: parts.length === 0 ? "a name" : `a key behind ${quoted(text.slice(start, end))}`,
      });
    }
    parts.push(part.value);
    end = part.end;
  } while (text[end] === ".");
  const place = { text: text.slice(start, end), position: start + 1 };
  const [first = "", ...rest] = parts;
  return rest.length === 0
    ? { kind: "name", key: first, ...place }
    : { kind: "name", entity: first, key: rest.join("."), ...place };
}

function readNumber(source: Source, start: number, number: string): Token {
  const tail = match(NUMBER_TAIL, source.text, start + number.length);
  const value = Number(number);
  if (tail !== "" || !Number.isFinite(value)) {
    throw searchError(source, start + 1, {
      found: quoted(number + tail),
      expected: "a finite decimal number",
      ...(tail !== "" && { advice: "Put texts in quotes, separate words by spaces" }),
    });
  }
  return { kind: "number", value, text: number, position: start + 1 };
}
