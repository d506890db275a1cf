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
    const sorted = sortedPlain(value, 0);
    // What is not plain throughout may write itself in a way of its own, which only a replacer sees.
    const isPlain = sorted !== NOT_PLAIN;
    return (isPlain ? JSON.stringify(sorted) : JSON.stringify(value, sortedKeys)) ?? "null";
  } catch (cause) {
    throw new AssayError(
      "invalid-argument",
      `Expected a value that JSON can hold, got ${typeof value}`,
      { cause },
    );
  }
}

const NOT_PLAIN: unique symbol = Symbol("not plain");

/** Deeper values, and cycles, are left to JSON.stringify. */
const DEEPEST = 200;

/** `value` with its keys in order; without a replacer, which costs far more. */
function sortedPlain(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEEPEST) return NOT_PLAIN;
  if (Array.isArray(value)) return sortedMembers(value, depth);
  if (!isPlainObject(value) || "toJSON" in value) return NOT_PLAIN;
  const keys = Object.keys(value);
  if (isSorted(keys) && keys.every((key) => isLeaf(value[key]))) return value;
  keys.sort();
  const members = sortedMembers(
    keys.map((key) => value[key]),
    depth,
  );
  if (members === NOT_PLAIN) return NOT_PLAIN;
  return Object.fromEntries(keys.map((key, at) => [key, members[at]]));
}

/** Ends with the first that is not plain: what refers to itself twice has more paths than can be walked. */
function sortedMembers(
  values: readonly unknown[],
  depth: number,
): readonly unknown[] | typeof NOT_PLAIN {
  const members: unknown[] = [];
  for (const value of values) {
    const member = sortedPlain(value, depth + 1);
    if (member === NOT_PLAIN) return NOT_PLAIN;
    members.push(member);
  }
  return members;
}

function isLeaf(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function isSorted(keys: readonly string[]): boolean {
  return keys.every((key, index) => index === 0 || (keys[index - 1] as string) < key);
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
    const copy = plainCopy(value, 0);
    return copy === NOT_PLAIN ? jsonForm(value) : copy;
  } catch (error) {
    // A getter or toJSON of the value threw, or it is nested or long beyond what JSON.stringify takes.
    return `[not recordable: ${error instanceof Error ? error.name : "unknown"}]`;
  }
}

/** What JSON text would give back, without the detour: texts are shared, so that long ones cost nothing. */
function plainCopy(value: unknown, depth: number): JsonValue | typeof NOT_PLAIN {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  // JSON has no negative zero.
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : NOT_PLAIN;
  if (typeof value !== "object" || depth > DEEPEST || "toJSON" in value) return NOT_PLAIN;
  if (Array.isArray(value)) {
    const items: JsonValue[] = [];
    for (const item of value) {
      const copy = plainCopy(item, depth + 1);
      if (copy === NOT_PLAIN) return NOT_PLAIN;
      items.push(copy);
    }
    return items;
  }
  if (!isPlainObject(value)) return NOT_PLAIN;
  const members: { [key: string]: JsonValue } = {};
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === undefined) continue;
    // As a key of its own, which an assignment would not make of it.
    const copy = key === "__proto__" ? NOT_PLAIN : plainCopy(member, depth + 1);
    if (copy === NOT_PLAIN) return NOT_PLAIN;
    members[key] = copy;
  }
  return members;
}

function jsonForm(value: unknown): JsonValue {
  /** What is being written, and the stand-ins of what JSON would write as an empty object. */
  const ancestors: { readonly original: unknown; readonly written: unknown }[] = [];
  const text = JSON.stringify(value, function (this: unknown, _key, member: unknown) {
    if (typeof member === "bigint") return member.toString();
    if (typeof member === "function" || typeof member === "symbol") return String(member);
    if (member instanceof Error) return { name: member.name, message: member.message };
    if (typeof member === "number" && !Number.isFinite(member)) return String(member);
    if (typeof member !== "object" || member === null) return member;
    if (member instanceof Promise) return "[promise that was not awaited]";
    if (member instanceof RegExp) return String(member);
    while (ancestors.length > 0 && ancestors.at(-1)?.written !== this) ancestors.pop();
    if (ancestors.some(({ original }) => original === member)) return "[circular]";
    const written = contentOf(member);
    ancestors.push({ original: member, written });
    return written;
  });
  return text === undefined ? null : (JSON.parse(text) as JsonValue);
}

/** By their tags: to name the classes themselves would load all of `fetch`. */
const KEYED = ["Map", "Headers", "URLSearchParams", "FormData"].map((name) => `[object ${name}]`);

function isKeyed(value: object): boolean {
  return KEYED.includes(Object.prototype.toString.call(value));
}

/** The members of what keeps them out of JSON's sight: maps, sets, headers, typed arrays. */
function contentOf(value: object): object {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as Float64Array);
  }
  if (value instanceof ArrayBuffer) return Array.from(new Uint8Array(value));
  if (value instanceof Set) return [...value];
  if (isKeyed(value)) {
    const entries = [...(value as Map<unknown, unknown>)];
    const isNamed = entries.every(([key]) => typeof key === "string");
    return isNamed ? Object.fromEntries(entries) : entries;
  }
  return value;
}
