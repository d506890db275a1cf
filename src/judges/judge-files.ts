import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AssayError } from "../core/index.ts";
import { type JudgeFile, loadJudgeFile } from "./judge-file.ts";

/** Modules of `src/` and chunks of `dist/` have the same depth, so this holds for both. */
const BUILT_IN = fileURLToPath(new URL("../../judges/", import.meta.url));
/** Where a project keeps its own. */
const OWN_FOLDER = "judges";
const FILE_NAME = /^([a-z][a-z0-9_]*)\.v(\d+)\.ya?ml$/;

/** One version of a judge, as a file. */
export interface JudgeFileEntry {
  readonly name: string;
  readonly version: number;
  readonly path: string;
  readonly isBuiltIn: boolean;
}

/** By judge, highest version last. */
type JudgeFiles = ReadonlyMap<string, readonly JudgeFileEntry[]>;

export function builtinFiles(): JudgeFiles {
  return byName(filesIn(BUILT_IN, true));
}

/**
 * The judges of a project, in its folder `judges`, and the built-in ones. One of the project's stands in
 * the place of a built-in judge of the same name, whatever their versions.
 */
export function judgeFiles(directory: string): JudgeFiles {
  const own = byName(filesIn(join(directory, OWN_FOLDER), false));
  return new Map([...builtinFiles(), ...own].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Finds a judge by the path of its file, or by its name: `relevance`, or `relevance@v1` for one version.
 *
 * @throws {AssayError} `not-found` without such a judge; `invalid-argument` for a file that is none, or that
 *   says another name or version than its own.
 */
export function findJudge(nameOrPath: string, directory: string): JudgeFile {
  const entry = entryOf(nameOrPath, directory);
  return entry === undefined ? loadJudgeFile(resolve(directory, nameOrPath)) : loadEntry(entry);
}

/** The path of the file that {@link findJudge} reads. */
export function resolveJudge(nameOrPath: string, directory: string): string {
  return entryOf(nameOrPath, directory)?.path ?? resolve(directory, nameOrPath);
}

/** `undefined` for what is the path of a file. */
function entryOf(nameOrPath: string, directory: string): JudgeFileEntry | undefined {
  if (/[\\/]|\.ya?ml$/.test(nameOrPath)) return undefined;
  const [name = "", version] = nameOrPath.split("@");
  return findEntry(judgeFiles(directory), name, version);
}

/** @param version - `v1`, `v2` …; default: the newest. */
export function findEntry(
  files: JudgeFiles,
  name: string,
  version: string | undefined,
): JudgeFileEntry {
  const versions = files.get(name);
  if (versions === undefined) {
    throw new AssayError(
      "not-found",
      `No judge "${name}"; there are ${[...files.keys()].join(", ")}. One of your own is a file ${OWN_FOLDER}/${name}.v1.yaml (\`assay judges new ${name}\` writes one), or is named by its path.`,
    );
  }
  const entry =
    version === undefined ? versions.at(-1) : versions.find((one) => `v${one.version}` === version);
  if (entry !== undefined) return entry;
  const known = versions.map((one) => `v${one.version}`).join(", ");
  throw new AssayError(
    "not-found",
    `Judge "${name}" has no version "${version}"; there are ${known}.`,
  );
}

export function loadEntry({ name, version, path }: JudgeFileEntry): JudgeFile {
  const file = loadJudgeFile(path);
  if (file.name === name && file.version === version) return file;
  throw new AssayError(
    "invalid-argument",
    `${path} says that it is ${file.name}, version ${file.version}; name it ${file.name}.v${file.version}.yaml.`,
  );
}

function filesIn(directory: string, isBuiltIn: boolean): JudgeFileEntry[] {
  return namesIn(directory).flatMap((file) => {
    const [, name = "", version = ""] = FILE_NAME.exec(file) ?? [];
    if (name === "") return [];
    return [{ name, version: Number(version), path: join(directory, file), isBuiltIn }];
  });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    // A project without judges of its own; anything else is worth knowing.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new AssayError("configuration", `Cannot read the folder ${directory}.`, { cause: error });
  }
}

function byName(entries: readonly JudgeFileEntry[]): Map<string, JudgeFileEntry[]> {
  const files = new Map<string, JudgeFileEntry[]>();
  for (const entry of entries) {
    const known = [...(files.get(entry.name) ?? []), entry];
    files.set(
      entry.name,
      known.sort((a, b) => a.version - b.version),
    );
  }
  return files;
}
