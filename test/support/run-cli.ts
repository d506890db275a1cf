import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const BIN = join(ROOT, "dist/cli/bin.js");

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a process ended: `code` is null where `signal` ended it. */
export interface Ended extends CliResult {
  readonly signal: NodeJS.Signals | null;
}

/** A project folder of its own, where `assay` is installed as a user would have it. */
export interface Project {
  readonly folder: string;
  write(path: string, content: string): string;
  /** Runs the built CLI in the folder; the environment holds nothing but PATH and `env`. */
  assay(...args: string[]): Promise<CliResult>;
  run(file: string, args: readonly string[], env?: Record<string, string>): Promise<CliResult>;
  env: Record<string, string>;
  remove(): void;
}

export function newProject(env: Record<string, string> = {}): Project {
  const folder = mkdtempSync(join(tmpdir(), "assay-cli-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules", "assay"), "dir");
  for (const scope of ["@langchain", "openai"]) {
    symlinkSync(join(ROOT, "node_modules", scope), join(folder, "node_modules", scope), "dir");
  }
  const project: Project = {
    folder,
    env,
    write: (path, content) => {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    assay: (...args) => project.run(BIN, args),
    run: (file, args, more = {}) => runNode(folder, file, args, { ...project.env, ...more }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  return project;
}

/** What a process printed, once it has ended. */
export async function endOf(child: ChildProcess): Promise<Ended> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const [code, signal] = await once(child, "close");
  return { code, signal, stdout, stderr };
}

async function runNode(
  cwd: string,
  file: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<CliResult> {
  const child = spawn(process.execPath, [file, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { code, stdout, stderr } = await endOf(child);
  return { code, stdout, stderr };
}
