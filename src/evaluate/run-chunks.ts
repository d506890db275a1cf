import { setTimeout as delay } from "node:timers/promises";
import { flushTraces } from "../tracing/index.ts";
import { ChunkQueue, releaseDead } from "./chunk-queue.ts";
import type { TrialContext } from "./predict.ts";
import { Progressing } from "./progressing.ts";
import { runTrials } from "./run-trials.ts";
import { stopSignal } from "./stop-signal.ts";

/** How often a worker that waits for others looks at the store, at first and in the long run. */
const FIRST_POLL_MS = 50;
const LONGEST_POLL_MS = 2_000;

/**
 * Works on a shared run until nothing is left of it, also of what others have begun and died over, or
 * until it is stopped.
 *
 * @returns Why a limit stopped it; `undefined` when none did.
 */
export async function runChunks(
  context: TrialContext,
  worker: string,
): Promise<string | undefined> {
  const { plan, store, runId, spending } = context;
  const progress = new Progressing(context, await store.results.countResults(runId));
  const stop = stopSignal(plan.options);
  const queue = new ChunkQueue(context, worker);
  try {
    do {
      await runTrials(context, queue.trials(stop), progress, stop, queue);
      await queue.settled();
    } while (await moreComes(context, stop.signal));
  } finally {
    stop.end();
    await queue.leave();
  }
  await flushTraces();
  return stop.reason() ?? spending.stop;
}

/** Waits while everything that is left is in the hands of others. */
async function moreComes(context: TrialContext, signal: AbortSignal): Promise<boolean> {
  const { store, runId } = context;
  for (const poll of polls()) {
    if (signal.aborted) return false;
    const left = await store.work.left(runId);
    if (left === undefined) return false;
    if ((await releaseDead(context, left.workers)) || left.free > 0) return true;
    if (left.held === 0) return false;
    await Promise.allSettled([delay(poll, undefined, { signal })]);
  }
  return false;
}

/** Milliseconds from one look to the next. */
export function* polls(): Generator<number> {
  for (let ms = FIRST_POLL_MS; ; ms = Math.min(ms * 1.5, LONGEST_POLL_MS)) yield ms;
}
