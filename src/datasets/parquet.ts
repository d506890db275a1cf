import { type FileHandle, open } from "node:fs/promises";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import type {
  AsyncBuffer,
  Compressors,
  DecodedArray,
  ParquetRowRange,
  ParquetScan,
} from "hyparquet";
import { AssayError, type JsonValue } from "../core/index.ts";
import type { ByteSource } from "./bytes.ts";
import { PARSERS, toJson } from "./parquet-values.ts";
import { assign, type RawRow } from "./raw-row.ts";

/** How every Parquet file begins. */
const MAGIC = "PAR1";

/** A row group is read in slices of so many rows, unless they became too many. */
const SLICE_ROWS = 20_000;
const MOST_SLICES = 16;

export function isParquet(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString("latin1") === MAGIC;
}

/**
 * The rows of a Parquet file, a part of one row group in memory at a time.
 *
 * @throws {AssayError} `invalid-argument` for what is no Parquet, cut off, damaged, or of a kind that
 *   cannot be read.
 */
export async function* readParquet(path: string, name: string): AsyncGenerator<Iterable<RawRow>> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (cause) {
    const { code = "unknown error" } = cause as NodeJS.ErrnoException;
    throw new AssayError("invalid-argument", `${name}: cannot be read (${code})`, { cause });
  }
  try {
    const { size } = await file.stat();
    yield* readGroups(
      { byteLength: size, slice: (start, end = size) => slice(file, start, end) },
      name,
    );
  } finally {
    await file.close();
  }
}

/** As {@link readParquet}, of bytes that are held in memory: Parquet is read from its end. */
export async function* readParquetBytes(source: ByteSource): AsyncGenerator<Iterable<RawRow>> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.read()) chunks.push(chunk);
  const { buffer, byteOffset, byteLength } = Buffer.concat(chunks);
  const slice = (start: number, end = byteLength) =>
    (buffer as ArrayBuffer).slice(byteOffset + start, byteOffset + end);
  yield* readGroups({ byteLength, slice }, source.name);
}

async function* readGroups(file: AsyncBuffer, name: string): AsyncGenerator<Iterable<RawRow>> {
  const scan = await openScan(file, name);
  const columns = checkedColumns(topLevel(scan.metadata.schema), name);
  for (const group of scan.ranges) {
    for (const slice of slicesOf(group)) {
      yield rowsOf(
        columns,
        await readCells(scan, columns, group, slice, name),
        slice,
        `${name} row`,
      );
    }
  }
}

/** An index that pandas writes is no column of the data. */
const INDEX = /^__index_level_\d+__$/;

/** @throws {AssayError} `invalid-argument` for two columns of one name: only one of them could be read. */
function checkedColumns(columns: readonly Column[], file: string): Column[] {
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new AssayError("invalid-argument", `${file}: has two columns "${twice}"`);
  }
  return columns.filter(({ name }) => !INDEX.test(name));
}

interface Column {
  readonly name: string;
  /** Neither a list nor a structure. */
  readonly isFlat: boolean;
}

/** Many writers make one group of a million rows. What is not in the slice is passed over, but read. */
function* slicesOf({ rowStart, rowEnd }: ParquetRowRange): Generator<ParquetRowRange> {
  const rows = Math.max(SLICE_ROWS, Math.ceil((rowEnd - rowStart) / MOST_SLICES));
  for (let start = rowStart; start < rowEnd; start += rows) {
    yield { rowStart: start, rowEnd: Math.min(start + rows, rowEnd) };
  }
}

async function readCells(
  scan: ParquetScan,
  columns: readonly Column[],
  group: ParquetRowRange,
  slice: ParquetRowRange,
  name: string,
): Promise<DecodedArray[]> {
  try {
    const cells: DecodedArray[] = [];
    // One after another: fewer compressed ones are held meanwhile.
    for (const { name: column, isFlat } of columns) {
      // Of what is nested nothing can be passed over. Once read as a whole, the scan holds it.
      if (!isFlat) await scan.readColumn({ column, ...group });
      cells.push(await scan.readColumn({ column, ...slice }));
    }
    return cells;
  } catch (cause) {
    throw unreadable(name, ` rows ${slice.rowStart + 1} to ${slice.rowEnd}`, cause);
  }
}

/** The columns, in order. The schema is a tree, written depth first. */
function topLevel(schema: ParquetScan["metadata"]["schema"]): Column[] {
  const columns: Column[] = [];
  let index = 1;
  const skip = () => {
    const children = schema[index]?.num_children ?? 0;
    index += 1;
    for (let child = 0; child < children; child++) skip();
  };
  while (index < schema.length) {
    const { name = "", num_children: children, repetition_type: repetition } = schema[index] ?? {};
    columns.push({ name, isFlat: children === undefined && repetition !== "REPEATED" });
    skip();
  }
  return columns;
}

function* rowsOf(
  columns: readonly Column[],
  cells: readonly DecodedArray[],
  { rowStart, rowEnd }: ParquetRowRange,
  unit: string,
): Generator<RawRow> {
  for (let row = 0; row < rowEnd - rowStart; row++) {
    const record: { [column: string]: JsonValue } = {};
    for (const [index, { name }] of columns.entries()) {
      assign(record, name, toJson(cells[index]?.[row]));
    }
    yield { record, unit, number: rowStart + row + 1 };
  }
}

async function openScan(file: AsyncBuffer, name: string): Promise<ParquetScan> {
  // Loaded here, because most data is JSON.
  const [{ parquetMetadataAsync, parquetScan }, { compressors }] = await Promise.all([
    import("hyparquet"),
    import("hyparquet-compressors"),
  ]);
  // What Node has is faster than what is written in JavaScript.
  const codecs: Compressors = {
    ...compressors,
    GZIP: (input) => gunzipSync(input),
    ZSTD: (input) => zstdDecompressSync(input),
    BROTLI: (input) => brotliDecompressSync(input),
  };
  try {
    // Read with the parsers of the library: statistics of a column of bytes are taken for text there.
    const metadata = await parquetMetadataAsync(file);
    // Bytes that are not declared to be text stay bytes.
    const options = { compressors: codecs, parsers: PARSERS, utf8: false };
    return await parquetScan({ file, metadata, ...options });
  } catch (cause) {
    throw unreadable(name, "", cause);
  }
}

async function slice(file: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw new Error("the file became shorter");
    filled += bytesRead;
  }
  return bytes.buffer;
}

function unreadable(name: string, where: string, cause: unknown): AssayError {
  // The library's messages speak of the format, never of the data.
  const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
  return new AssayError(
    "invalid-argument",
    `${name}${where}: cannot be read as Parquet (${reason.replace(/^parquet /, "")})`,
    { cause },
  );
}
