import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach } from "vitest";

const running = new Set<ChildProcess>();

export interface ChildProgram {
  /** What it prints, line by line. */
  readonly lines: AsyncIterable<string>;
  /** Resolves when it has ended: its exit code, `null` when it was killed, and what it said on stderr. */
  readonly ended: Promise<{ readonly code: number | null; readonly errors: string }>;
  send(line: string): void;
  kill(signal: NodeJS.Signals): void;
}

/** Runs a file of `programs/` in a process of its own. */
export function startProgram(name: string, ...args: string[]): ChildProgram {
  const file = fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return {
    lines: createInterface({ input: child.stdout }),
    ended: once(child, "exit").then(([code]) => {
      running.delete(child);
      return { code: code as number | null, errors };
    }),
    send: (line) => void child.stdin.write(`${line}\n`),
    kill: (signal) => void child.kill(signal),
  };
}

/** All that a program prints, once it has ended well. */
export async function outputOf(program: ChildProgram): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of program.lines) lines.push(line);
  const { code, errors } = await program.ended;
  if (code !== 0) throw new Error(`The program ended with ${code}: ${errors}`);
  return lines;
}

afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});
