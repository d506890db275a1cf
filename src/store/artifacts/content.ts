import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { AssayError } from "../../core/index.ts";
import type { ArtifactContent, ByteRange } from "../ports/index.ts";

/** Size and sha256 of what has passed through. */
export interface Measure {
  /** Bytes so far. */
  readonly size: number;
  /** Of the bytes so far, as hex digits. */
  sha256(): string;
  /** The chunks of a content, counted as they are pulled. */
  through(content: ArtifactContent): AsyncGenerator<Uint8Array>;
}

export function createMeasure(): Measure {
  const hash = createHash("sha256");
  let size = 0;
  return {
    get size() {
      return size;
    },
    sha256: () => hash.copy().digest("hex"),
    async *through(content) {
      for await (const chunk of chunksOf(content)) {
        size += chunk.byteLength;
        hash.update(chunk);
        yield chunk;
      }
    },
  };
}

/** Runs a write; when it fails, its content is let go of however far it was read. */
export async function releasing<T>(content: ArtifactContent, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    // Not waited for: a source may be in the middle of a chunk that never comes.
    void release(content).catch(() => undefined);
    throw error;
  }
}

async function release(content: ArtifactContent): Promise<void> {
  if (content instanceof Readable) content.destroy();
  else if (typeof content === "object" && !(content instanceof Uint8Array)) {
    await content?.[Symbol.asyncIterator]?.().return?.();
  }
}

/**
 * @throws {AssayError} `invalid-argument` for a content, or a chunk of a stream, that is not bytes;
 * `unavailable` when the stream fails.
 */
async function* chunksOf(content: ArtifactContent): AsyncGenerator<Uint8Array> {
  if (typeof content === "string") {
    yield Buffer.from(content);
  } else if (content instanceof Uint8Array) {
    yield content;
  } else {
    if (typeof content?.[Symbol.asyncIterator] !== "function") throw notBytes("content", content);
    yield* streamed(content);
  }
}

async function* streamed(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of content) {
      if (!(chunk instanceof Uint8Array)) throw notBytes("every chunk of the stream", chunk);
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    throw new AssayError("unavailable", "The stream of an artifact's content failed", { cause });
  }
}

function notBytes(what: string, found: unknown): AssayError {
  const hint = typeof found === "string" ? "; a stream must have no encoding set" : "";
  return new AssayError(
    "invalid-argument",
    `Expected ${what} to be bytes (Uint8Array), got ${typeof found}${hint}`,
  );
}

/**
 * The chunks cut and joined into parts of `size` bytes. The last may be shorter, and is empty only when the
 * content is.
 */
export async function* partsOf(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let room = size;
  for await (let chunk of chunks) {
    while (chunk.byteLength > room) {
      yield Buffer.concat([...held, chunk.subarray(0, room)]);
      chunk = chunk.subarray(room);
      held = [];
      room = size;
    }
    held.push(chunk);
    room -= chunk.byteLength;
  }
  yield Buffer.concat(held);
}

/**
 * The bytes `[start, end)` that a range means in a file of `size` bytes; `end` is cut to the file.
 *
 * @throws {AssayError} `invalid-argument` for a range that is malformed or begins behind the file's end.
 */
export function resolveRange(
  range: ByteRange | undefined,
  size: number,
): { readonly start: number; readonly end: number } {
  if (range === undefined) return { start: 0, end: size };
  const { start, end = size } = checkedRange(range);
  if (start < 0 && size > 0) return { start: Math.max(0, size + start), end: size };
  if (start >= 0 && start < size) return { start, end: Math.min(end, size) };
  throw new AssayError(
    "invalid-argument",
    `Expected a range that begins inside the file of ${size} bytes, got one from ${start}`,
  );
}

/** @throws {AssayError} `invalid-argument` for a range that no file could have. */
export function checkedRange(range: ByteRange): ByteRange {
  const { start, end } = range;
  const integers = Number.isSafeInteger(start) && (end === undefined || Number.isSafeInteger(end));
  if (integers && (end === undefined || (start >= 0 && end > start))) return range;
  throw new AssayError(
    "invalid-argument",
    `Expected a byte range { start, end } with start < end, or a negative start alone, got { start: ${start}, end: ${end} }`,
  );
}
