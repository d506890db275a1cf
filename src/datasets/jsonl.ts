import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { AssayError, isPlainObject, type JsonValue } from "../core/index.ts";
import type { RawRow } from "./normalize-row.ts";

/** The objects of a JSON Lines file, one line at a time; blank lines are skipped. */
export async function* readJsonl(path: string, name: string): AsyncGenerator<RawRow> {
  const lines = createInterface({
    input: createReadStream(path, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    const text = number === 1 ? line.replace(/^\uFEFF/, "") : line;
    if (text.trim() === "") continue;
    const where = `${name} line ${number}`;
    yield { record: parseRecord(text, where), where };
  }
}

function parseRecord(text: string, where: string): RawRow["record"] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // The engine's message quotes the line; a dataset's text does not belong into an error.
    throw new AssayError(
      "invalid-argument",
      `${where}: expected a JSON object, found malformed JSON`,
      {
        cause,
      },
    );
  }
  return asRecord(value, where);
}

/** @throws {AssayError} `invalid-argument` unless `value` is an object. */
export function asRecord(value: unknown, where: string): RawRow["record"] {
  if (isPlainObject(value)) return value as { [column: string]: JsonValue };
  const found = Array.isArray(value) ? "an array" : value === null ? "null" : `a ${typeof value}`;
  throw new AssayError("invalid-argument", `${where}: expected a JSON object, found ${found}`);
}
