import type { EvaluateOptions } from "./options.ts";
import { StopWithin } from "./within-deadline.ts";

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

/** Ends the signal that {@link runSignal} made, and with it what is in flight: the run cannot go on. */
export function abandon(signal: AbortSignal | undefined): void {
  if (signal !== undefined) controllers.get(signal)?.abort(new StopWithin(0));
}

const controllers = new WeakMap<AbortSignal, AbortController>();

/** The caller's signal and the time of the run as one. */
export function runSignal({ signal, runTimeoutMs }: EvaluateOptions): {
  readonly signal: AbortSignal;
  readonly end: () => void;
} {
  const controller = new AbortController();
  controllers.set(controller.signal, controller);
  const timer =
    runTimeoutMs === undefined
      ? undefined
      : setTimeout(() => controller.abort(new RunTooLong(runTimeoutMs)), runTimeoutMs);
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
