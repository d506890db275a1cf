import { sql } from "kysely";
import type { Test } from "../../search/index.ts";
import type { SqlExpressions } from "../engine.ts";
import type { Condition, Value } from "./search-table.ts";

/** How much of a long value its index holds, in code points: `substr(value, 1, 64)`. */
const INDEXED_LENGTH = 64;

/** The indexed beginning of a long value, written exactly as the indexes have it. */
export const beginningOf = (value: Value): Value => sql`substr(${value}, 1, 64)`;

/** The part of an index over short texts that holds all that pass a test; `undefined`: no part of it. */
export function textRange(
  expressions: SqlExpressions,
  indexed: Value,
  test: Test,
): Condition | undefined {
  switch (test.operator) {
    case "=":
      return sql`${indexed} = ${beginning(String(test.value))}`;
    case "in":
      return expressions.isAmong(indexed, test.values.map(beginning));
    case "like":
      return prefixRange(indexed, beginning(literalPrefix(test.pattern)));
    default:
      return undefined;
  }
}

/** All texts that start with `prefix`, in the order of their code points. */
export function prefixRange(indexed: Value, prefix: string): Condition | undefined {
  if (prefix === "") return undefined;
  const end = textAfterAll(prefix);
  return end === undefined
    ? sql`${indexed} >= ${prefix}`
    : sql`${indexed} >= ${prefix} and ${indexed} < ${end}`;
}

function beginning(text: string): string {
  return text.length <= INDEXED_LENGTH ? text : [...text].slice(0, INDEXED_LENGTH).join("");
}

/** What stands before the first wildcard of a pattern whose escapes are explicit. */
function literalPrefix(pattern: string): string {
  const [escaped = ""] = /^(?:\\[%_\\]|[^%_\\])*/.exec(pattern) ?? [];
  return escaped.replace(/\\([%_\\])/g, "$1");
}

/** The least text behind all that start with `prefix`; `undefined` if there is none. */
function textAfterAll(prefix: string): string | undefined {
  const codes = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (codes.at(-1) === 0x10ffff) codes.pop();
  const last = codes.pop();
  if (last === undefined) return undefined;
  // Surrogates are no characters of their own.
  return String.fromCodePoint(...codes, last === 0xd7ff ? 0xe000 : last + 1);
}
