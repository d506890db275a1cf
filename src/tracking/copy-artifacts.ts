import { randomUUID } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { AssayError, isAssayError } from "../core/index.ts";
import { checkedPath, isStoresOwn, replaceFile } from "../store/artifacts/index.ts";
import type { ArtifactStore } from "../store/index.ts";
import { warn } from "./warn.ts";

/** The artifacts of one run. */
export interface RunArtifacts {
  readonly store: ArtifactStore;
  readonly uri: string;
}

/** Bytes read at a time. */
const CHUNK_SIZE = 256 * 1024;
/** Paths that a warning lists. */
const PATHS_SHOWN = 5;
/** Files copied at a time. */
const CONCURRENCY = 8;

/**
 * Copies a local file to the artifact `target`, or what a local folder holds below `target`; symbolic
 * links to folders are not followed, and links to nothing are left out with a warning.
 *
 * @throws {AssayError} `not-found` when nothing is at `localPath`.
 */
export async function copyIn(
  localPath: string,
  { store, uri }: RunArtifacts,
  target: string,
): Promise<void> {
  const files = (await isFolder(localPath)) ? await filesBelow(localPath) : [localPath];
  await forEach(files, async (file) => {
    const below = relative(localPath, file).split(sep).join("/");
    await store.write(uri, joinPath(target, below), contentOf(file));
  });
}

/**
 * Copies the artifact `path`, a file or a folder, or with "" all of them, below the local `folder`, where
 * they have the same path. Each appears when it is whole.
 *
 * @returns The local path of what was asked for.
 * @throws {AssayError} `not-found` when there is no such artifact; `invalid-argument` for one whose
 * path would leave the folder.
 */
export async function copyOut(
  { store, uri }: RunArtifacts,
  path: string,
  folder: string,
): Promise<string> {
  const below = await store.list(uri, path);
  const paths = below.length > 0 || path === "" ? below.map((file) => file.path) : [path];
  await mkdir(folder, { recursive: true });
  await forEach(paths, async (name) => {
    // Whatever wrote the artifacts, nothing is written outside of the folder.
    const file = join(folder, checkedPath(name));
    const { content } = await store.stream(uri, name);
    try {
      await mkdir(dirname(file), { recursive: true });
      await replaceFile(file, join(dirname(file), `.${randomUUID()}.part`), content);
    } catch (cause) {
      if (isAssayError(cause)) throw cause;
      throw new AssayError("unavailable", `Cannot write ${file}`, { cause });
    } finally {
      content.destroy();
    }
  });
  return path === "" ? folder : join(folder, path);
}

/** Opens the file when its content is first asked for, so that a store may refuse the path before. */
async function* contentOf(file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(file, { highWaterMark: CHUNK_SIZE });
  } catch (cause) {
    throw new AssayError("unavailable", `Cannot read ${file}`, { cause });
  }
}

export function joinPath(folder: string, path: string): string {
  return [folder, path].filter((part) => part !== "").join("/");
}

async function isFolder(localPath: string): Promise<boolean> {
  try {
    return (await stat(localPath)).isDirectory();
  } catch (cause) {
    throw new AssayError("not-found", `No file or folder at ${localPath}`, { cause });
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  const dangling: string[] = [];
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    // A folder of artifacts can be logged again; what its store keeps beside them is no artifact.
    if (isStoresOwn(relative(folder, file))) continue;
    const kind = entry.isSymbolicLink() ? await targetOf(file) : entry;
    if (kind === undefined) dangling.push(file);
    else if (kind.isFile()) files.push(file);
  }
  // One such link is no reason to lose the rest of what a run has made.
  if (dangling.length > 0) warn(skipped(dangling));
  return files;
}

/** What a link leads to; `undefined` when that is nothing. */
async function targetOf(link: string): Promise<Stats | undefined> {
  return stat(link).catch(() => undefined);
}

function skipped(links: readonly string[]): string {
  const shown = links.slice(0, PATHS_SHOWN).join(", ");
  const more = links.length > PATHS_SHOWN ? `, and ${links.length - PATHS_SHOWN} more` : "";
  return `Not logged as artifacts, because they are links to nothing: ${shown}${more}`;
}

/** Runs `work` on every item, a few at a time; the first failure is thrown once the others have ended. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
      try {
        await work(item);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: CONCURRENCY }, worker));
  const failed = ended.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
