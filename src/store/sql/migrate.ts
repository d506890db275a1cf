import { AssayError } from "../../core/index.ts";
import { initial } from "./migrations/0001-initial.ts";
import type { SqliteConnection } from "./sqlite-connection.ts";

/** In order; the schema version is the number of migrations applied. */
const MIGRATIONS: readonly string[] = [initial];

export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings an empty or older database to the current schema and sets it up for writing.
 *
 * @throws {AssayError} `configuration` for a database that is not Assay's or is newer than this version;
 *   such a database is left as it was found.
 */
export async function migrate(connection: SqliteConnection): Promise<void> {
  const found = await connection.whenUnlocked(() => readVersion(connection));
  // Before the migration: in WAL mode nobody who reads can keep a transaction from committing.
  await connection.configure();
  if (found === SCHEMA_VERSION) return;
  await connection.transaction(() => {
    // Read again: another process may have migrated while this one waited for the lock.
    const version = readVersion(connection);
    const { database } = connection;
    database.exec("CREATE TABLE IF NOT EXISTS assay_schema (version INTEGER NOT NULL)");
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    database.exec("DELETE FROM assay_schema");
    database.prepare("INSERT INTO assay_schema (version) VALUES (?)").run(SCHEMA_VERSION);
  });
}

function readVersion({ database, path }: SqliteConnection): number {
  const tables = database
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .all()
    .map((table) => table.name);
  if (tables.length === 0) return 0;
  if (!tables.includes("assay_schema")) {
    const owner = tables.includes("alembic_version") ? "MLflow" : "another program";
    throw new AssayError(
      "configuration",
      `${path} is a database of ${owner}, not of Assay, and was left untouched. Name another file in the tracking URI.`,
    );
  }
  const row = database.prepare<[], { version: number }>("SELECT version FROM assay_schema").get();
  const version = row?.version ?? 0;
  if (version > SCHEMA_VERSION) {
    throw new AssayError(
      "configuration",
      `${path} has schema version ${version}, this Assay knows up to ${SCHEMA_VERSION}. Upgrade the assay package.`,
    );
  }
  return version;
}
