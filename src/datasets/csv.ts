import type { CsvError } from "csv-parse";
import { AssayError, type JsonValue } from "../core/index.ts";
import type { ByteSource } from "./bytes.ts";
import { assign, parseJson, type RawRow, whereOf } from "./raw-row.ts";
import { type LineCount, readText } from "./read-text.ts";

/** Columns whose cells are structures; in a CSV file they are written as JSON. */
const STRUCTURED = new Set(["inputs", "expectations", "metadata", "tags"]);

/** How JSON begins that is not a text such as "[1] The Times". Contexts and messages are either. */
const BEGINS_AS_JSON = /^\s*(?:\{\s*["}]|\[\s*["[{\]])/;

/** Cells as they stand in the file, and the line on which they begin. */
interface Record {
  readonly cells: readonly string[];
  readonly line: number;
}

/** The rows of a CSV or TSV source with a header line. Cells are text; an empty cell is absent. */
export async function* readCsv(
  source: ByteSource,
  delimiter: "," | "\t",
): AsyncGenerator<Iterable<RawRow>> {
  const unit = `${source.name} line`;
  let header: readonly string[] | undefined;
  for await (const records of readRecords(source, delimiter)) {
    const isHeader = header === undefined;
    header ??= checkedHeader(records[0]?.cells ?? [], source.name);
    yield rowsOf(isHeader ? records.slice(1) : records, header, unit);
  }
}

function* rowsOf(
  records: readonly Record[],
  columns: readonly string[],
  unit: string,
): Generator<RawRow> {
  for (const { cells, line: number } of records) {
    if (cells.length !== columns.length) {
      throw new AssayError(
        "invalid-argument",
        `${whereOf({ unit, number })}: expected ${columns.length} cells, as the header has columns, found ${cells.length}`,
      );
    }
    const record: { [column: string]: JsonValue } = {};
    for (const [index, column] of columns.entries()) {
      const cell = cells[index] as string;
      if (cell !== "" && column !== "") assign(record, column, toValue(column, cell, unit, number));
    }
    yield { record, unit, number, columns };
  }
}

/** The records that hold anything, many at a time; lines of empty cells alone are left out. */
async function* readRecords(source: ByteSource, delimiter: string): AsyncGenerator<Record[]> {
  // Loaded here, because most data is JSON.
  const csv = await import("csv-parse");
  // Counted here, because the parser takes a CRLF inside a cell for two lines.
  const at: LineCount = { line: 1 };
  let records: Record[] = [];
  const collect = ({ record: cells, raw }: { record: string[]; raw: string }): null => {
    if (cells.some((cell) => cell !== "")) records.push({ cells, line: at.line });
    at.line += linesOf(raw);
    return null;
  };
  const parser = csv.parse({
    delimiter,
    raw: true,
    relax_column_count: true,
    // The parser's types do not know that `raw` wraps records.
    on_record: collect as unknown as (record: string[]) => null,
  });
  // Callbacks hand the error on; without a listener it would also end the process.
  parser.on("error", () => undefined).resume();
  const finished = <T>(work: (done: (error?: Error | null) => void) => T) =>
    new Promise<void>((resolve, reject) => {
      work((error) => (error ? reject(error) : resolve()));
    });
  try {
    for await (const text of readText(source, at)) {
      await finished((done) => parser.write(text, done));
      if (records.length > 0) yield records;
      records = [];
    }
    await finished((done) => parser.end(done));
    if (records.length > 0) yield records;
  } catch (cause) {
    if (!(cause instanceof csv.CsvError)) throw cause;
    throw new AssayError("invalid-argument", `${source.name} line ${at.line}: ${describe(cause)}`);
  } finally {
    parser.destroy();
  }
}

function linesOf(raw: string): number {
  const first = raw.indexOf("\n");
  const isOneLine = first === raw.length - 1 && !raw.includes("\r");
  return isOneLine ? 1 : (raw.match(/\r\n|\r|\n/g)?.length ?? 0);
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

/** A first column without a name is the index that pandas writes; it is left out. */
function checkedHeader(columns: readonly string[], name: string): readonly string[] {
  const unnamed = columns.findIndex(
    (column, index) => column.trim() === "" && (index > 0 || columns.length === 1 || column !== ""),
  );
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (unnamed === -1 && twice === undefined) return columns;
  const problem =
    unnamed === -1 ? `names the column "${twice}" twice` : `has no name for column ${unnamed + 1}`;
  throw new AssayError("invalid-argument", `${name}: the header line ${problem}`);
}

function toValue(column: string, cell: string, unit: string, number: number): JsonValue {
  const mayBeText = column === "context" || column === "messages";
  const isJson = mayBeText ? BEGINS_AS_JSON : /^\s*[{[]/;
  if ((!mayBeText && !STRUCTURED.has(column)) || !isJson.test(cell)) return cell;
  const where = () => `${whereOf({ unit, number })}, column ${column}`;
  return parseJson(cell, where, "JSON") as JsonValue;
}
