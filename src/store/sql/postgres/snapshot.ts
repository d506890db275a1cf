import { type Kysely, sql } from "kysely";
import type { Snapshot } from "../engine.ts";
import type { Schema } from "../schema.ts";

/** A connection of the pool in a transaction that sees one state and only reads. */
export async function postgresSnapshot(database: Kysely<Schema>): Promise<Snapshot> {
  const transaction = await database.startTransaction().execute();
  const release = async () => {
    await transaction.rollback().execute();
  };
  try {
    await sql`set transaction isolation level repeatable read, read only`.execute(transaction);
    // Its first query decides which state that is.
    await sql`select 1`.execute(transaction);
  } catch (error) {
    await release();
    throw error;
  }
  return { reads: transaction, release };
}
