import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type FSWatcher, watch } from "node:fs";
import { basename, dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { MODULES_FOLDER } from "./installation.ts";
import { EXIT } from "./support/exit-codes.ts";
import { type Io, line } from "./support/io.ts";
import type { WatchedFiles } from "./support/watched-files.ts";

const BIN = fileURLToPath(new URL("cli/bin.js", MODULES_FOLDER));

/** Editors write a file in several steps. */
const SETTLING_MS = 150;

/**
 * `assay eval --watch`: runs the evaluation, and again whenever one of the files it was made of changes.
 * Each run is a process of its own, because Node loads a module once. Answers are kept between runs, so
 * that rows and prompts that did not change are not asked again.
 *
 * @param argv - Of `assay eval`, without `--watch`.
 */
export async function watchEvaluation(argv: readonly string[], io: Io): Promise<number> {
  const files = new Set<string>();
  const changes = new Changes();
  let child: ChildProcess | undefined;
  let exitCode: number | undefined;
  const end = io.onInterrupt((signal) => {
    exitCode = signal === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
    child?.kill(signal);
    changes.wake();
  });
  try {
    while (exitCode === undefined) {
      child = spawn(process.execPath, [BIN, "eval", "--watched", ...argv], {
        cwd: io.cwd,
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      });
      child.on("message", (message) => {
        for (const file of (message as WatchedFiles).files) files.add(file);
        changes.watch(files);
      });
      const ended = once(child, "close").then(() => undefined);
      let changed = await Promise.race([ended, changes.next()]);
      if (changed !== undefined) {
        // What is in flight is finished and kept; its run stays as interrupted.
        child.kill("SIGINT");
        await ended;
      } else if (exitCode === undefined) {
        line(io.stderr, `watching ${files.size} files; Ctrl-C ends`);
        changed = await changes.next();
      }
      if (exitCode === undefined) line(io.stderr, `\n${relative(io.cwd, changed ?? "")} changed`);
    }
    return exitCode;
  } finally {
    end();
    changes.close();
  }
}

/** Waits for changes of files, by way of their folders: editors replace a file by another. */
class Changes {
  readonly #watchers = new Map<string, FSWatcher>();
  #files: ReadonlySet<string> = new Set();
  #waiting: ((file: string) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  watch(files: ReadonlySet<string>): void {
    this.#files = files;
    for (const folder of new Set([...files].map((file) => dirname(file)))) {
      if (this.#watchers.has(folder)) continue;
      const watcher = watch(folder, (_, name) => this.#changed(folder, name));
      watcher.on("error", () => watcher.close());
      this.#watchers.set(folder, watcher);
    }
  }

  /** Resolves to the next file that changes. */
  next(): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Resolves what waits, because there will be no further run. */
  wake(): void {
    this.#waiting?.("");
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
  }

  #changed(folder: string, name: string | null): void {
    const file = [...this.#files].find(
      (one) => dirname(one) === folder && (name === null || basename(one) === name),
    );
    if (file === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#waiting?.(file), SETTLING_MS);
  }
}
