import { quotable } from "../../core/index.ts";
import type { Operator, SearchTarget, Test } from "./filter.ts";
import { normalizeLikePattern } from "./like-pattern.ts";
import { PatternError, parsePattern } from "./pattern.ts";
import type { ResolvedField } from "./resolve-field.ts";
import { keywordOf, type TokenCursor } from "./token-cursor.ts";
import type { Token } from "./tokenize.ts";
import { operatorsOf } from "./vocabulary.ts";

/** What people write for an operator that has another name here. */
const MEANT: { readonly [written: string]: string } = {
  "==": "=",
  "<>": "!=",
  "=>": ">=",
  "=<": "<=",
  "~": "RLIKE",
  "=~": "RLIKE",
};

/**
 * Takes the operator and the value behind a field.
 *
 * @throws {AssayError} `invalid-argument` if the field does not admit the operator or the value.
 */
export function takeTest(cursor: TokenCursor, target: SearchTarget, resolved: ResolvedField): Test {
  const operators = operatorsOf(target, resolved.type);
  const start = cursor.current;
  const operator = takeOperator(cursor);
  if (operator === undefined || !operators.includes(operator)) {
    const expected = operators.map((each) => each.toUpperCase()).join(", ");
    const advice = adviceFor(start, operator);
    throw cursor.failure(
      `${operators.length > 1 ? "one of " : ""}${expected} for ${resolved.label}`,
      advice,
      start,
    );
  }
  switch (operator) {
    case "is null":
    case "is not null":
      return { operator };
    case "in":
    case "not in":
      return { operator, values: takeTexts(cursor, resolved.label) };
    case "like":
    case "ilike":
      return { operator, pattern: normalizeLikePattern(takeText(cursor, resolved.label)) };
    case "rlike":
      return { operator, pattern: takeRegularExpression(cursor, resolved.label) };
    case "=":
    case "!=":
      return { operator, value: takeValue(cursor, resolved) };
    default:
      return { operator, value: takeNumber(cursor, resolved.label) };
  }
}

/** `undefined` for anything else; the cursor may then stand behind a part of it. */
function takeOperator(cursor: TokenCursor): Operator | undefined {
  if (cursor.takeKeyword("NOT")) return cursor.takeKeyword("IN") ? "not in" : undefined;
  if (cursor.takeKeyword("IS")) {
    const isNegated = cursor.takeKeyword("NOT");
    if (!cursor.takeKeyword("NULL")) return undefined;
    return isNegated ? "is not null" : "is null";
  }
  const token = cursor.take();
  const written = token.kind === "symbol" ? token.text : keywordOf(token)?.toLowerCase();
  return SINGLE_WORDS.find((operator) => operator === written);
}

const SINGLE_WORDS = ["=", "!=", "<", "<=", ">", ">=", "in", "like", "ilike", "rlike"] as const;

function adviceFor(token: Token, operator: Operator | undefined): string | undefined {
  const meant = token.kind === "symbol" ? MEANT[token.text] : undefined;
  if (meant !== undefined) return `Write ${meant}`;
  const isNegation = operator === undefined && keywordOf(token) === "NOT";
  return isNegation ? "Write NOT in front of the field to negate another operator" : undefined;
}

function takeValue(cursor: TokenCursor, { field, type, label }: ResolvedField) {
  if (type === "number" || type === "optional number") return takeNumber(cursor, label);
  if (type === "assessment") return takeAssessmentValue(cursor, label);
  const token = cursor.current;
  const text = takeText(cursor, label);
  if (field.entity === "prompt" && !/^[^/]+\/[^/]+$/.test(text)) {
    throw cursor.failure(
      "a name and a version of a prompt, such as 'greeting/3'",
      undefined,
      token,
    );
  }
  return text;
}

function takeNumber(cursor: TokenCursor, label: string): number {
  const token = cursor.take();
  if (token.kind === "number") return token.value;
  const isQuotedNumber = token.kind === "string" && /^\s*[-+]?\.?\d/.test(token.value);
  throw cursor.failure(
    `a number for ${label}`,
    isQuotedNumber ? "Write it without quotes" : undefined,
    token,
  );
}

function takeText(cursor: TokenCursor, label: string): string {
  const token = cursor.take();
  if (token.kind === "string") return token.value;
  const isUnquoted = token.kind === "name" || token.kind === "number";
  throw cursor.failure(
    `a text in quotes for ${label}`,
    isUnquoted ? `Write '${shortened(token.text)}'` : undefined,
    token,
  );
}

function shortened(text: string): string {
  const bare = quotable(text.replaceAll(/[`'"]/g, ""));
  return bare.length > 40 ? "…" : bare;
}

function takeAssessmentValue(cursor: TokenCursor, label: string): string | number | boolean {
  if (cursor.takeKeyword("TRUE")) return true;
  if (cursor.takeKeyword("FALSE")) return false;
  const token = cursor.take();
  if (token.kind === "string" || token.kind === "number") return token.value;
  throw cursor.failure(`a text in quotes, a number, true or false for ${label}`, undefined, token);
}

/** A comma may follow the last text: Python writes tuples of one so. */
function takeTexts(cursor: TokenCursor, label: string): string[] {
  if (!cursor.takeSymbol("(")) throw cursor.failure(`a list such as ('a', 'b') for ${label}`);
  const values: string[] = [];
  do {
    if (values.length > 0 && cursor.takeSymbol(")")) return values;
    values.push(takeText(cursor, label));
  } while (cursor.takeSymbol(","));
  if (!cursor.takeSymbol(")")) throw cursor.failure("a comma or the closing parenthesis");
  return values;
}

function takeRegularExpression(cursor: TokenCursor, label: string): string {
  const token = cursor.current;
  const pattern = takeText(cursor, label);
  try {
    parsePattern(pattern);
    return pattern;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const { index, expected } = error;
    // Behind the quote, and quotes inside are written twice.
    const doubled = pattern.slice(0, index).split(token.text.charAt(0)).length - 1;
    const place = { text: pattern.slice(index), position: token.position + 1 + index + doubled };
    const kind = place.text === "" ? "end" : "symbol";
    throw cursor.failure(`in the regular expression ${expected}`, undefined, { kind, ...place });
  }
}
