import { stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { AssayError, describeError, isAssayError, toJsonValue } from "../core/index.ts";
import { readCsv } from "./csv.ts";
import { readJson } from "./json.ts";
import { asRecord, readJsonl } from "./jsonl.ts";
import type { ColumnOptions, RawRow } from "./normalize-row.ts";
import { onceOnly, type RowSource, repeatable } from "./row-source.ts";

/** What `evaluate` accepts as data: rows, a file, or anything that yields rows. */
export type Data =
  | string
  | readonly object[]
  | Iterable<object>
  | AsyncIterable<object>
  | (() => Rows | Promise<Rows>);

type Rows = Iterable<object> | AsyncIterable<object>;

export interface SourceOptions extends ColumnOptions {
  /** Folder that a relative path starts from; default the working folder. */
  readonly baseDir?: string;
}

/** @throws {AssayError} `invalid-argument` for a file that is missing or of an unknown kind. */
export async function openSource(data: Data, options: SourceOptions = {}): Promise<RowSource> {
  if (typeof data === "string") return fileSource(data, options);
  if (typeof data === "function") {
    return repeatable("rows", () => fromIterable(data()), options);
  }
  if (Array.isArray(data)) return repeatable("rows", () => fromIterable(data), options);
  if (isIterable(data)) return onceOnly("stream", fromIterable(data), options);
  throw new AssayError(
    "invalid-argument",
    "Expected `data` to be rows, a path, or something that yields rows",
  );
}

async function fileSource(path: string, options: SourceOptions): Promise<RowSource> {
  const file = resolve(options.baseDir ?? ".", path);
  const name = basename(path);
  const found = path === "" ? undefined : await stat(file).catch(() => undefined);
  if (found === undefined) throw new AssayError("invalid-argument", `No data file at "${path}"`);
  if (!found.isFile()) throw new AssayError("invalid-argument", `${path} is not a file`);
  return repeatable(name, readerOf(file, name), options);
}

function readerOf(file: string, name: string): () => AsyncIterable<RawRow> {
  switch (extname(file).toLowerCase()) {
    case ".jsonl":
    case ".ndjson":
      return () => readJsonl(file, name);
    case ".json":
      return () => readJson(file, name);
    case ".csv":
      return () => readCsv(file, name, ",");
    case ".tsv":
      return () => readCsv(file, name, "\t");
    default:
      throw new AssayError(
        "invalid-argument",
        `Cannot read ${name} as data. Expected a .jsonl, .json, .csv or .tsv file`,
      );
  }
}

async function* fromIterable(given: Rows | Promise<Rows>): AsyncGenerator<RawRow> {
  const data = await given;
  if (!isIterable(data)) {
    throw new AssayError("invalid-argument", "Expected the function given as `data` to give rows");
  }
  let number = 0;
  for await (const row of readable(data)) {
    number += 1;
    const where = `row ${number}`;
    // Instances of classes become plain objects; lists and maps stay what they are and are refused.
    const isRecord = typeof row === "object" && row !== null && !isIterable(row);
    yield { record: asRecord(isRecord ? toJsonValue(row) : row, where), where };
  }
}

/** What the user's own iterator throws is about the data, not a defect of ours. */
async function* readable(data: Rows): AsyncGenerator<object> {
  try {
    yield* data;
  } catch (cause) {
    if (isAssayError(cause)) throw cause;
    throw new AssayError(
      "invalid-argument",
      `The data could not be read: ${describeError(cause)}`,
      {
        cause,
      },
    );
  }
}

function isIterable(value: unknown): value is Rows {
  return (
    typeof value === "object" &&
    value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}
