import { StopWithin } from "../../evaluate/index.ts";
import { EXIT } from "./exit-codes.ts";
import { type Io, line } from "./io.ts";

/** What sends a SIGTERM, such as Kubernetes, kills after 30 s. */
const GRACE_OF_SIGTERM_MS = 20_000;

/** Aborts on the first Ctrl-C or SIGTERM so that what is in flight is committed; a second one ends at once. */
export function stopOnInterrupt(stop: AbortController, io: Io) {
  let exitCode: number | undefined;
  const end = io.onInterrupt((signal) => {
    const code = signal === "SIGTERM" ? EXIT.terminated : EXIT.interrupted;
    if (stop.signal.aborted) process.exit(code);
    exitCode = code;
    line(io.stderr, "\nstopping: finishing and storing what is in flight (again to stop at once)");
    stop.abort(signal === "SIGTERM" ? new StopWithin(GRACE_OF_SIGTERM_MS) : undefined);
  });
  return { end, exitCode: () => exitCode };
}
