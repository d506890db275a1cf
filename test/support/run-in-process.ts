import { main } from "../../src/cli/main.ts";
import type { Io } from "../../src/cli/support/io.ts";

/** A command in this process: what it printed, and its exit code. */
export async function runInProcess(argv: readonly string[], outside: Pick<Io, "env" | "cwd">) {
  const printed = { stdout: "", stderr: "" };
  const output = (stream: "stdout" | "stderr") => ({
    isTerminal: false,
    columns: Number.POSITIVE_INFINITY,
    write: (text: string) => {
      printed[stream] += text;
    },
  });
  const io: Io = {
    stdout: output("stdout"),
    stderr: output("stderr"),
    ...outside,
    onInterrupt: () => () => undefined,
    protect: () => () => undefined,
  };
  const code = await main(argv, io);
  return { code, ...printed };
}
