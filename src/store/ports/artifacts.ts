import type { Readable } from "node:stream";

/** Text (stored as UTF-8), bytes, or a stream of bytes: Node's and web streams fit. */
export type ArtifactContent = string | Uint8Array | AsyncIterable<Uint8Array>;

export interface ArtifactFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

export interface WrittenArtifact extends ArtifactFile {
  /** Of the whole content, as 64 lower-case hex digits. */
  readonly sha256: string;
}

/** A file, or a folder, which has no size of its own. */
export type ArtifactEntry =
  | { readonly path: string; readonly isFolder: false; readonly size: number }
  | { readonly path: string; readonly isFolder: true };

/** Bytes `[start, end)`, as in `slice`; a negative `start` counts from the end and stands alone. */
export interface ByteRange {
  readonly start: number;
  readonly end?: number;
}

export interface ArtifactStream {
  /** Bytes of the whole file. */
  readonly size: number;
  /** The part that `content` holds: bytes `[start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Read it to its end or destroy it: it holds a file or a connection. */
  readonly content: Readable;
}

/**
 * Files of runs, below the artifact URI of a run: a `file:` URL, a path or `s3://bucket/prefix`. Paths are
 * relative, with `/`; whatever could leave the run's folder is refused as `invalid-argument`. A path that
 * is not there is `not-found`, a store that does not answer `unavailable`.
 */
export interface ArtifactStore {
  /** Puts a whole file in place, streaming: a reader sees the old content or the new one, never half. */
  write(artifactUri: string, path: string, content: ArtifactContent): Promise<WrittenArtifact>;
  /** @throws {AssayError} `conflict` when the content is not what was written ("damaged"). */
  read(artifactUri: string, path: string): Promise<Uint8Array>;
  /** As {@link read}, without holding the file in memory; of a range, damage is not noticed. */
  stream(artifactUri: string, path: string, range?: ByteRange): Promise<ArtifactStream>;
  /** Every file below the run's folder, or one folder of it, sorted by path; none when it is not there. */
  list(artifactUri: string, folder?: string): Promise<ArtifactFile[]>;
  /** One level of {@link list}: the files and folders directly in a folder, sorted by path. */
  listFolder(artifactUri: string, folder?: string): Promise<ArtifactEntry[]>;
  /** Removes a file, a folder with all it holds, or everything; what is not there is fine. */
  delete(artifactUri: string, path?: string): Promise<void>;
}
