import { AssayError, isPlainObject, type JsonValue } from "../core/index.ts";
import type { RawRow } from "./normalize-row.ts";
import { readLines } from "./read-text.ts";

/** The objects of a JSON Lines file, one line at a time; blank lines are skipped. */
export async function* readJsonl(path: string, name: string): AsyncGenerator<RawRow> {
  let number = 0;
  for await (const line of readLines(path, name)) {
    number += 1;
    if (line.trim() === "") continue;
    const where = `${name} line ${number}`;
    yield { record: asRecord(parseJson(line, where, "a JSON object"), where), where };
  }
}

/** @throws {AssayError} `invalid-argument`, which says what was expected and quotes nothing. */
export function parseJson(text: string, where: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's message quotes the text; a dataset's text does not belong into an error, nor into its cause.
    throw new AssayError(
      "invalid-argument",
      `${where}: expected ${expected}, found malformed JSON`,
    );
  }
}

/** @throws {AssayError} `invalid-argument` unless `value` is an object. */
export function asRecord(value: unknown, where: string): RawRow["record"] {
  if (isPlainObject(value)) return value as { [column: string]: JsonValue };
  throw new AssayError(
    "invalid-argument",
    `${where}: expected a JSON object, found ${kindOf(value)}`,
  );
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return `a ${typeof value === "object" ? value.constructor.name : typeof value}`;
}
