import type { EvaluateOptions } from "./options.ts";

export interface Stop {
  /** Aborted when no further row may be begun. */
  readonly signal: AbortSignal;
  now(): void;
  /** Why the run's own time was up; absent otherwise. */
  reason(): string | undefined;
  end(): void;
}

/** The reason of a signal that is aborted because `runTimeoutMs` is over. */
class RunTooLong extends Error {
  override readonly name = "RunTooLong";

  constructor(timeoutMs: number) {
    super(`stopped after ${timeoutMs} ms (runTimeoutMs)`);
  }
}

/** The caller's signal and the time of the run as one, which also ends the grace of what is in flight. */
export function timeLimit({
  signal,
  runTimeoutMs,
}: EvaluateOptions): Pick<EvaluateOptions, "signal"> & { readonly end: () => void } {
  const given = signal === undefined ? {} : { signal };
  if (runTimeoutMs === undefined) return { ...given, end: () => undefined };
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new RunTooLong(runTimeoutMs)), runTimeoutMs);
  const stop = () => controller.abort(signal?.reason);
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop, { once: true });
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    },
  };
}

/** What ends a run, with its spending limits, which let go on what is in flight. */
export function stopSignal({ signal }: EvaluateOptions): Stop {
  const controller = new AbortController();
  const now = () => controller.abort();
  if (signal?.aborted) now();
  signal?.addEventListener("abort", now, { once: true });
  return {
    signal: controller.signal,
    now,
    reason: () => (signal?.reason instanceof RunTooLong ? signal.reason.message : undefined),
    end: () => signal?.removeEventListener("abort", now),
  };
}
