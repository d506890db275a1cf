import { createHash } from "node:crypto";
import type { CompletedPart } from "@aws-sdk/client-s3";
import { AssayError } from "../../core/index.ts";
import type { S3 } from "./s3-client.ts";

/** Bytes of a part; objects up to this size are sent at once. At least 5 MiB by S3's rules. */
export const PART_SIZE = 8 * 1024 * 1024;
/** S3's limit. */
const MAX_PARTS = 10_000;
/** Parts in memory and on their way at a time. */
const CONCURRENCY = 4;

/** Metadata of an object that was uploaded in parts: the bytes of each but the last. */
export const PART_SIZE_KEY = "assay-part-size";

export interface ObjectName {
  readonly Bucket: string;
  readonly Key: string;
}

/**
 * Uploads an object in parts, which appears when all are there; of a failure nothing stays.
 *
 * Its sha256 is not known before the upload begins, and S3 takes metadata only then. What is kept is S3's
 * own composite checksum (the sha256 of the parts' sha256), with the size of the parts as metadata.
 *
 * @param head - The first parts; each part but the very last has {@link PART_SIZE} bytes.
 */
export async function uploadInParts(
  { sdk, client }: S3,
  name: ObjectName,
  head: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array>,
): Promise<void> {
  const { UploadId } = await client.send(
    new sdk.CreateMultipartUploadCommand({
      ...name,
      ChecksumAlgorithm: "SHA256",
      Metadata: { [PART_SIZE_KEY]: String(PART_SIZE) },
    }),
  );
  const upload = { ...name, UploadId };
  try {
    const Parts = await sendParts(joined(head, rest), async (part, number, abortSignal) => {
      const checksum = createHash("sha256").update(part).digest("base64");
      const PartNumber = number;
      const { ETag } = await client.send(
        new sdk.UploadPartCommand({ ...upload, PartNumber, Body: part, ChecksumSHA256: checksum }),
        { abortSignal },
      );
      return { ETag, PartNumber, ChecksumSHA256: checksum };
    });
    await client.send(
      new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }),
    );
  } catch (error) {
    // Whether or not it can be removed, the failure to tell is the one above.
    await Promise.allSettled([client.send(new sdk.AbortMultipartUploadCommand(upload))]);
    throw error;
  }
}

/** Sends the parts, a few at a time; the first failure stops all. */
async function sendParts(
  parts: AsyncGenerator<Uint8Array>,
  send: (part: Uint8Array, number: number, signal: AbortSignal) => Promise<CompletedPart>,
): Promise<CompletedPart[]> {
  const completed: CompletedPart[] = [];
  const failure = new AbortController();
  let last = 0;
  const work = async () => {
    for (let next = await parts.next(); !next.done; next = await parts.next()) {
      if (failure.signal.aborted) return;
      const number = ++last;
      if (number > MAX_PARTS) throw tooLarge();
      completed.push(await send(next.value, number, failure.signal));
    }
  };
  const workers = Array.from({ length: CONCURRENCY }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    failure.abort();
    // The workers end at the source's next chunk, and so does the source.
    void Promise.allSettled([...workers, parts.return(undefined)]);
    throw error;
  }
  return completed.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
}

async function* joined(
  head: readonly Uint8Array[],
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* head;
  yield* rest;
}

function tooLarge(): AssayError {
  const gigabytes = (MAX_PARTS * PART_SIZE) / 1e9;
  return new AssayError(
    "invalid-argument",
    `Expected an artifact of at most ${gigabytes.toFixed(0)} GB, got a larger one; split it`,
  );
}
