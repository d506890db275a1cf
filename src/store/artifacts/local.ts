import { randomUUID } from "node:crypto";
import { type FileHandle, rm, stat } from "node:fs/promises";
import { dirname, join, parse, relative, sep } from "node:path";
import type { Readable } from "node:stream";
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
import { checkedStream, sha256Check } from "./check.ts";
import {
  addChecksum,
  checksumFolder,
  dropChecksums,
  dropReplaced,
  openWithChecksums,
  partialFile,
  settledChecksums,
} from "./checksums.ts";
import { releasing, resolveRange } from "./content.ts";
import { entriesIn, filesBelow, hasCode, refuseEscape } from "./files.ts";
import { byPath, checkedPath, META_FOLDER } from "./paths.ts";
import { removeAbandoned, replaceFile, type Written } from "./replace-file.ts";
import { localFolder } from "./uri.ts";

/** Characters of a file's name that somebody has to find. */
const MAX_SHOWN = 4000;

/** Bytes read at a time. */
const CHUNK_SIZE = 256 * 1024;

/** Artifacts as files of the local file system; URIs are `file:` URLs or paths of the run's folder. */
export class LocalArtifactStore implements ArtifactStore {
  async write(
    artifactUri: string,
    path: string,
    content: ArtifactContent,
  ): Promise<WrittenArtifact> {
    return releasing(content, async () => {
      const root = localFolder(artifactUri);
      const file = join(root, checkedPath(path));
      return orAssayError(`Cannot write artifact ${quotable(path)} in ${root}`, async () => {
        const written = await writeChecked(root, file, content);
        return { path, ...written };
      });
    });
  }

  async read(artifactUri: string, path: string): Promise<Uint8Array> {
    const { content } = await this.stream(artifactUri, path);
    return Buffer.concat(await content.toArray());
  }

  async stream(artifactUri: string, path: string, range?: ByteRange): Promise<ArtifactStream> {
    const root = localFolder(artifactUri);
    const file = join(root, checkedPath(path));
    const opened = await orAssayError(
      `Cannot read artifact ${quotable(path)} in ${root}`,
      async () => {
        await refuseEscape(root, file);
        return openWithChecksums(file);
      },
    );
    if (opened === undefined)
      throw new AssayError("not-found", `No artifact ${quotable(path)} in ${root}`);
    const { handle, size, accepted } = opened;
    try {
      const { start, end } = resolveRange(range, size);
      const check = range || accepted.length === 0 ? undefined : sha256Check(accepted);
      const content = checkedStream(bytesOf(handle, start, end), check, {
        damaged: () => damaged(path, file),
        failed: (cause) => unavailable(`Cannot read artifact ${quotable(path)} in ${root}`, cause),
      });
      return { size, start, end, content };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async list(artifactUri: string, folder = ""): Promise<ArtifactFile[]> {
    const root = localFolder(artifactUri);
    return orAssayError(`Cannot list the artifacts in ${root}`, async () => {
      const files: ArtifactFile[] = [];
      for await (const file of filesBelow(await folderIn(root, folder))) {
        const size = await sizeOf(file);
        if (size !== undefined) files.push({ path: pathIn(root, file), size });
      }
      return files.sort(byPath);
    });
  }

  async listFolder(artifactUri: string, folder = ""): Promise<ArtifactEntry[]> {
    const root = localFolder(artifactUri);
    return orAssayError(`Cannot list the artifacts in ${root}`, async () => {
      const parent = await folderIn(root, folder);
      const entries: ArtifactEntry[] = [];
      for (const entry of await entriesIn(parent)) {
        const path = pathIn(root, join(parent, entry.name));
        const size = entry.isFile() ? await sizeOf(join(parent, entry.name)) : undefined;
        const isFolder = entry.isDirectory() && entry.name !== META_FOLDER;
        if (isFolder) entries.push({ path, isFolder });
        else if (size !== undefined) entries.push({ path, isFolder: false, size });
      }
      return entries.sort(byPath);
    });
  }

  async delete(artifactUri: string, path = ""): Promise<void> {
    const root = localFolder(artifactUri);
    const target = path === "" ? root : join(root, checkedPath(path));
    if (target === parse(target).root) {
      throw new AssayError(
        "invalid-argument",
        "Expected a run's folder, got the whole file system",
      );
    }
    await orAssayError(`Cannot delete the artifacts in ${quotable(target)}`, async () => {
      if (path !== "") await refuseEscape(root, dirname(target));
      // Looked up before and dropped after: a file that is written meanwhile keeps its record.
      const replaced = await settledChecksums(target);
      await rm(target, { recursive: true, force: true });
      await dropChecksums(target, replaced);
    });
  }
}

/** Writes a file and the record of what it should contain. */
async function writeChecked(
  root: string,
  file: string,
  content: ArtifactContent,
): Promise<Written> {
  const writer = randomUUID();
  const aside = partialFile(file, writer);
  await refuseEscape(root, dirname(aside));
  await refuseEscape(root, checksumFolder(file));
  await Promise.allSettled([removeAbandoned(dirname(aside))]);
  return replaceFile(file, aside, content, {
    before: ({ sha256 }) => addChecksum(file, { sha256, writer }),
    after: (handle) => dropReplaced(file, writer, handle),
  });
}

/** Bytes `[start, end)`; closes the file at the end or when destroyed. */
function bytesOf(handle: FileHandle, start: number, end: number): Readable {
  // `end` is inclusive there, so an empty file is read without one.
  const bounds = start === end ? { start } : { start, end: end - 1 };
  return handle.createReadStream({ ...bounds, highWaterMark: CHUNK_SIZE });
}

/** The folder of an artifact folder's path; "" is the root. */
async function folderIn(root: string, folder: string): Promise<string> {
  if (folder === "") return root;
  const path = join(root, checkedPath(folder));
  await refuseEscape(root, path);
  return path;
}

function pathIn(root: string, file: string): string {
  return relative(root, file).split(sep).join("/");
}

/** Bytes of a file; `undefined` when it was removed meanwhile. */
async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    if (hasCode(cause, "ENOENT")) return undefined;
    throw cause;
  }
}

async function orAssayError<T>(failure: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof AssayError ? cause : unavailable(failure, cause);
  }
}

function unavailable(failure: string, cause: unknown): AssayError {
  // The code of the system says what is wrong; the message of a caller's stream may quote its content.
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return new AssayError("unavailable", `${failure}${code}`, { cause });
}

function damaged(path: string, file: string): AssayError {
  return new AssayError(
    "conflict",
    `Artifact ${quotable(path)} is damaged: ${quotable(file, MAX_SHOWN)} is not what was written. Restore it from a copy or write it again; if another program replaced it on purpose, remove ${quotable(checksumFolder(file), MAX_SHOWN)}.`,
  );
}
