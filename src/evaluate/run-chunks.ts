import { setTimeout as delay } from "node:timers/promises";
import { flushTraces } from "../tracing/index.ts";
import { AdaptiveBudget } from "./adaptive/adaptive-budget.ts";
import { ChunkQueue, releaseDead } from "./chunk-queue.ts";
import { orderOf } from "./plan-rows.ts";
import type { TrialContext } from "./predict.ts";
import { Progressing } from "./progressing.ts";
import { runTrials, type TrialEnds } from "./run-trials.ts";
import { stopSignal } from "./stop-signal.ts";

/** How often a worker that waits for others looks at the store, at first and in the long run. */
const FIRST_POLL_MS = 50;
const LONGEST_POLL_MS = 2_000;

/**
 * Works on a shared run until nothing is left of it, also of what others have begun and died over, or
 * until it is stopped.
 *
 * @returns How it ended.
 */
export async function runChunks(context: TrialContext, worker: string): Promise<ChunksEnd> {
  const { plan, store, runId, spending } = context;
  const progress = new Progressing(context, await store.results.countResults(runId));
  const stop = stopSignal(plan.options);
  const queue = new ChunkQueue(context, worker);
  let budget: AdaptiveBudget | undefined;
  try {
    if (plan.options.budget === "adaptive") {
      budget = await AdaptiveBudget.begin(context, context.order ?? (await orderOf(context)), stop);
    }
    do {
      await runTrials(context, queue.trials(stop), progress, stop, both(queue, budget));
      await queue.settled();
      await budget?.settled();
    } while (await moreComes(context, stop.signal));
  } finally {
    stop.end();
    await queue.leave();
  }
  await flushTraces();
  // Others may have met the limit, while this one had heard of less.
  if (spending.isLimited) spending.learn((await store.results.countResults(runId)).usage);
  return { stop: stop.reason() ?? spending.stop, budget };
}

/** Why work on chunks ended: a limit stopped it, the gates of a budget are certain, or nothing was left. */
export interface ChunksEnd {
  readonly stop: string | undefined;
  readonly budget: AdaptiveBudget | undefined;
}

function both(queue: TrialEnds, budget: AdaptiveBudget | undefined): TrialEnds {
  if (budget === undefined) return queue;
  return {
    done: (ordinal, answered) => {
      queue.done(ordinal, answered);
      budget.done(ordinal);
    },
    contested: (ordinal) => {
      queue.contested?.(ordinal);
      budget.contested(ordinal);
    },
  };
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
