import { StopWithin } from "../../evaluate/index.ts";
import { EXIT } from "./exit-codes.ts";
import { type Io, line } from "./io.ts";

/** What sends a SIGTERM, such as Kubernetes, kills after 30 s. */
const GRACE_OF_SIGTERM_MS = 20_000;

/** The row whose callback threw may never be answered. */
const GRACE_OF_EXCEPTION_MS = 20_000;

/**
 * Aborts on the first Ctrl-C, SIGTERM or exception outside any row, so that what is in flight is committed;
 * a second signal ends at once.
 *
 * @param howToGoOn - For when the process ends before the work does.
 */
export function stopOnInterrupt(
  stop: AbortController,
  io: Io,
  howToGoOn: () => string | undefined,
) {
  let exitCode: number | undefined;
  const begin = (code: number, again: string, grace: StopWithin | undefined) => {
    exitCode = code;
    line(io.stderr, `stopping: finishing and storing what is in flight (${again} to stop at once)`);
    stop.abort(grace);
  };
  const release = io.onInterrupt((signal) => {
    const code = signal === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
    if (stop.signal.aborted) {
      const ways = howToGoOn();
      if (ways !== undefined) line(io.stderr, `\nstopped at once: ${ways}`);
      process.exit(code);
    }
    // A terminal shows ^C where the cursor is.
    line(io.stderr);
    begin(code, "again", signal === "SIGTERM" ? new StopWithin(GRACE_OF_SIGTERM_MS) : undefined);
  });
  const unprotect = io.protect({
    stop: () => {
      if (stop.signal.aborted) return;
      begin(EXIT.incomplete, "Ctrl-C", new StopWithin(GRACE_OF_EXCEPTION_MS));
    },
    howToGoOn,
  });
  const end = () => {
    release();
    unprotect();
  };
  return { end, exitCode: () => exitCode };
}
