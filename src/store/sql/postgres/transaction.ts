import { setTimeout as delay } from "node:timers/promises";
import { type Kysely, sql, type Transaction } from "kysely";
import { AssayError } from "../../../core/index.ts";
import type { Schema } from "../schema.ts";
import { isBrokenOff, isUnreachable } from "./errors.ts";

/** How long a server may be away before a write is given up, in milliseconds. */
const PATIENCE_MS = 30_000;

/** For so long after a server was waited for in vain it is taken to be away still. */
const STILL_AWAY_MS = 5_000;

/** When each server was waited for in vain. */
const gaveUpAt = new WeakMap<Kysely<Schema>, number>();

/** Short once somebody has waited in vain: what comes behind, such as a note of the failure, does not wait as long again. */
function patienceMs(database: Kysely<Schema>): number {
  const since = performance.now() - (gaveUpAt.get(database) ?? Number.NEGATIVE_INFINITY);
  return since < STILL_AWAY_MS ? 0 : PATIENCE_MS;
}

/** An attempt that failed behind its last statement: it may have been committed all the same. */
class CommitUnknown<T> extends Error {
  readonly done: Done<T>;

  constructor(done: Done<T>, cause: unknown) {
    super("The connection was lost during a commit", { cause });
    this.done = done;
  }
}

/** All statements of a transaction have run; what is left is to commit. */
interface Done<T> {
  readonly value: T;
  /** Absent when nothing was written. */
  readonly transactionId: string | null;
  /** The server's process behind the connection. */
  readonly backend: number;
}

/** How long a lost transaction may stay open at the server before its process is ended. */
const LINGER_MS = 2_000;

/**
 * Runs `work` in a transaction, again when the server broke it off for the sake of another or was away
 * for a while. A commit whose answer was lost is looked up, so that nothing is written twice.
 *
 * @throws {AssayError} `store-unavailable` when the server stays away for 30 s.
 */
export async function inTransaction<T>(
  database: Kysely<Schema>,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + patienceMs(database);
  let unknown: CommitUnknown<T> | undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      if (unknown !== undefined && (await isCommitted(database, unknown.done, deadline))) {
        return unknown.done.value;
      }
      unknown = undefined;
      return await attemptOnce(database, work);
    } catch (error) {
      if (error instanceof CommitUnknown) unknown = error;
      const cause = error instanceof CommitUnknown ? error.cause : error;
      const isPassing = isBrokenOff(cause) || isUnreachable(cause);
      const isUp = performance.now() > deadline;
      if (isUp && isUnreachable(cause)) gaveUpAt.set(database, performance.now());
      if (!isPassing || isUp) throw cause;
      await delay(Math.random() * Math.min(1000, 10 * 2 ** attempt));
    }
  }
}

async function attemptOnce<T>(
  database: Kysely<Schema>,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  let done: Done<T> | undefined;
  try {
    return await database.transaction().execute(async (transaction) => {
      const value = await work(transaction);
      const { rows } = await sql<{ id: string | null; backend: number }>`
        select pg_current_xact_id_if_assigned()::text as id, pg_backend_pid() as backend`.execute(
        transaction,
      );
      done = { value, transactionId: rows[0]?.id ?? null, backend: rows[0]?.backend ?? 0 };
      return value;
    });
  } catch (error) {
    if (done?.transactionId && isUnreachable(error)) throw new CommitUnknown(done, error);
    throw error;
  }
}

/** @throws {AssayError} `store-unavailable` when the server does not say before the deadline. */
async function isCommitted(
  database: Kysely<Schema>,
  { transactionId, backend }: Done<unknown>,
  deadline: number,
): Promise<boolean> {
  const patience = performance.now() + LINGER_MS;
  for (;;) {
    const { rows } = await sql<{ status: string | null }>`
      select pg_xact_status(${transactionId}::xid8) as status`.execute(database);
    const status = rows[0]?.status;
    if (status !== "in progress") return status === "committed";
    const now = performance.now();
    if (now > deadline) {
      throw new AssayError(
        "store-unavailable",
        "The PostgreSQL server did not say whether a commit happened whose answer was lost",
      );
    }
    // The server waits for a client that is gone; its own timeouts take minutes or hours.
    if (now > patience) await sql`select pg_terminate_backend(${backend}::int)`.execute(database);
    await delay(50);
  }
}
