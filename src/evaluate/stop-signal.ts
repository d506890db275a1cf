import type { EvaluateOptions } from "./options.ts";

export interface Stop {
  /** Aborted when no further row may be begun. */
  readonly signal: AbortSignal;
  now(): void;
  /** Why the run's own time was up; absent otherwise. */
  reason(): string | undefined;
  end(): void;
}

/** The caller's signal, the run's deadline and its spending limits as one. */
export function stopSignal({ signal, runTimeoutMs }: EvaluateOptions): Stop {
  const controller = new AbortController();
  const now = () => controller.abort();
  let isLate = false;
  const timer =
    runTimeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          isLate = true;
          now();
        }, runTimeoutMs);
  if (signal?.aborted) now();
  signal?.addEventListener("abort", now, { once: true });
  return {
    signal: controller.signal,
    now,
    reason: () => (isLate ? `stopped after ${runTimeoutMs} ms (runTimeoutMs)` : undefined),
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", now);
    },
  };
}
