import { SQLITE_TYPES } from "../migrations/column-types.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../migrations/index.ts";
import { checkNotNewer, isOurs, VERSION_TABLE } from "../schema-version.ts";
import type { SqliteConnection } from "./connection.ts";

/**
 * Brings an empty or older database to the current schema and sets it up for writing.
 *
 * @throws {AssayError} `configuration` for a database that is not Assay's or is newer than this version;
 *   such a database is left as it was found.
 */
export async function migrateSqlite(connection: SqliteConnection): Promise<void> {
  const found = await connection.whenUnlocked(() => readVersion(connection));
  // Before the migration: in WAL mode nobody who reads can keep a transaction from committing.
  await connection.configure();
  if (found === SCHEMA_VERSION) return;
  await connection.transaction(() => {
    // Read again: another process may have migrated while this one waited for the lock.
    const version = readVersion(connection);
    const { database } = connection;
    database.exec(`CREATE TABLE IF NOT EXISTS ${VERSION_TABLE} (version INTEGER NOT NULL)`);
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration(SQLITE_TYPES));
    database.exec(`DELETE FROM ${VERSION_TABLE}`);
    database.prepare(`INSERT INTO ${VERSION_TABLE} (version) VALUES (?)`).run(SCHEMA_VERSION);
  });
}

/** 0 for an empty database. */
export function readVersion({ database, name }: SqliteConnection): number {
  const tables = database
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .all()
    .map((table) => table.name);
  if (!isOurs(tables, name)) return 0;
  const row = database
    .prepare<[], { version: number }>(`SELECT version FROM ${VERSION_TABLE}`)
    .get();
  const version = row?.version ?? 0;
  checkNotNewer(version, name);
  return version;
}
