import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ArtifactContent } from "../ports/index.ts";
import { createMeasure } from "./content.ts";
import { entriesIn } from "./files.ts";

/** What is written aside and has not grown for this long has no writer any more. */
const ABANDONED_MS = 24 * 60 * 60 * 1000;

export interface Written {
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** Hooks of {@link replaceFile}, for a caller that keeps records of the files. */
export interface Replacing {
  /** The content is durable, and not yet in place. */
  readonly before?: (written: Written) => Promise<void>;
  /** The content is in place; `handle` is still open. What this throws is not told. */
  readonly after?: (handle: FileHandle) => Promise<void>;
}

/**
 * Streams a content into `aside`, which must be on the file system of `file`, and renames it to `file`
 * when it is whole and on disk: a reader sees the old file or the new one, and of a failure nothing stays.
 */
export async function replaceFile(
  file: string,
  aside: string,
  content: ArtifactContent,
  { before, after }: Replacing = {},
): Promise<Written> {
  await mkdir(dirname(aside), { recursive: true });
  const handle = await open(aside, "wx+");
  try {
    const measure = createMeasure();
    await handle.writeFile(measure.through(content));
    await handle.sync();
    const written = { size: measure.size, sha256: measure.sha256() };
    await before?.(written);
    await rename(aside, file);
    await Promise.allSettled([after?.(handle)]);
    return written;
  } catch (error) {
    // Whether or not it can be removed, the failure to tell is the one above.
    await Promise.allSettled([rm(aside, { force: true })]);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Removes what killed processes left in a folder of files written aside. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const { name } of await entriesIn(folder)) {
    const file = join(folder, name);
    const { mtimeMs } = await stat(file);
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(file, { force: true });
  }
}
