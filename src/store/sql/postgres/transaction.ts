import { setTimeout as delay } from "node:timers/promises";
import { type Kysely, sql, type Transaction } from "kysely";
import type { Schema } from "../schema.ts";
import { isBrokenOff, isUnreachable } from "./errors.ts";

/** How long a server may be away before a write is given up, in milliseconds. */
const PATIENCE_MS = 30_000;

/** An attempt that failed behind its last statement: it may have been committed all the same. */
class CommitUnknown<T> extends Error {
  readonly value: T;
  readonly id: string;

  constructor(value: T, id: string, cause: unknown) {
    super("The connection was lost during a commit", { cause });
    this.value = value;
    this.id = id;
  }
}

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
  const deadline = performance.now() + PATIENCE_MS;
  let unknown: CommitUnknown<T> | undefined;
  for (let attempt = 0; ; attempt++) {
    try {
      if (unknown !== undefined && (await isCommitted(database, unknown.id))) return unknown.value;
      unknown = undefined;
      return await attemptOnce(database, work);
    } catch (error) {
      if (error instanceof CommitUnknown) unknown = error;
      const cause = error instanceof CommitUnknown ? error.cause : error;
      const isPassing = isBrokenOff(cause) || isUnreachable(cause);
      if (!isPassing || performance.now() > deadline) throw cause;
      await delay(Math.random() * Math.min(1000, 10 * 2 ** attempt));
    }
  }
}

async function attemptOnce<T>(
  database: Kysely<Schema>,
  work: (transaction: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  let done: { readonly value: T; readonly id: string | null } | undefined;
  try {
    return await database.transaction().execute(async (transaction) => {
      const value = await work(transaction);
      const { rows } = await sql<{ id: string | null }>`
        select pg_current_xact_id_if_assigned()::text as id`.execute(transaction);
      done = { value, id: rows[0]?.id ?? null };
      return value;
    });
  } catch (error) {
    if (done?.id && isUnreachable(error)) throw new CommitUnknown(done.value, done.id, error);
    throw error;
  }
}

async function isCommitted(database: Kysely<Schema>, id: string): Promise<boolean> {
  for (;;) {
    const { rows } = await sql<{ status: string | null }>`
      select pg_xact_status(${id}::xid8) as status`.execute(database);
    const status = rows[0]?.status;
    if (status !== "in progress") return status === "committed";
    // The server has not noticed yet that nobody is there any more.
    await delay(50);
  }
}
