import { AssayError } from "../core/index.ts";

/** How long rows in flight may go on after the evaluation was told to stop. */
const GRACE_MS = 5000;

export interface Deadline {
  /** From the start of the work; absent for no limit. */
  readonly timeoutMs?: number | undefined;
  /** Tells the evaluation to stop: work in flight has a few seconds to finish, then it is given up. */
  readonly stop?: AbortSignal | undefined;
}

/**
 * Runs `work` with a signal that is aborted when its time is up, and waits no longer than that for it.
 *
 * @throws {Error} named `TimeoutError` after `timeoutMs`, whether or not `work` minds its signal;
 *   {@link AssayError} `cancelled` when it was given up because the evaluation stops.
 */
export async function withinDeadline<T>(
  { timeoutMs, stop }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (error: Error) => {
    controller.abort(error);
    reject(error);
  };
  const timers: NodeJS.Timeout[] = [];
  const giveUpAfter = (ms: number, error: () => Error) =>
    void timers.push(setTimeout(() => giveUp(error()), ms));
  const onStop = () => giveUpAfter(GRACE_MS, givenUp);
  if (timeoutMs !== undefined) giveUpAfter(timeoutMs, () => timedOut(timeoutMs));
  if (stop?.aborted) onStop();
  else stop?.addEventListener("abort", onStop, { once: true });
  try {
    return await Promise.race([work(controller.signal), promise]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    stop?.removeEventListener("abort", onStop);
  }
}

function timedOut(timeoutMs: number): Error {
  const error = new Error(`no answer within ${timeoutMs} ms`);
  error.name = "TimeoutError";
  return error;
}

function givenUp(): Error {
  return new AssayError("cancelled", "the evaluation was stopped before this row was finished");
}
