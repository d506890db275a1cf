import { Kysely } from "kysely";
import type { Snapshot } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { SqliteConnection } from "./connection.ts";
import { sqliteDialect } from "./dialect.ts";

/** A connection of its own in a transaction that only reads: in WAL mode no writer waits for it. */
export async function sqliteSnapshot(path: string, name: string): Promise<Snapshot> {
  const connection = new SqliteConnection(path, name, { readonly: true });
  try {
    await connection.configure();
    // BEGIN alone decides nothing: the first read does.
    await connection.whenUnlocked(() => connection.database.exec("BEGIN"));
    await connection.execute("select count(*) from assay_schema", []);
  } catch (error) {
    connection.close();
    throw error;
  }
  const reads = new Kysely<Schema>({ dialect: sqliteDialect(connection) });
  return { reads, release: async () => connection.close() };
}
