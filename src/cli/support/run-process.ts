import { fileURLToPath } from "node:url";
import { describeError, isAssayError, redactText } from "../../core/index.ts";
import { MODULES_FOLDER } from "../installation.ts";
import { main } from "../main.ts";
import { EXIT } from "./exit-codes.ts";
import { type FragileWork, type Io, line, processIo } from "./io.ts";

/** Runs a command line as the whole of this process, and ends it with the command's exit code. */
export async function runProcess(argv: readonly string[]): Promise<never> {
  const work = new Set<FragileWork>();
  const io = processIo((one) => {
    work.add(one);
    return () => void work.delete(one);
  });
  const leave = guard(io, work);
  const writeResults = process.stdout.write.bind(process.stdout);
  // What evaluated code prints is no result: `--json` has to stay JSON whatever a model logs.
  process.stdout.write = process.stderr.write.bind(process.stderr);
  const code = await main(argv, io);
  await Promise.all([written(writeResults), written(process.stderr.write.bind(process.stderr))]);
  // A pool or timer that the evaluated code left open must not keep a finished command running.
  return leave(code);
}

/**
 * What the evaluated code does behind its own back must not look like a failed gate, which is exit 1, or
 * like a passed one.
 *
 * @returns What ends the process on purpose.
 */
function guard(io: Io, work: ReadonlySet<FragileWork>): (code: number) => never {
  let isOver = false;
  const leave = (code: number) => {
    isOver = true;
    process.exit(code);
  };
  const fail = (message: string) => {
    const goOn = [...work].flatMap((one) => one.howToGoOn() ?? []);
    line(io.stderr, `error: ${[message, ...goOn].join("; ")}`);
  };
  // A reader that closes early (`| head`) or a full disk behind `>` ends the printing, not the
  // evaluation, whose exit code still has to be right.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  process.on("unhandledRejection", (reason) => {
    line(io.stderr, `warning: a promise was rejected and nobody noticed: ${said(reason)}`);
  });
  let isBroken = false;
  process.on("uncaughtException", (error) => {
    if (isOurs(error)) {
      line(io.stderr, `error: a defect in Assay, please report it: ${said(error)}`);
      if (error.stack !== undefined) line(io.stderr, redactText(error.stack));
      leave(EXIT.bug);
    }
    // A timer that throws does so again and again.
    if (isBroken) return;
    isBroken = true;
    line(io.stderr, `error: an exception outside any row: ${said(error)}`);
    if (work.size === 0) leave(EXIT.incomplete);
    for (const one of work) one.stop();
  });
  // Reached only when nothing is left to wait for: `main` waits for a promise that will never settle.
  process.on("beforeExit", () => {
    fail(
      "a model or scorer never answered: its promise can no longer settle. Use --timeout to fail such rows",
    );
    leave(EXIT.incomplete);
  });
  process.on("exit", (code) => {
    const isSignalled = code === EXIT.interrupted || code === EXIT.terminated;
    if (isOver || isSignalled) return;
    fail(`the evaluated code ended the process (process.exit(${code})) before the verdict`);
    process.exitCode = EXIT.incomplete;
  });
  return leave;
}

/** Whether the exception was thrown in Assay's own code, and not for what it was called with. */
function isOurs(error: unknown): error is Error {
  if (!(error instanceof Error) || (isAssayError(error) && error.code !== "internal")) return false;
  const thrownIn = error.stack?.split("\n").find((frame) => /^\s+at (?!.*\bnode:)/.test(frame));
  const folders = [MODULES_FOLDER.href, fileURLToPath(MODULES_FOLDER)];
  return folders.some((folder) => thrownIn?.includes(folder));
}

function said(error: unknown): string {
  return redactText(describeError(error));
}

function written(write: NodeJS.WriteStream["write"]): Promise<void> {
  return new Promise((resolve) => write("", () => resolve()));
}
