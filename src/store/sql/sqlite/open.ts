import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { AssayError } from "../../../core/index.ts";
import type { SchemaState } from "../../schema-state.ts";
import type { SqlEngine } from "../engine.ts";
import { SCHEMA_VERSION } from "../migrations/index.ts";
import { SqliteConnection } from "./connection.ts";
import { sqliteEngine } from "./engine.ts";
import { migrateSqlite, readVersion } from "./migrate.ts";

const IN_MEMORY = ":memory:";

/** An engine on a SQLite file, made or migrated where needed, and the file's absolute path. */
export async function openSqlite(path: string): Promise<{ engine: SqlEngine; path: string }> {
  const file = path === IN_MEMORY ? path : resolve(path);
  const writer = new SqliteConnection(file, `sqlite:///${path}`);
  return { engine: await engineOn(writer), path: file };
}

/**
 * The schema version of a file, which is only read.
 *
 * @throws {AssayError} `not-found` when it is not there, `configuration` when it is not Assay's.
 */
export async function sqliteState(path: string): Promise<SchemaState> {
  const file = resolve(path);
  if (!existsSync(file)) {
    throw new AssayError("not-found", `There is no database at sqlite:///${path}`);
  }
  const connection = new SqliteConnection(file, `sqlite:///${path}`);
  try {
    const version = await connection.whenUnlocked(() => readVersion(connection));
    return { version, latest: SCHEMA_VERSION };
  } finally {
    connection.close();
  }
}

/** An engine on an open connection, which is closed with it, also when it cannot be used. */
export async function engineOn(writer: SqliteConnection): Promise<SqlEngine> {
  try {
    await migrateSqlite(writer);
    if (writer.path === IN_MEMORY) return await sqliteEngine(writer, writer);
    const reader = new SqliteConnection(writer.path, writer.name);
    await reader.configure();
    return await sqliteEngine(writer, reader);
  } catch (error) {
    writer.close();
    throw error;
  }
}
