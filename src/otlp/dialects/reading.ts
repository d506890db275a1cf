import { isPlainObject, type JsonObject, type JsonValue, type SpanType } from "../../core/index.ts";

/** What one vocabulary says of a span in our terms; what it does not say is absent. */
export interface Reading {
  readonly type?: SpanType | undefined;
  readonly inputs?: JsonValue | undefined;
  readonly outputs?: JsonValue | undefined;
  /** Under the names of the GenAI conventions. */
  readonly attributes?: { readonly [name: string]: JsonValue | undefined };
  /** Attributes whose content is in inputs and outputs now: a prompt is stored once. */
  readonly taken?: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
}

/** Reads the spans of one vocabulary; `undefined` for those of others. */
export type Dialect = (recorded: JsonObject) => Reading | undefined;

/** Structured content travels as JSON text; what does not parse is text. */
export function parsed(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as JsonValue;
  } catch {
    return value;
  }
}

export function parsedObject(value: JsonValue | undefined): JsonObject {
  const found = parsed(value);
  return isPlainObject(found) ? (found as JsonObject) : {};
}

export const number = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;

export const text = (value: JsonValue | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

export const namesUnder = (recorded: JsonObject, prefix: string): string[] =>
  Object.keys(recorded).filter((name) => name.startsWith(prefix));

/** Attributes with numbers in their names as the lists that they stand for: `a.0.b` is `[{ b }]`. */
export function unflattened(recorded: JsonObject, prefix: string): JsonValue[] {
  const root: Branch = {};
  for (const name of namesUnder(recorded, prefix)) {
    let branch = root;
    const steps = name.slice(prefix.length).split(".");
    for (const step of steps.slice(0, -1)) {
      const next = branch[step];
      const own = isPlainObject(next) ? (next as Branch) : {};
      branch[step] = own;
      branch = own;
    }
    branch[steps.at(-1) ?? ""] = recorded[name] as JsonValue;
  }
  return asLists(root) as JsonValue[];
}

interface Branch {
  [step: string]: unknown;
}

function asLists(value: unknown): JsonValue {
  if (!isPlainObject(value)) return value as JsonValue;
  const entries = Object.entries(value).map(([key, member]) => [key, asLists(member)] as const);
  const isList = entries.every(([key]) => /^\d+$/.test(key));
  if (!isList) return Object.fromEntries(entries);
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, member]) => member);
}

export function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  return isPlainObject(value) ? (value as JsonObject)[name] : undefined;
}

/** A call of a tool in the conventions' shape. */
export function toolCall(
  id: JsonValue | undefined,
  name: JsonValue | undefined,
  args: JsonValue | undefined,
): JsonValue {
  return {
    type: "tool_call",
    ...(typeof id === "string" && { id }),
    name: text(name) ?? "",
    ...(args !== undefined && { arguments: parsed(args) ?? null }),
  };
}
