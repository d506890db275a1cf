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

/** An engine on a SQLite file, which is made or migrated where needed. */
export async function openSqlite(path: string): Promise<SqlEngine> {
  const name = `sqlite:///${path}`;
  if (path === IN_MEMORY) return engineOn(new SqliteConnection(path, name));
  const file = resolve(path);
  // Whose it is has to be known before it is opened for writing, which takes in what is left in its log.
  if (existsSync(`${file}-wal`)) await peek(file, name);
  return engineOn(new SqliteConnection(file, name));
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
  return { version: await peek(file, `sqlite:///${path}`), latest: SCHEMA_VERSION };
}

/** The schema version of a file that is there, read without changing anything. */
async function peek(file: string, name: string): Promise<number> {
  // Read-only, a file in WAL mode without a log would be left with an empty one.
  const connection = new SqliteConnection(file, name, { readonly: existsSync(`${file}-wal`) });
  try {
    return await connection.whenUnlocked(() => readVersion(connection));
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
    await reader.configure().catch((error: unknown) => {
      reader.close();
      throw error;
    });
    return await sqliteEngine(writer, reader);
  } catch (error) {
    writer.close();
    throw error;
  }
}
