import { readFile } from "node:fs/promises";
import { AssayError } from "../core/index.ts";
import { asRecord } from "./jsonl.ts";
import type { RawRow } from "./normalize-row.ts";

/** The objects of a JSON file that holds one array. */
export async function* readJson(path: string, name: string): AsyncGenerator<RawRow> {
  const text = await readFile(path, "utf8");
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    throw new AssayError(
      "invalid-argument",
      `${name}: expected a JSON array, found malformed JSON`,
      {
        cause,
      },
    );
  }
  if (!Array.isArray(value)) {
    throw new AssayError("invalid-argument", `${name}: expected a JSON array of rows`);
  }
  for (const [index, record] of value.entries()) {
    const where = `${name} row ${index + 1}`;
    yield { record: asRecord(record, where), where };
  }
}
