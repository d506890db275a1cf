/**
 * Runs `work` on every item, at most `concurrency` at a time, pulling items only as they are needed.
 *
 * Aborting `signal` stops the pulling; what is in flight is finished. The first error of `work` does
 * the same and is thrown once the others have settled.
 */
export async function forEachConcurrently<T>(
  items: AsyncIterable<T>,
  concurrency: number,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  let failure: { readonly error: unknown } | undefined;
  const worker = async () => {
    while (failure === undefined && signal?.aborted !== true) {
      try {
        const next = await iterator.next();
        if (next.done) return;
        await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  await iterator.return?.();
  if (failure !== undefined) throw failure.error;
}
