import type { Kysely, Transaction } from "kysely";
import type { Schema } from "./schema.ts";

/** How long one transaction may keep the event loop busy before it commits, in milliseconds. */
const BATCH_MS = 8;

interface Operation {
  readonly apply: (transaction: Transaction<Schema>) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** An operation of a batch threw, as opposed to the batch's BEGIN or COMMIT. */
class OperationFailed extends Error {}

/**
 * Commits writes that arrive together in one transaction. Each caller's promise resolves when its
 * write is durable, so a caller that waits bounds what a crash can lose.
 */
export class GroupCommit {
  readonly #database: Kysely<Schema>;
  #waiting: Operation[] = [];
  #flushing: Promise<void> | undefined;

  constructor(database: Kysely<Schema>) {
    this.#database = database;
  }

  /** Resolves to what `apply` gave, once that is durable. `apply` may run twice, never in parallel. */
  enqueue<T>(apply: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ apply, resolve: resolve as (value: unknown) => void, reject });
    this.#flushing ??= this.#flush();
    return promise;
  }

  /** Resolves when everything enqueued so far is committed or has failed. */
  async drained(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Give everything that finishes in this turn of the event loop the chance to join the batch.
      await new Promise((resolve) => setImmediate(resolve));
      const waiting = this.#waiting;
      this.#waiting = [];
      this.#waiting = [...(await this.#commit(waiting)), ...this.#waiting];
    }
    this.#flushing = undefined;
  }

  /** Commits as many operations as fit into one batch; resolves to those that did not. */
  async #commit(operations: readonly Operation[]): Promise<readonly Operation[]> {
    const values: unknown[] = [];
    try {
      await this.#database.transaction().execute(async (transaction) => {
        const end = performance.now() + BATCH_MS;
        for (const operation of operations) {
          values.push(await attempt(operation, transaction));
          if (performance.now() >= end) break;
        }
      });
    } catch (error) {
      return this.#afterFailure(operations, values.length, error);
    }
    for (const [index, value] of values.entries()) operations[index]?.resolve(value);
    return operations.slice(values.length);
  }

  /** Settles the operations that a rolled back batch concerns; resolves to the others. */
  async #afterFailure(
    operations: readonly Operation[],
    applied: number,
    error: unknown,
  ): Promise<readonly Operation[]> {
    if (error instanceof OperationFailed) {
      const tried = operations.slice(0, applied + 1);
      // One operation spoils the whole transaction; alone, only the culprit fails.
      if (tried.length === 1) tried[0]?.reject(error.cause);
      else for (const operation of tried) await this.#commit([operation]);
      return operations.slice(tried.length);
    }
    // A lock that is not given back keeps everybody out; to wait for it once is enough.
    const concerned = applied === 0 ? operations : operations.slice(0, applied);
    for (const operation of concerned) operation.reject(error);
    return operations.slice(concerned.length);
  }
}

async function attempt(operation: Operation, transaction: Transaction<Schema>): Promise<unknown> {
  try {
    return await operation.apply(transaction);
  } catch (cause) {
    throw new OperationFailed("An operation of a batch failed", { cause });
  }
}
