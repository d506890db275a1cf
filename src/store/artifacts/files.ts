import type { Dirent } from "node:fs";
import { open, readdir, realpath } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { AssayError, quotable } from "../../core/index.ts";
import { META_FOLDER } from "./paths.ts";

/**
 * Follows links above the root, and links that stay inside it.
 *
 * @throws {AssayError} `invalid-argument` when a symbolic link leads out of `root` on the way to `target`.
 */
export async function refuseEscape(root: string, target: string): Promise<void> {
  // Of what is not there yet, the deepest folder that is decides where it would be made.
  const [realRoot, real] = await Promise.all([existing(root), existing(target)]);
  if (real === realRoot || real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep))
    return;
  throw new AssayError(
    "invalid-argument",
    `Expected an artifact inside ${root}, but a symbolic link leads out of it at ${quotable(relative(root, target))}`,
  );
}

async function existing(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (!hasCode(cause, "ENOENT", "ENOTDIR") || dirname(path) === path) throw cause;
    return existing(dirname(path));
  }
}

/** Makes what was done to the entries of a folder survive a loss of power. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What is in a folder; nothing when it is not there or is a file. */
export async function entriesIn(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    if (hasCode(cause, "ENOENT", "ENOTDIR")) return [];
    throw cause;
  }
}

/** Every regular file below a folder; neither links nor what is in a {@link META_FOLDER}. */
export async function* filesBelow(folder: string): AsyncGenerator<string> {
  for (const entry of await entriesIn(folder)) {
    const path = join(folder, entry.name);
    if (entry.isFile()) yield path;
    else if (entry.isDirectory() && entry.name !== META_FOLDER) yield* filesBelow(path);
  }
}

/** Whether an error of the system has one of the codes, such as `ENOENT`. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
