import { setTimeout as delay } from "node:timers/promises";
import type { Transaction } from "kysely";
import type { SqlEngine } from "../engine.ts";
import type { Schema } from "../schema.ts";

const FIRST_SIZE = 500;
const SMALLEST_SIZE = 16;
const LARGEST_SIZE = 10_000;
const LONGEST_PAUSE_MS = 10;

/** Removes at most so many rows; resolves to how many, fewer only when none are left. */
export type Removal = (transaction: Transaction<Schema>, most: number) => Promise<number>;

/** Removes rows in transactions as long as the engine likes them, between which others get their turn. */
export class Chunks {
  readonly #engine: SqlEngine;
  /** Rows per transaction: as many as it has lately taken two times `batchMs` to remove. */
  #size = FIRST_SIZE;

  constructor(engine: SqlEngine) {
    this.#engine = engine;
  }

  /** Runs removals one after the other, each until nothing is left; resolves to the rows of the last. */
  async remove(removals: readonly Removal[]): Promise<number> {
    let next = 0;
    let ofLast = 0;
    while (next < removals.length) {
      const chunk = await this.#engine.transaction((transaction) =>
        removeSome(transaction, removals.slice(next), this.#size),
      );
      next += chunk.done;
      ofLast += chunk.ofLast;
      this.#adapt(chunk);
      // The event loop, and whoever waits for the lock.
      await delay(Math.min(chunk.tookMs, LONGEST_PAUSE_MS));
    }
    return ofLast;
  }

  #adapt({ count, tookMs }: Chunk): void {
    // Twice what others get: most of a small one would be its commit.
    const wantedMs = 2 * this.#engine.batchMs;
    const fitting = (count * wantedMs) / Math.max(tookMs, 0.01);
    if (tookMs <= wantedMs && count < this.#size) return;
    const size = Math.min(fitting, this.#size * 2, LARGEST_SIZE);
    this.#size = Math.max(SMALLEST_SIZE, Math.floor(size));
  }
}

interface Chunk {
  /** How many removals have nothing left. */
  readonly done: number;
  readonly count: number;
  /** Rows that the last of the removals took away. */
  readonly ofLast: number;
  readonly tookMs: number;
}

async function removeSome(
  transaction: Transaction<Schema>,
  removals: readonly Removal[],
  size: number,
): Promise<Chunk> {
  // Here, not outside: to wait for a lock is not work.
  const started = performance.now();
  let done = 0;
  let count = 0;
  let ofLast = 0;
  for (const removal of removals) {
    const removed = await removal(transaction, size - count);
    count += removed;
    if (done === removals.length - 1) ofLast = removed;
    if (count >= size) break;
    done++;
  }
  return { done, count, ofLast, tookMs: performance.now() - started };
}
