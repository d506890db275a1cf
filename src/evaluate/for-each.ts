/**
 * Runs `work` on every item, at most `concurrency` at a time, pulling items only as they are needed.
 *
 * Aborting `signal` stops at once, also while a slow source is being waited for; what is in flight is
 * finished. The first error of the source or of `work` does the same and is thrown once the others
 * have settled.
 *
 * @returns Whether the items came to their end.
 */
export async function forEachConcurrently<T>(
  items: AsyncIterable<T>,
  concurrency: number,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<boolean> {
  const iterator = items[Symbol.asyncIterator]();
  const state: { stopped: boolean; ended: boolean; failure?: { readonly error: unknown } } = {
    stopped: signal?.aborted === true,
    ended: false,
  };
  /** Gives up waiting for an item; one entry per worker that waits. */
  const waiting = new Set<(end: undefined) => void>();
  const stop = () => {
    state.stopped = true;
    for (const giveUp of waiting) giveUp(undefined);
  };
  // Not Promise.race with one promise for "stopped": that would keep every item alive until the end.
  const pull = () =>
    new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
      waiting.add(resolve);
      iterator
        .next()
        .then(resolve, reject)
        .finally(() => waiting.delete(resolve));
    });
  const worker = async () => {
    while (!state.stopped && !state.ended) {
      try {
        const next = await pull();
        if (next?.done) state.ended = true;
        if (next === undefined || next.done || state.stopped) return;
        await work(next.value);
      } catch (error) {
        state.failure ??= { error };
        stop();
      }
    }
  };
  signal?.addEventListener("abort", stop, { once: true });
  await Promise.all(Array.from({ length: concurrency }, worker));
  signal?.removeEventListener("abort", stop);
  await close(iterator, waiting.size > 0);
  if (state.failure !== undefined) throw state.failure.error;
  return state.ended;
}

/** Lets the source release what it holds. A source that is stuck would not answer, so it is not waited for. */
async function close(iterator: AsyncIterator<unknown>, isStuck: boolean): Promise<void> {
  const closing = Promise.allSettled([iterator.return?.()]);
  if (!isStuck) await closing;
}
