/**
 * Runs `work` on every item, at most `concurrency` at a time, pulling items only as they are needed. Work
 * that is done at once need not return a promise.
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
  work: (item: T) => Promise<void> | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  const iterator = items[Symbol.asyncIterator]();
  const { promise: settled, resolve: settle } = Promise.withResolvers<void>();
  const state: { stopped: boolean; ended: boolean; failure?: { readonly error: unknown } } = {
    stopped: signal?.aborted === true,
    ended: false,
  };
  let pulling = 0;
  let working = 0;
  let workers = 0;
  let idle = 0;
  /** Workers that wait for an item are not waited for once it is over: the source may never give one. */
  const settleIfOver = () => {
    const isOver = idle === workers || (state.stopped && working === 0);
    if (isOver) settle();
  };
  const stop = () => {
    state.stopped = true;
    settleIfOver();
  };
  const fail = (error: unknown) => {
    state.failure ??= { error };
    state.stopped = true;
  };
  const pull = async (): Promise<IteratorResult<T> | undefined> => {
    pulling += 1;
    try {
      return await iterator.next();
    } catch (error) {
      fail(error);
      return undefined;
    } finally {
      pulling -= 1;
    }
  };
  const worker = async () => {
    workers += 1;
    while (!state.stopped && !state.ended) {
      const next = await pull();
      if (next?.done) state.ended = true;
      if (next === undefined || next.done || state.stopped) break;
      working += 1;
      // One more with each item, so that a limit far above what there is to do costs nothing.
      if (workers < concurrency) void worker();
      try {
        const doing = work(next.value);
        if (doing !== undefined) await doing;
      } catch (error) {
        fail(error);
      } finally {
        working -= 1;
      }
    }
    idle += 1;
    settleIfOver();
  };
  signal?.addEventListener("abort", stop, { once: true });
  void worker();
  await settled;
  signal?.removeEventListener("abort", stop);
  await close(iterator, pulling > 0);
  if (state.failure !== undefined) throw state.failure.error;
  return state.ended;
}

/** Lets the source release what it holds. A source that is stuck would not answer, so it is not waited for. */
async function close(iterator: AsyncIterator<unknown>, isStuck: boolean): Promise<void> {
  const closing = Promise.allSettled([iterator.return?.()]);
  if (!isStuck) await closing;
}
