import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { EvaluateOptions, MatrixOptions } from "../../evaluate/index.ts";
import { MODULES_FOLDER } from "../installation.ts";
import type { EvalFlags } from "./eval-options.ts";
import type { Io } from "./io.ts";

/**
 * Collects the user's own modules that are loaded from now on, so that `--watch` knows what a run depends
 * on. Packages are left out: who changes those starts anew.
 */
export function collectModules(): ReadonlySet<string> {
  const files = new Set<string>();
  registerHooks({
    load: (url, context, nextLoad) => {
      const isUsers = url.startsWith("file:") && !url.startsWith(MODULES_FOLDER.href);
      if (isUsers && !url.includes("/node_modules/"))
        files.add(fileURLToPath(url.split("?")[0] ?? url));
      return nextLoad(url, context);
    },
  });
  return files;
}

/** What a watched run says to the process that watches. */
export interface WatchedFiles {
  readonly files: readonly string[];
}

/** Files that the command line names; those that are none are named otherwise. */
export function namedFiles(
  files: readonly string[],
  { data, prompt }: EvalFlags,
  io: Io,
): string[] {
  return [...files, data ?? [], prompt ?? []]
    .flat()
    .map((file) => resolve(io.cwd, file))
    .filter((file) => existsSync(file));
}

/** The file that an evaluation reads, where it reads one. */
export function dataFile({ data, baseDir = "." }: EvaluateOptions | MatrixOptions): string[] {
  const file = typeof data === "string" ? resolve(baseDir, data) : undefined;
  return file !== undefined && existsSync(file) ? [file] : [];
}

/** Tells the process that watches what this run depends on. */
export function reportFiles(files: readonly string[]): void {
  process.send?.({ files } satisfies WatchedFiles);
}
