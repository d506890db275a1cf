import { Readable } from "node:stream";
import type { CsvError } from "csv-parse";
import { AssayError, type JsonValue } from "../core/index.ts";
import { parseJson } from "./jsonl.ts";
import type { RawRow } from "./normalize-row.ts";
import { readText } from "./read-text.ts";

/** Columns whose cells are structures; in a CSV file they are written as JSON. */
const STRUCTURED = new Set(["inputs", "expectations", "metadata", "tags"]);

/** How JSON begins that is not a text such as "[1] The Times". Contexts are either. */
const BEGINS_AS_JSON = /^\s*(?:\{\s*["}]|\[\s*["[{\]])/;

/** Cells as they stand in the file, and the line on which they begin. */
interface Record {
  readonly cells: readonly string[];
  readonly line: number;
}

/** The rows of a CSV or TSV file with a header line. Cells are text; an empty cell is absent. */
export async function* readCsv(
  path: string,
  name: string,
  delimiter: "," | "\t",
): AsyncGenerator<RawRow> {
  let header: readonly string[] | undefined;
  for await (const { cells, line } of readRecords(path, name, delimiter)) {
    if (header === undefined) {
      header = checkedHeader(cells, name);
      continue;
    }
    const where = `${name} line ${line}`;
    if (cells.length !== header.length) {
      throw new AssayError(
        "invalid-argument",
        `${where}: expected ${header.length} cells, as the header has columns, found ${cells.length}`,
      );
    }
    yield { record: toRecord(header, cells, where), where, columns: header };
  }
}

/** The records that hold anything; blank lines and lines of empty cells alone are left out. */
async function* readRecords(path: string, name: string, delimiter: string): AsyncGenerator<Record> {
  // Loaded here, because most data is JSON.
  const csv = await import("csv-parse");
  // Counted here, because the parser takes a CRLF inside a cell for two lines; and while it parses,
  // because its error overtakes the records before it.
  let next = 1;
  const number = ({ record: cells, raw }: { record: string[]; raw: string }): Record | null => {
    const line = next;
    next += raw.match(/\r\n|\r|\n/g)?.length ?? 0;
    return cells.some((cell) => cell !== "") ? { cells, line } : null;
  };
  const parser = csv.parse({
    delimiter,
    raw: true,
    relax_column_count: true,
    // The parser's types do not know that `raw` wraps records, nor that they may become anything.
    on_record: number as unknown as (record: string[]) => string[] | null,
  });
  const text = Readable.from(readText(path, name));
  // `pipe` does not hand errors on.
  text.on("error", (error) => parser.destroy(error));
  try {
    yield* text.pipe(parser) as AsyncIterable<Record>;
  } catch (cause) {
    if (!(cause instanceof csv.CsvError)) throw cause;
    throw new AssayError("invalid-argument", `${name} line ${next}: ${describe(cause)}`);
  } finally {
    text.destroy();
  }
}

function describe({ code }: CsvError): string {
  switch (code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return "a quoted cell that begins here is not closed";
    case "INVALID_OPENING_QUOTE":
    case "CSV_INVALID_CLOSING_QUOTE":
      return "a cell with a quote in it must be quoted as a whole, and its quotes doubled";
    default:
      return `expected CSV (${code})`;
  }
}

function checkedHeader(columns: readonly string[], name: string): readonly string[] {
  const unnamed = columns.findIndex((column) => column.trim() === "");
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (unnamed === -1 && twice === undefined) return columns;
  const problem =
    unnamed === -1 ? `names the column "${twice}" twice` : `has no name for column ${unnamed + 1}`;
  throw new AssayError("invalid-argument", `${name}: the header line ${problem}`);
}

function toRecord(
  header: readonly string[],
  cells: readonly string[],
  where: string,
): RawRow["record"] {
  const entries = header
    .map((column, index) => [column, cells[index] as string] as const)
    .filter(([, cell]) => cell !== "")
    .map(([column, cell]) => [column, toValue(column, cell, where)] as const);
  return Object.fromEntries(entries);
}

function toValue(column: string, cell: string, where: string): JsonValue {
  const isJson = column === "context" ? BEGINS_AS_JSON : /^\s*[{[]/;
  if ((column !== "context" && !STRUCTURED.has(column)) || !isJson.test(cell)) return cell;
  return parseJson(cell, `${where}, column ${column}`, "JSON") as JsonValue;
}
