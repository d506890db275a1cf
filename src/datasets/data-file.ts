import { stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { AssayError } from "../core/index.ts";
import { type ByteSource, fileBytes, firstBytes, isGzip, streamBytes } from "./bytes.ts";
import { readCsv } from "./csv.ts";
import { readJson } from "./json.ts";
import { readJsonl } from "./jsonl.ts";
import { isParquet, readParquet, readParquetBytes } from "./parquet.ts";
import type { Portions } from "./raw-row.ts";

type Format = "jsonl" | "json" | "csv" | "tsv" | "parquet";

const FORMATS: { readonly [ending: string]: Format } = {
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
  ".json": "json",
  ".csv": "csv",
  ".tsv": "tsv",
  ".parquet": "parquet",
};

/** The endings of data files, for messages. */
export const DATA_ENDINGS = ".jsonl, .json, .csv, .tsv or .parquet";

const TEXT_READERS: {
  readonly [format in Exclude<Format, "parquet">]: (source: ByteSource) => Portions;
} = {
  jsonl: readJsonl,
  json: readJson,
  csv: (source) => readCsv(source, ","),
  tsv: (source) => readCsv(source, "\t"),
};

/** What messages and runs call standard input. */
export const STDIN_NAME = "stdin";

/** @throws {AssayError} `invalid-argument` for a file that is missing or of an unknown kind. */
export async function openFile(
  path: string,
  baseDir: string,
): Promise<{ name: string; read: () => Portions }> {
  const file = resolve(baseDir, path);
  const name = basename(path);
  const found = path === "" ? undefined : await stat(file).catch(() => undefined);
  if (found === undefined) throw new AssayError("invalid-argument", `No data file at "${path}"`);
  if (!found.isFile()) throw new AssayError("invalid-argument", `${path} is not a file`);
  const isNamedGzip = extname(name).toLowerCase() === ".gz";
  const ending = extname(isNamedGzip ? name.slice(0, -".gz".length) : name).toLowerCase();
  const format = FORMATS[ending];
  if (format === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Cannot read ${name} as data. Expected a ${DATA_ENDINGS} file, or one of them with .gz`,
    );
  }
  return { name, read: () => readFile(file, name, format, isNamedGzip) };
}

async function* readFile(
  path: string,
  name: string,
  format: Format,
  isNamedGzip: boolean,
): Portions {
  const source = fileBytes(path, name);
  if (format === "parquet" || isNamedGzip) {
    const isCompressed = await startsAsGzip(path, source);
    if (isNamedGzip && !isCompressed) {
      throw new AssayError("invalid-argument", `${name}: expected gzip data, found something else`);
    }
    if (format === "parquet" && !isCompressed) {
      yield* readParquet(path, name);
      return;
    }
  }
  yield* format === "parquet" ? readParquetBytes(source) : TEXT_READERS[format](source);
}

async function startsAsGzip(path: string, { name }: ByteSource): Promise<boolean> {
  try {
    return isGzip(await firstBytes(path, 2));
  } catch (cause) {
    const { code = "unknown error" } = cause as NodeJS.ErrnoException;
    throw new AssayError("invalid-argument", `${name}: cannot be read (${code})`, { cause });
  }
}

/**
 * Rows from standard input. It has no name that would tell its format, so its first bytes do: `PAR1` is
 * Parquet, `[` an array, `{` JSON Lines, and anything else CSV, or TSV where the first line has a tab.
 */
export async function* readStdin(stream: AsyncIterable<Uint8Array | string>): Portions {
  const source = streamBytes(stream, STDIN_NAME);
  const iterator = source.read()[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let format: Format | undefined;
  while (format === undefined) {
    const next = await iterator.next();
    if (!next.done) chunks.push(next.value);
    format = formatOf(Buffer.concat(chunks), next.done === true);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield Buffer.concat(chunks);
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  const whole = { name: STDIN_NAME, read: all };
  yield* format === "parquet" ? readParquetBytes(whole) : TEXT_READERS[format](whole);
}

/** Undefined while the beginning is too short to tell. */
function formatOf(bytes: Buffer, isAll: boolean): Format | undefined {
  if (isParquet(bytes)) return "parquet";
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "");
  const [first] = text.trimStart();
  if (first === "[") return "json";
  if (first === "{") return "jsonl";
  const [line, rest] = text.split("\n", 2);
  if (rest === undefined && !isAll) return undefined;
  return line?.includes("\t") ? "tsv" : "csv";
}
