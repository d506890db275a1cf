/**
 * Runs `work` with a signal that is aborted after `timeoutMs`, and waits no longer than that for it.
 *
 * @throws {Error} named `TimeoutError` when the time is up, whether or not `work` minds its signal.
 */
export async function withinDeadline<T>(
  timeoutMs: number | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const working = work(controller.signal);
  if (timeoutMs === undefined) return working;
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${timeoutMs} ms`);
    error.name = "TimeoutError";
    controller.abort(error);
    late.reject(error);
  }, timeoutMs);
  try {
    return await Promise.race([working, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
