import type { Readable } from "node:stream";
import type { GetObjectCommandOutput, ListObjectsV2CommandOutput } from "@aws-sdk/client-s3";
import { AssayError, quotable } from "../../core/index.ts";
import type {
  ArtifactContent,
  ArtifactEntry,
  ArtifactFile,
  ArtifactStore,
  ArtifactStream,
  ByteRange,
  WrittenArtifact,
} from "../ports/index.ts";
import { checkedStream, compositeCheck, sha256Check } from "./check.ts";
import { checkedRange, createMeasure, partsOf, releasing } from "./content.ts";
import { byPath, checkedPath } from "./paths.ts";
import { connectS3, type S3 } from "./s3-client.ts";
import { toS3Error } from "./s3-errors.ts";
import { deleteTree, pagesBelow } from "./s3-pages.ts";
import { type ObjectName, PART_SIZE, PART_SIZE_KEY, uploadInParts } from "./s3-upload.ts";
import { s3Place, s3Uri } from "./uri.ts";

const PROBE_TIMEOUT_MS = 10_000;

/** Metadata of an object that was sent at once. */
const SHA256_KEY = "assay-sha256";

/**
 * Artifacts in Amazon S3 or any server that speaks its protocol; URIs are `s3://bucket/prefix`. The SDK is
 * the user's, loaded when first needed; `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL` or
 * `MLFLOW_S3_ENDPOINT_URL` name another server than Amazon's.
 */
export class S3ArtifactStore implements ArtifactStore {
  readonly #env: { readonly [name: string]: string | undefined };
  #connection: Promise<S3> | undefined;

  constructor(env: { readonly [name: string]: string | undefined } = process.env) {
    this.#env = env;
  }

  async write(
    artifactUri: string,
    path: string,
    content: ArtifactContent,
  ): Promise<WrittenArtifact> {
    return releasing(content, async () => {
      const name = objectName(artifactUri, checkedPath(path));
      const measure = createMeasure();
      const parts = partsOf(measure.through(content), PART_SIZE);
      await this.#calling(`Cannot write ${shown(name)}`, async (s3) => {
        const head = await firstTwo(parts);
        const [Body = new Uint8Array(), second] = head;
        if (second !== undefined) return uploadInParts(s3, name, head, parts);
        const Metadata = { [SHA256_KEY]: measure.sha256() };
        await s3.client.send(new s3.sdk.PutObjectCommand({ ...name, Body, Metadata }));
      });
      return { path, size: measure.size, sha256: measure.sha256() };
    });
  }

  async read(artifactUri: string, path: string): Promise<Uint8Array> {
    const { content } = await this.stream(artifactUri, path);
    return Buffer.concat(await content.toArray());
  }

  async stream(artifactUri: string, path: string, range?: ByteRange): Promise<ArtifactStream> {
    const name = objectName(artifactUri, checkedPath(path));
    // Of a range there is no checksum to ask for.
    const extent = range
      ? { Range: rangeHeader(checkedRange(range)) }
      : { ChecksumMode: "ENABLED" as const };
    const doing = `Cannot read ${shown(name)}`;
    const found = await this.#calling(doing, ({ client, sdk }) =>
      client.send(new sdk.GetObjectCommand({ ...name, ...extent })),
    );
    const { size, start, end } = extentOf(found, doing);
    const content = checkedStream(found.Body as Readable, range ? undefined : checkOf(found), {
      damaged: () => damaged(name),
      failed: (cause) => (isMismatch(cause) ? damaged(name) : toS3Error(doing, cause)),
    });
    return { size, start, end, content };
  }

  async list(artifactUri: string, folder = ""): Promise<ArtifactFile[]> {
    const root = objectName(artifactUri);
    const below = objectName(artifactUri, folder && checkedPath(folder));
    return this.#calling(`Cannot list ${shown(below)}`, async (s3) => {
      const files: ArtifactFile[] = [];
      for await (const page of pagesBelow(s3, below)) files.push(...filesOf(page, root));
      return files.sort(byPath);
    });
  }

  async listFolder(artifactUri: string, folder = ""): Promise<ArtifactEntry[]> {
    const root = objectName(artifactUri);
    const below = objectName(artifactUri, folder && checkedPath(folder));
    return this.#calling(`Cannot list ${shown(below)}`, async (s3) => {
      const entries: ArtifactEntry[] = [];
      for await (const page of pagesBelow(s3, below, "/")) {
        entries.push(...filesOf(page, root).map((file) => ({ ...file, isFolder: false }) as const));
        for (const { Prefix = "" } of page.CommonPrefixes ?? []) {
          entries.push({ path: pathIn(root, Prefix.slice(0, -1)), isFolder: true });
        }
      }
      return entries.sort(byPath);
    });
  }

  /**
   * Asks for one object below a URI at most: the bucket is there, and may be listed.
   *
   * @throws {AssayError} What keeps it from being used; `unavailable` after 10 s without an answer.
   */
  async probe(artifactUri: string): Promise<void> {
    const { Bucket, Key } = objectName(artifactUri);
    const query = { Bucket, Prefix: Key === "" ? "" : `${Key}/`, MaxKeys: 1 };
    await this.#calling(`Cannot list ${shown({ Bucket, Key })}`, ({ client, sdk }) =>
      client.send(new sdk.ListObjectsV2Command(query), {
        abortSignal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
      }),
    );
  }

  async delete(artifactUri: string, path = ""): Promise<void> {
    const name = objectName(artifactUri, path && checkedPath(path));
    if (name.Key === "") {
      throw new AssayError(
        "invalid-argument",
        `Expected a folder to delete, got all of ${shown(name)}`,
      );
    }
    await this.#calling(`Cannot delete ${shown(name)}`, (s3) => deleteTree(s3, name));
  }

  async #calling<T>(doing: string, work: (s3: S3) => Promise<T>): Promise<T> {
    this.#connection ??= connectS3(this.#env).catch((error: unknown) => {
      // What kept it from being made, such as a missing package, may be put right.
      this.#connection = undefined;
      throw error;
    });
    const s3 = await this.#connection;
    try {
      return await work(s3);
    } catch (error) {
      throw toS3Error(doing, error);
    }
  }
}

/** The object of an artifact; with an empty `Key`, the bucket. */
function objectName(artifactUri: string, path = ""): ObjectName {
  const { bucket, prefix } = s3Place(artifactUri);
  return { Bucket: bucket, Key: [prefix, path].filter((part) => part !== "").join("/") };
}

function shown({ Bucket, Key }: ObjectName): string {
  return quotable(s3Uri({ bucket: Bucket, prefix: Key }));
}

function pathIn(root: ObjectName, key: string): string {
  return root.Key === "" ? key : key.slice(root.Key.length + 1);
}

function filesOf({ Contents = [] }: ListObjectsV2CommandOutput, root: ObjectName): ArtifactFile[] {
  return Contents.flatMap(({ Key = "", Size = 0 }) =>
    // Some tools mark a folder by an empty object with its name.
    Key.endsWith("/") ? [] : [{ path: pathIn(root, Key), size: Size }],
  );
}

async function firstTwo(parts: AsyncGenerator<Uint8Array>): Promise<Uint8Array[]> {
  const results = [await parts.next(), await parts.next()];
  return results.flatMap((result) => (result.done ? [] : [result.value]));
}

/** HTTP's form of a range, whose end is inclusive. */
function rangeHeader({ start, end }: ByteRange): string {
  return start < 0 ? `bytes=${start}` : `bytes=${start}-${end === undefined ? "" : end - 1}`;
}

/** The part of the file that was sent: all of it by a server that does not know ranges. */
function extentOf(
  { ContentRange, ContentLength }: GetObjectCommandOutput,
  doing: string,
): Omit<ArtifactStream, "content"> {
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(ContentRange ?? "") ?? [];
  if (size !== undefined)
    return { size: Number(size), start: Number(first), end: Number(last) + 1 };
  if (ContentLength !== undefined) return { size: ContentLength, start: 0, end: ContentLength };
  throw new AssayError("provider", `${doing}: the server does not tell its size`);
}

/** None for an object of another tool; where S3 knows a checksum of the whole, the SDK compares that. */
function checkOf({ Metadata = {}, ChecksumSHA256 = "" }: GetObjectCommandOutput) {
  const sha256 = Metadata[SHA256_KEY];
  if (sha256 !== undefined) return sha256Check([sha256]);
  const partSize = Number(Metadata[PART_SIZE_KEY]);
  const isComposite = partSize > 0 && ChecksumSHA256.includes("-");
  return isComposite ? compositeCheck(ChecksumSHA256, partSize) : undefined;
}

/** Whether the SDK found that an object fails a checksum S3 keeps; it has no name for this. */
function isMismatch(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Checksum mismatch");
}

function damaged(name: ObjectName): AssayError {
  return new AssayError(
    "conflict",
    `Artifact ${shown(name)} is damaged: it is not what was written. Restore it from a copy or write it again.`,
  );
}
