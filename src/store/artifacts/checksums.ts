import { type FileHandle, mkdir, open, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { entriesIn, hasCode, syncFolder } from "./files.ts";
import { META_FOLDER } from "./paths.ts";

/*
 * What the files of a folder should contain, kept beside them:
 *
 *   .assay-meta/sha256/<file>/<sha256>.<writer>   one empty file, a record, per content the file may have
 *   .assay-meta/partial/<writer>                  the content, while it is being written
 *
 * A writer makes its record, then renames its partial file into place, then drops the records of the
 * contents it replaced. So, whoever is killed when, the file that is in place always has its record. No
 * lock is needed: a record whose partial file exists belongs to a write under way and is left alone; the
 * others are dropped only by one who looked them up first and then saw a later file in their place, or
 * removed what was there.
 */

export interface Checksum {
  readonly sha256: string;
  /** Id of the write that made the record. */
  readonly writer: string;
}

const RECORD = /^(?<sha256>[0-9a-f]{64})\.(?<writer>[0-9a-f-]{36})$/;

/** Where the write `writer` keeps the content of `file` until it is whole. */
export function partialFile(file: string, writer: string): string {
  return join(dirname(file), META_FOLDER, "partial", writer);
}

export function checksumFolder(file: string): string {
  return join(dirname(file), META_FOLDER, "sha256", basename(file));
}

/** The contents that `file` may have; none for a file that another tool put there. */
export async function checksumsOf(file: string): Promise<Checksum[]> {
  return (await entriesIn(checksumFolder(file))).flatMap((entry) => {
    const { sha256, writer } = RECORD.exec(entry.name)?.groups ?? {};
    return entry.isFile() && sha256 && writer ? [{ sha256, writer }] : [];
  });
}

/** Resolves when, even after a loss of power, the file cannot be found with the records of others only. */
export async function addChecksum(file: string, { sha256, writer }: Checksum): Promise<void> {
  const folder = checksumFolder(file);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${sha256}.${writer}`), "");
  // A first record that is lost leaves a file without a checksum, which is fine, and far cheaper.
  if ((await checksumsOf(file)).length > 1) await syncFolder(folder);
}

/**
 * Drops the records of the contents that `written` has replaced.
 *
 * @param written - The open file that was put in place: while it is open, no other has its inode.
 */
export async function dropReplaced(
  file: string,
  writer: string,
  written: FileHandle,
): Promise<void> {
  const settled = (await settledChecksums(file)).filter((record) => record.writer !== writer);
  if (settled.length === 0 || !(await isInPlace(file, written))) return;
  // The new file has to survive a loss of power if the old one's record does not.
  await syncFolder(dirname(file));
  await dropChecksums(file, settled);
}

/** The records of writes that are over: done, failed or killed. */
export async function settledChecksums(file: string): Promise<Checksum[]> {
  const records = await checksumsOf(file);
  const partial = await Promise.all(
    records.map(({ writer }) => statIfAny(partialFile(file, writer))),
  );
  return records.filter((_, index) => partial[index] === undefined);
}

export async function dropChecksums(file: string, records: readonly Checksum[]): Promise<void> {
  const folder = checksumFolder(file);
  await Promise.all(
    records.map(({ sha256, writer }) => rm(join(folder, `${sha256}.${writer}`), { force: true })),
  );
}

/** An open file with the contents it may have: none when another tool put it there. */
export interface CheckedFile {
  readonly handle: FileHandle;
  /** Bytes. */
  readonly size: number;
  /** sha256 digests as hex digits. */
  readonly accepted: readonly string[];
}

/** Resolves to `undefined` when there is no file. */
export async function openWithChecksums(file: string): Promise<CheckedFile | undefined> {
  for (;;) {
    const handle = await openIfFile(file);
    if (handle === undefined) return undefined;
    try {
      const { size } = await handle.stat();
      const accepted = (await checksumsOf(file)).map(({ sha256 }) => sha256);
      // If it has been replaced, its record may have been dropped before the records were read.
      if (await isInPlace(file, handle)) return { handle, size, accepted };
    } catch (error) {
      await handle.close();
      throw error;
    }
    await handle.close();
  }
}

async function openIfFile(file: string): Promise<FileHandle | undefined> {
  // Not by opening it: that would wait for the writer of a pipe.
  const found = await statIfAny(file);
  if (!found?.isFile()) return undefined;
  try {
    return await open(file, "r");
  } catch (cause) {
    if (hasCode(cause, "ENOENT", "ENOTDIR")) return undefined;
    throw cause;
  }
}

/** Whether the open file is the one at its path, or has been replaced meanwhile. */
async function isInPlace(file: string, opened: FileHandle): Promise<boolean> {
  const [own, found] = await Promise.all([opened.stat({ bigint: true }), statIfAny(file)]);
  return found?.ino === own.ino && found.dev === own.dev;
}

async function statIfAny(file: string) {
  try {
    return await stat(file, { bigint: true });
  } catch (cause) {
    if (hasCode(cause, "ENOENT", "ENOTDIR")) return undefined;
    throw cause;
  }
}
