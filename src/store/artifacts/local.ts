import { randomUUID } from "node:crypto";
import type { Dirent } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { AssayError } from "../../core/index.ts";
import type { ArtifactStore } from "../ports.ts";

/** Artifacts as files of the local file system; URIs are `file:` URLs of the run's folder. */
export class LocalArtifactStore implements ArtifactStore {
  async write(artifactUri: string, path: string, content: string | Uint8Array): Promise<void> {
    const target = fileOf(artifactUri, path);
    // Written aside and renamed: a reader sees the whole file or none.
    const aside = `${target}.${randomUUID()}.part`;
    try {
      await mkdir(dirname(target), { recursive: true });
      await writeFile(aside, content);
      await rename(aside, target);
    } catch (cause) {
      // Whether or not it can be removed, the failure to tell is the one above.
      await Promise.allSettled([rm(aside, { force: true })]);
      throw new AssayError("unavailable", `Cannot write artifact ${path}`, { cause });
    }
  }

  async read(artifactUri: string, path: string): Promise<Uint8Array> {
    const file = fileOf(artifactUri, path);
    try {
      return await readFile(file);
    } catch (cause) {
      throw new AssayError("not-found", `No artifact ${path}`, { cause });
    }
  }

  async list(artifactUri: string): Promise<{ readonly path: string; readonly size: number }[]> {
    const root = folderOf(artifactUri);
    const entries = await entriesOf(root);
    const files = entries
      .filter((entry) => entry.isFile() && !UNFINISHED.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
    const sized = await Promise.all(
      files.map(async (file) => ({
        path: relative(root, file).split(sep).join("/"),
        size: (await stat(file)).size,
      })),
    );
    return sized.sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}

/** The names under which {@link LocalArtifactStore.write} writes aside. */
const UNFINISHED = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/;

async function entriesOf(root: string): Promise<Dirent[]> {
  try {
    return await readdir(root, { recursive: true, withFileTypes: true });
  } catch (cause) {
    // A run without artifacts has no folder yet.
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    throw new AssayError("unavailable", `Cannot list the artifacts in ${root}`, { cause });
  }
}

/** @throws {AssayError} `configuration` for a place that is not a local folder. */
function folderOf(artifactUri: string): string {
  try {
    return fileURLToPath(artifactUri);
  } catch (cause) {
    throw new AssayError("configuration", `Expected a file: URL, got "${artifactUri}"`, { cause });
  }
}

/** @throws {AssayError} `invalid-argument` for a path that is absolute or leaves the run's folder. */
function fileOf(artifactUri: string, path: string): string {
  const normal = posix.normalize(path);
  const escapes =
    path === "" ||
    path.includes("\0") ||
    path.includes("\\") ||
    posix.isAbsolute(normal) ||
    normal === "." ||
    normal.endsWith("/") ||
    normal.split("/").includes("..") ||
    /^[A-Za-z]:/.test(normal);
  const root = folderOf(artifactUri);
  const target = resolve(root, normal);
  if (escapes || !target.startsWith(resolve(root) + sep)) {
    throw new AssayError(
      "invalid-argument",
      `Expected an artifact path inside the run's folder, got "${path}"`,
    );
  }
  return target;
}
