import { sql } from "kysely";
import { AssayError } from "../../../core/index.ts";
import type { Test } from "../../search/index.ts";
import type { SqlExpressions } from "../engine.ts";
import type { Condition, Value } from "./search-table.ts";

/** SQLite takes no longer ones. Bytes of UTF-8. */
const MAX_PATTERN = 50_000;

/** Compares a text; where it is NULL only `is null` holds. */
export function textTest(expressions: SqlExpressions, value: Value, test: Test): Condition {
  switch (test.operator) {
    case "in":
      return expressions.isAmong(value, test.values);
    case "not in":
      return sql`not (${expressions.isAmong(value, test.values)})`;
    case "like":
      return expressions.like(value, checked(test.pattern));
    case "ilike":
      return expressions.ilike(value, checked(test.pattern));
    case "rlike":
      return expressions.rlike(value, test.pattern);
    case "is null":
      return sql`${value} is null`;
    case "is not null":
      return sql`${value} is not null`;
    default:
      return sql`${value} ${OPERATORS[test.operator]} ${String(test.value)}`;
  }
}

/** Compares a number; where it is NULL only `is null` holds. */
export function numberTest(value: Value, test: Test): Condition {
  switch (test.operator) {
    case "is null":
      return sql`${value} is null`;
    case "is not null":
      return sql`${value} is not null`;
    case "in":
    case "not in":
    case "like":
    case "ilike":
    case "rlike":
      throw new AssayError("internal", `Expected a test of a number, found ${test.operator}`);
    default:
      return sql`${value} ${OPERATORS[test.operator]} ${numberParameter(Number(test.value))}`;
  }
}

const OPERATORS = {
  "=": sql`=`,
  "!=": sql`<>`,
  "<": sql`<`,
  "<=": sql`<=`,
  ">": sql`>`,
  ">=": sql`>=`,
};

/** PostgreSQL takes a parameter beside an integer for one, whatever it holds. */
export function numberParameter(value: number): Value {
  return Number.isSafeInteger(value) ? sql`${value}` : sql`cast(${value} as double precision)`;
}

function checked(pattern: string): string {
  const size = Buffer.byteLength(pattern);
  if (size <= MAX_PATTERN) return pattern;
  throw new AssayError(
    "invalid-argument",
    `Expected a pattern of at most ${MAX_PATTERN} bytes, found one of ${size}. Shorten it.`,
  );
}
