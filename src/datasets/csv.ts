import { createReadStream } from "node:fs";
import type { CsvError } from "csv-parse";
import { AssayError, type JsonValue } from "../core/index.ts";
import type { RawRow } from "./normalize-row.ts";

/** Columns whose cells are structures; in a CSV file they are written as JSON. */
const STRUCTURED = new Set(["inputs", "expectations", "context", "metadata", "tags"]);

/** The rows of a CSV or TSV file with a header line. Cells are text; an empty cell is absent. */
export async function* readCsv(
  path: string,
  name: string,
  delimiter: "," | "\t",
): AsyncGenerator<RawRow> {
  // Loaded here, because most data is JSON.
  const csv = await import("csv-parse");
  const parser = csv.parse({
    delimiter,
    columns: true,
    bom: true,
    skip_empty_lines: true,
    info: true,
  });
  const file = createReadStream(path);
  // `pipe` does not hand errors on.
  file.on("error", (error) => parser.destroy(error));
  try {
    for await (const { record, info } of file.pipe(parser)) {
      const where = `${name} line ${info.lines}`;
      yield { record: toRecord(record, where), where };
    }
  } catch (cause) {
    if (!(cause instanceof csv.CsvError)) throw cause;
    throw new AssayError("invalid-argument", `${name}: ${describe(cause)}`, { cause });
  }
}

function describe(error: CsvError): string {
  const line = typeof error.lines === "number" ? `line ${error.lines}: ` : "";
  switch (error.code) {
    case "CSV_RECORD_INCONSISTENT_COLUMNS":
      return `${line}expected as many cells as the header has columns`;
    case "CSV_QUOTE_NOT_CLOSED":
      return `${line}a quoted cell is not closed`;
    default:
      return `${line}expected CSV with a header line (${error.code})`;
  }
}

function toRecord(cells: { readonly [column: string]: string }, where: string): RawRow["record"] {
  const entries = Object.entries(cells)
    .filter(([, cell]) => cell !== "")
    .map(([column, cell]) => [column, toValue(column, cell, where)]);
  return Object.fromEntries(entries) as RawRow["record"];
}

function toValue(column: string, cell: string, where: string): JsonValue {
  if (!STRUCTURED.has(column) || !/^\s*[{[]/.test(cell)) return cell;
  try {
    return JSON.parse(cell) as JsonValue;
  } catch (cause) {
    throw new AssayError("invalid-argument", `${where}: column ${column} holds malformed JSON`, {
      cause,
    });
  }
}
