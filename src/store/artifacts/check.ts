import { createHash } from "node:crypto";
import { finished, type Readable, Transform } from "node:stream";
import { AssayError } from "../../core/index.ts";

/** Takes a whole content, chunk by chunk, and tells at the end whether it is what was written. */
export interface ContentCheck {
  add(chunk: Uint8Array): void;
  isIntact(): boolean;
}

/** What a reader is told of the source it reads. */
export interface ReadErrors {
  /** When the content fails its check. */
  damaged(): AssayError;
  /** When the source fails. */
  failed(cause: unknown): AssayError;
}

/** @param accepted - sha256 digests as hex digits. */
export function sha256Check(accepted: readonly string[]): ContentCheck {
  const hash = createHash("sha256");
  return {
    add: (chunk) => void hash.update(chunk),
    isIntact: () => accepted.includes(hash.digest("hex")),
  };
}

/**
 * The checksum S3 keeps of an object that was uploaded in parts: the sha256 of the parts' sha256.
 *
 * @param expected - Base64, `-`, number of parts.
 * @param partSize - Bytes of every part but the last.
 */
export function compositeCheck(expected: string, partSize: number): ContentCheck {
  const digests: Buffer[] = [];
  let part = createHash("sha256");
  let room = partSize;
  const closePart = () => {
    digests.push(part.digest());
    part = createHash("sha256");
    room = partSize;
  };
  return {
    add: (chunk) => {
      let rest = chunk;
      while (rest.byteLength > 0) {
        // A part is closed by the next one's first byte, so that the last is never empty.
        if (room === 0) closePart();
        const piece = rest.subarray(0, room);
        part.update(piece);
        room -= piece.byteLength;
        rest = rest.subarray(piece.byteLength);
      }
    },
    isIntact: () => {
      closePart();
      const digest = createHash("sha256").update(Buffer.concat(digests)).digest("base64");
      return expected === `${digest}-${digests.length}`;
    },
  };
}

/** The source, ending in an error when its content fails the check. */
export function checkedStream(
  source: Readable,
  check: ContentCheck | undefined,
  errors: ReadErrors,
): Readable {
  const stream = new Transform({
    transform: (chunk: Uint8Array, _encoding, done) => {
      check?.add(chunk);
      done(null, chunk);
    },
    flush: (done) => done(check === undefined || check.isIntact() ? null : errors.damaged()),
  });
  finished(source, (cause) => {
    if (!cause) return;
    stream.destroy(cause instanceof AssayError ? cause : errors.failed(cause));
  });
  // Whoever stops reading releases the source; and an error is heard though nobody reads yet.
  finished(stream, () => source.destroy());
  return source.pipe(stream);
}
