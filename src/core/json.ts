import { AssayError } from "./errors.ts";

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export type JsonObject = { readonly [key: string]: JsonValue };

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/**
 * JSON with object keys sorted by code unit and no spaces: equal values give equal text.
 *
 * `undefined` members are left out, as in `JSON.stringify`.
 *
 * @throws {AssayError} `invalid-argument` for a value that JSON cannot hold (cycle, BigInt).
 */
export function canonicalJson(value: unknown): string {
  try {
    return JSON.stringify(value, sortedKeys) ?? "null";
  } catch (cause) {
    throw new AssayError(
      "invalid-argument",
      `Expected a value that JSON can hold, got ${typeof value}`,
      { cause },
    );
  }
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (!isPlainObject(value)) return value;
  // Integer-like keys come first in any JavaScript object, so the order stays a function of the keys.
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, value[key]]),
  );
}

/**
 * The JSON form of anything a model or a tool may hand over: what JSON cannot hold becomes text
 * (BigInt, functions, cycles) instead of an exception, because recording must not fail.
 */
export function toJsonValue(value: unknown): JsonValue {
  try {
    return jsonForm(value);
  } catch (error) {
    // A getter or toJSON of the value threw, or it is nested or long beyond what JSON.stringify takes.
    return `[not recordable: ${error instanceof Error ? error.name : "unknown"}]`;
  }
}

function jsonForm(value: unknown): JsonValue {
  const ancestors: unknown[] = [];
  const text = JSON.stringify(value, function (this: unknown, _key, member: unknown) {
    if (typeof member === "bigint") return member.toString();
    if (typeof member === "function" || typeof member === "symbol") return String(member);
    if (member instanceof Error) return { name: member.name, message: member.message };
    if (typeof member === "number" && !Number.isFinite(member)) return String(member);
    if (typeof member !== "object" || member === null) return member;
    while (ancestors.length > 0 && ancestors.at(-1) !== this) ancestors.pop();
    if (ancestors.includes(member)) return "[circular]";
    ancestors.push(member);
    return member;
  });
  return text === undefined ? null : (JSON.parse(text) as JsonValue);
}
