import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { AssayError } from "../core/index.ts";

/** A file or another source of bytes. */
export interface ByteSource {
  /** What messages call it. */
  readonly name: string;
  /** The bytes; those of gzip are decompressed. */
  read(): AsyncIterable<Uint8Array>;
}

const CHUNK_BYTES = 64 * 1024;

/** The file at `path`. Whether it is compressed is told by its first bytes, not by its name. */
export function fileBytes(path: string, name: string): ByteSource {
  return {
    name,
    read: () => decompressed(createReadStream(path, { highWaterMark: CHUNK_BYTES }), name),
  };
}

/** Bytes that can be read once, such as those of standard input. */
export function streamBytes(stream: AsyncIterable<Uint8Array | string>, name: string): ByteSource {
  return { name, read: () => decompressed(binary(stream), name) };
}

/** The first bytes of a file, at most `length`. */
export async function firstBytes(path: string, length: number): Promise<Uint8Array> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file?.close();
  }
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** @throws {AssayError} `invalid-argument` for what is no readable file, or broken gzip. */
async function* decompressed(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  try {
    const { first, all } = await peeked(bytes);
    yield* isGzip(first) ? gunzipped(all) : all;
  } catch (cause) {
    throw new AssayError("invalid-argument", `${name}: ${problemOf(cause)}`, { cause });
  }
}

async function* gunzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const compressed = Readable.from(bytes);
  // `pipe` does not hand errors on.
  compressed.on("error", (error) => gunzip.destroy(error));
  try {
    yield* compressed.pipe(gunzip) as AsyncIterable<Uint8Array>;
  } finally {
    compressed.destroy();
    gunzip.destroy();
  }
}

/** The first bytes, two at least where there are two, and all of them. */
async function peeked(bytes: AsyncIterable<Uint8Array>) {
  const iterator = bytes[Symbol.asyncIterator]();
  let first: Uint8Array = new Uint8Array();
  let next: IteratorResult<Uint8Array> = { done: false, value: first };
  while (first.length < 2 && !next.done) {
    next = await iterator.next();
    if (!next.done) first = Buffer.concat([first, next.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      yield first;
      for (let more = await iterator.next(); !more.done; more = await iterator.next()) {
        yield more.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { first, all: all() };
}

async function* binary(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

function problemOf(cause: unknown): string {
  const { code = "unknown error" } = cause as NodeJS.ErrnoException;
  if (code === "Z_BUF_ERROR") return "the gzip data ends too early: the file is cut off";
  if (code.startsWith("Z_")) return `the gzip data is damaged (${code})`;
  return `cannot be read (${code})`;
}
