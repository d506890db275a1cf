import { stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { AssayError, describeError, isAssayError, toJsonValue } from "../core/index.ts";
import { readCsv } from "./csv.ts";
import { readJson } from "./json.ts";
import { asRecord, readJsonl } from "./jsonl.ts";
import type { RawRow } from "./normalize-row.ts";

type Rows = Iterable<object> | AsyncIterable<object>;

/** Rows that are not in a tracking store: a file, or anything that yields rows. */
export type RawData = string | readonly object[] | Rows | (() => Rows | Promise<Rows>);

/** Rows as their source has them. */
export interface RawRows {
  /** What messages and runs call them. */
  readonly name: string;
  /** Whether they can be read as often as they are asked for. */
  readonly isRepeatable: boolean;
  read(): AsyncIterable<RawRow>;
}

/**
 * @param baseDir - Folder that a relative path starts from.
 * @throws {AssayError} `invalid-argument` for a file that is missing or of an unknown kind.
 */
export async function openRaw(data: RawData, baseDir = "."): Promise<RawRows> {
  if (typeof data === "string") return fileRows(data, baseDir);
  if (typeof data === "function") {
    return { name: "rows", isRepeatable: true, read: () => fromIterable(data()) };
  }
  if (Array.isArray(data)) {
    return { name: "rows", isRepeatable: true, read: () => fromIterable(data) };
  }
  if (isIterable(data)) {
    return { name: "stream", isRepeatable: false, read: () => fromIterable(data) };
  }
  throw new AssayError(
    "invalid-argument",
    "Expected `data` to be rows, a path, or something that yields rows",
  );
}

async function fileRows(path: string, baseDir: string): Promise<RawRows> {
  const file = resolve(baseDir, path);
  const name = basename(path);
  const found = path === "" ? undefined : await stat(file).catch(() => undefined);
  if (found === undefined) throw new AssayError("invalid-argument", `No data file at "${path}"`);
  if (!found.isFile()) throw new AssayError("invalid-argument", `${path} is not a file`);
  return { name, isRepeatable: true, read: readerOf(file, name) };
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
