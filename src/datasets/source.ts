import { stat } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import {
  AssayError,
  canonicalJson,
  createRollingDigest,
  isPlainObject,
  type Row,
  toJsonValue,
} from "../core/index.ts";
import { readCsv } from "./csv.ts";
import { readJson } from "./json.ts";
import { asRecord, readJsonl } from "./jsonl.ts";
import { type ColumnOptions, type RawRow, RowNormalizer } from "./normalize-row.ts";

/** What `evaluate` accepts as data: rows, a file, or anything that yields rows. */
export type Data =
  | string
  | readonly object[]
  | Iterable<object>
  | AsyncIterable<object>
  | (() => Iterable<object> | AsyncIterable<object>);

export interface DatasetSummary {
  readonly rows: number;
  /** sha256 over the canonical JSON of all rows, in order. */
  readonly digest: string;
  readonly first: Row;
}

/** Data that can be read as normalised rows. */
export interface RowSource {
  readonly name: string;
  rows(): AsyncIterable<Row>;
  /**
   * Reads everything once, so that a bad row is found before anything is paid for. Resolves to
   * `undefined` for data that can be read only once.
   *
   * @throws {AssayError} `invalid-argument` for the first row that cannot be used, and for data without rows.
   */
  inspect(): Promise<DatasetSummary | undefined>;
}

export interface SourceOptions extends ColumnOptions {
  /** Folder that a relative path starts from; default the working folder. */
  readonly baseDir?: string;
}

/** @throws {AssayError} `invalid-argument` for a file that is missing or of an unknown kind. */
export async function openSource(data: Data, options: SourceOptions = {}): Promise<RowSource> {
  if (typeof data === "string") return fileSource(data, options);
  if (Array.isArray(data)) return repeatable("rows", () => fromIterable(data), options);
  if (typeof data === "function") return repeatable("rows", () => fromIterable(data()), options);
  if (isIterable(data)) return onceOnly(data, options);
  throw new AssayError(
    "invalid-argument",
    "Expected `data` to be rows, a path, or something that yields rows",
  );
}

async function fileSource(path: string, options: SourceOptions): Promise<RowSource> {
  const file = resolve(options.baseDir ?? ".", path);
  const name = basename(path);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new AssayError("invalid-argument", `No data file at ${path}`);
  if (!found.isFile()) throw new AssayError("invalid-argument", `${path} is not a file`);
  const reader = readerOf(file, name);
  return repeatable(name, reader, options);
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

async function* fromIterable(
  data: Iterable<object> | AsyncIterable<object>,
): AsyncGenerator<RawRow> {
  let number = 0;
  for await (const row of data) {
    number += 1;
    const where = `row ${number}`;
    const record = isPlainObject(row) ? (toJsonValue(row) as RawRow["record"]) : row;
    yield { record: asRecord(record, where), where };
  }
}

function repeatable(
  name: string,
  read: () => AsyncIterable<RawRow>,
  options: ColumnOptions,
): RowSource {
  return {
    name,
    rows: () => normalized(read(), options),
    inspect: async () => {
      const digest = createRollingDigest();
      let rows = 0;
      let first: Row | undefined;
      for await (const row of normalized(read(), options)) {
        first ??= row;
        const { ordinal: _, ...content } = row;
        digest.add(canonicalJson(content));
        rows += 1;
      }
      if (first === undefined) throw new AssayError("invalid-argument", `${name} holds no rows`);
      return { rows, digest: digest.hex(), first };
    },
  };
}

function onceOnly(
  data: Iterable<object> | AsyncIterable<object>,
  options: ColumnOptions,
): RowSource {
  return {
    name: "stream",
    rows: () => normalized(fromIterable(data), options),
    inspect: async () => undefined,
  };
}

async function* normalized(
  raw: AsyncIterable<RawRow>,
  options: ColumnOptions,
): AsyncGenerator<Row> {
  const normalizer = new RowNormalizer(options);
  for await (const row of raw) yield normalizer.normalize(row);
}

function isIterable(value: unknown): value is Iterable<object> | AsyncIterable<object> {
  return (
    typeof value === "object" &&
    value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}
