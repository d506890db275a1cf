import type { Transaction } from "kysely";
import type { SqlEngine } from "./engine.ts";
import type { Schema } from "./schema.ts";

const SMALLEST_BATCH = 16;
const LARGEST_BATCH = 8192;

/** Characters of text per transaction: what a disk takes in a few milliseconds. */
const BATCH_TEXT = 1 << 20;

/**
 * Writes many items of one kind; resolves to what each caller gets, in their order. It may run more than
 * once, never in parallel. When it throws, nothing of the batch is kept.
 */
export type Apply<I, O> = (
  transaction: Transaction<Schema>,
  items: readonly I[],
) => Promise<readonly O[]>;

/** A kind of write. */
export interface Channel<I, O> {
  readonly apply: Apply<I, O>;
  /** How much text an item holds, in characters. */
  readonly sizeOf: (item: I) => number;
}

/** Items that one caller wants written together, all or none. */
interface Group {
  readonly apply: Apply<unknown, unknown>;
  readonly size: number;
  readonly items: readonly unknown[];
  readonly resolve: (values: unknown[]) => void;
  readonly reject: (reason: unknown) => void;
}

/** A write of a batch failed, as opposed to the batch's BEGIN or COMMIT. */
class WriteFailed extends Error {}

/**
 * Commits writes that arrive together in one transaction, those of one kind by the same statements. Each
 * caller's promise resolves when its write is durable, so a caller that waits bounds what a crash can
 * lose.
 */
export class GroupCommit {
  readonly #engine: SqlEngine;
  #waiting: Group[] = [];
  #flushing: Promise<void> | undefined;
  /** Items per transaction: as many as it has lately taken `batchMs` to write. */
  #batchSize = 64;

  constructor(engine: SqlEngine) {
    this.#engine = engine;
  }

  /** A kind of write. What is given to the function it returns is written together, all or none. */
  channel<I, O>({ apply, sizeOf }: Channel<I, O>): (items: readonly I[]) => Promise<O[]> {
    return (items) => {
      const { promise, resolve, reject } = Promise.withResolvers<O[]>();
      const size = items.reduce((sum, item) => sum + sizeOf(item), 0);
      const group = { apply, items, size, resolve, reject };
      this.#waiting.push(group as unknown as Group);
      this.#flushing ??= this.#flush();
      return promise;
    };
  }

  /** Resolves when everything enqueued so far is committed or has failed. */
  async drained(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Give everything that finishes in this turn of the event loop the chance to join the batch.
      await new Promise((resolve) => setImmediate(resolve));
      const batch = takeBatch(this.#waiting, this.#batchSize);
      this.#waiting = this.#waiting.slice(batch.length);
      await this.#commit(batch);
    }
    this.#flushing = undefined;
  }

  async #commit(groups: readonly Group[]): Promise<void> {
    try {
      const started = performance.now();
      const values = await this.#engine.transaction((transaction) => write(transaction, groups));
      this.#adapt(countItems(groups), performance.now() - started);
      for (const group of groups) group.resolve(values.get(group) ?? []);
    } catch (error) {
      await this.#settleFailure(groups, error);
    }
  }

  async #settleFailure(groups: readonly Group[], error: unknown): Promise<void> {
    const isSpoiled = error instanceof WriteFailed;
    const reason = isSpoiled ? error.cause : error;
    // A lock that is not given back keeps everybody out; to wait for it once is enough.
    if (groups.length === 1 || !isSpoiled) {
      for (const group of groups) group.reject(reason);
      return;
    }
    // One write spoils the whole transaction: halves find it, and only its caller gets the error.
    const middle = Math.ceil(groups.length / 2);
    await this.#commit(groups.slice(0, middle));
    await this.#commit(groups.slice(middle));
  }

  #adapt(count: number, tookMs: number): void {
    const { batchMs } = this.#engine;
    const fitting = (count * batchMs) / Math.max(tookMs, 0.01);
    if (tookMs > batchMs) this.#batchSize = Math.max(SMALLEST_BATCH, Math.floor(fitting));
    else if (count >= this.#batchSize) {
      this.#batchSize = Math.min(LARGEST_BATCH, Math.ceil(fitting), this.#batchSize * 2);
    }
  }
}

/** The groups that come first and hold at most `limit` items and not too much text, but one at least. */
function takeBatch(waiting: readonly Group[], limit: number): readonly Group[] {
  let items = 0;
  let text = 0;
  let count = 0;
  for (const group of waiting) {
    items += group.items.length;
    text += group.size;
    if (count > 0 && (items > limit || text > BATCH_TEXT)) break;
    count++;
  }
  return waiting.slice(0, count);
}

function countItems(groups: readonly Group[]): number {
  return groups.reduce((sum, group) => sum + group.items.length, 0);
}

/** Writes the items kind by kind and hands every group its part of the answers. */
async function write(
  transaction: Transaction<Schema>,
  groups: readonly Group[],
): Promise<Map<Group, unknown[]>> {
  const values = new Map<Group, unknown[]>();
  for (const [apply, sameKind] of Map.groupBy(groups, (group) => group.apply)) {
    const items = sameKind.flatMap((group) => group.items);
    const written = await apply(transaction, items).catch((cause: unknown) => {
      throw new WriteFailed("A write of a batch failed", { cause });
    });
    let at = 0;
    for (const group of sameKind) {
      values.set(group, written.slice(at, at + group.items.length));
      at += group.items.length;
    }
  }
  return values;
}
