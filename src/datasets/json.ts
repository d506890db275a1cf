import { AssayError } from "../core/index.ts";
import { asRecord, parseJson } from "./jsonl.ts";
import type { RawRow } from "./normalize-row.ts";
import { readText } from "./read-text.ts";

/** The objects of a JSON file that holds one array. */
export async function* readJson(path: string, name: string): AsyncGenerator<RawRow> {
  const chunks: string[] = [];
  for await (const chunk of readText(path, name)) chunks.push(chunk);
  const rows = parseJson(chunks.join(""), name, "a JSON array of rows");
  if (!Array.isArray(rows)) {
    throw new AssayError("invalid-argument", `${name}: expected a JSON array of rows`);
  }
  for (const [index, record] of rows.entries()) {
    const where = `${name} row ${index + 1}`;
    yield { record: asRecord(record, where), where };
  }
}
