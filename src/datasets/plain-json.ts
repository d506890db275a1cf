import { isPlainObject, type JsonValue, toJsonValue } from "../core/index.ts";
import { assign } from "./raw-row.ts";

const DEEPEST = 100;
const NOT_PLAIN = Symbol("not plain");

/**
 * A copy of a value in memory as JSON has it, so that nothing that is done to the original or the copy
 * reaches the other. Plain data, which most is, is copied directly; for all else see {@link toJsonValue}.
 */
export function copyAsJson(value: unknown): JsonValue {
  const copy = copied(value, 0);
  return copy === NOT_PLAIN ? toJsonValue(value) : (copy as JsonValue);
}

function copied(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      // JSON has no -0.
      return Number.isFinite(value) ? value + 0 : NOT_PLAIN;
    case "object":
      if (value === null) return null;
      if (depth === DEEPEST) return NOT_PLAIN;
      if (Array.isArray(value)) return copiedList(value, depth);
      return isPlainObject(value) && !("toJSON" in value) ? copiedObject(value, depth) : NOT_PLAIN;
    default:
      return NOT_PLAIN;
  }
}

function copiedList(list: readonly unknown[], depth: number): unknown {
  const copies = list.map((member) => copied(member, depth + 1));
  // `includes` also finds the holes that `map` leaves.
  return copies.includes(NOT_PLAIN) || copies.includes(undefined) ? NOT_PLAIN : copies;
}

function copiedObject(object: { readonly [key: string]: unknown }, depth: number): unknown {
  const copy: { [key: string]: JsonValue } = {};
  for (const key of Object.keys(object)) {
    const member = object[key];
    if (member === undefined) continue;
    const value = copied(member, depth + 1);
    if (value === NOT_PLAIN) return NOT_PLAIN;
    assign(copy, key, value as JsonValue);
  }
  return copy;
}
