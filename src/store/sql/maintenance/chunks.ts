import { setTimeout as delay } from "node:timers/promises";
import type { Transaction } from "kysely";
import type { SqlEngine } from "../engine.ts";
import type { Schema } from "../schema.ts";

/** Rows that one statement removes: few at first, for a row may hold much. */
const FIRST_STEP = 16;
const LARGEST_STEP = 1_000;
const LONGEST_PAUSE_MS = 10;

/** Removes at most so many rows; resolves to how many, fewer only when none are left. */
export type Removal = (transaction: Transaction<Schema>, most: number) => Promise<number>;

/** Removes rows in transactions as long as the engine likes them, between which others get their turn. */
export class Chunks {
  readonly #engine: SqlEngine;

  constructor(engine: SqlEngine) {
    this.#engine = engine;
  }

  /** Runs removals one after the other, each until nothing is left; resolves to the rows of the last. */
  async remove(removals: readonly Removal[]): Promise<number> {
    let next = 0;
    let ofLast = 0;
    while (next < removals.length) {
      const chunk = await this.#engine.transaction((transaction) =>
        removeSome(transaction, removals.slice(next), this.#engine.batchMs),
      );
      next += chunk.done;
      ofLast += chunk.ofLast;
      // The event loop, and whoever waits for the lock.
      await delay(Math.min(chunk.tookMs, LONGEST_PAUSE_MS));
    }
    return ofLast;
  }
}

interface Chunk {
  /** How many removals have nothing left. */
  readonly done: number;
  /** Rows that the last of the removals took away. */
  readonly ofLast: number;
  readonly tookMs: number;
}

async function removeSome(
  transaction: Transaction<Schema>,
  removals: readonly Removal[],
  wantedMs: number,
): Promise<Chunk> {
  // Here, not outside: to wait for a lock is not work.
  const started = performance.now();
  const tookMs = () => performance.now() - started;
  let ofLast = 0;
  for (const [done, removal] of removals.entries()) {
    // Each anew: rows of one table take a hundred times as long as those of another.
    for (let step = FIRST_STEP; ; ) {
      const before = tookMs();
      const removed = await removal(transaction, step);
      if (done === removals.length - 1) ofLast += removed;
      if (removed < step) break;
      const left = wantedMs - tookMs();
      if (left <= 0) return { done, ofLast, tookMs: tookMs() };
      const fitting = (step * left) / Math.max(tookMs() - before, 0.01);
      step = Math.max(1, Math.floor(Math.min(fitting, 2 * step, LARGEST_STEP)));
    }
    if (tookMs() >= wantedMs) return { done: done + 1, ofLast, tookMs: tookMs() };
  }
  return { done: removals.length, ofLast, tookMs: tookMs() };
}
