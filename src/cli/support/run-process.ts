import { describeError, redactText } from "../../core/index.ts";
import { main } from "../main.ts";
import { EXIT } from "./exit-codes.ts";
import { type Io, line, processIo } from "./io.ts";

/** Runs a command line as the whole of this process, and ends it with the command's exit code. */
export async function runProcess(argv: readonly string[]): Promise<never> {
  const io = processIo();
  guard(io);
  const writeResults = process.stdout.write.bind(process.stdout);
  // What evaluated code prints is no result: `--json` has to stay JSON whatever a model logs.
  process.stdout.write = process.stderr.write.bind(process.stderr);
  const code = await main(argv, io);
  await Promise.all([written(writeResults), written(process.stderr.write.bind(process.stderr))]);
  // A pool or timer that the evaluated code left open must not keep a finished command running.
  process.exit(code);
}

/** What the evaluated code does behind its own back must not look like a failed gate, which is exit 1. */
function guard(io: Io): void {
  // A reader that closes early (`| head`) or a full disk behind `>` ends the printing, not the
  // evaluation, whose exit code still has to be right.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  process.on("unhandledRejection", (reason) => {
    line(io.stderr, `warning: a promise was rejected and nobody noticed: ${said(reason)}`);
  });
  process.on("uncaughtException", (error) => {
    line(io.stderr, `error: an exception outside any row: ${said(error)}`);
    process.exit(EXIT.bug);
  });
  // Reached only when nothing is left to wait for: `main` waits for a promise that will never settle.
  process.on("beforeExit", () => {
    line(
      io.stderr,
      "error: a model or scorer never answered: its promise can no longer settle. Use --timeout to fail such rows.",
    );
    process.exit(EXIT.incomplete);
  });
}

function said(error: unknown): string {
  return redactText(describeError(error));
}

function written(write: NodeJS.WriteStream["write"]): Promise<void> {
  return new Promise((resolve) => write("", () => resolve()));
}
