import { resolve } from "node:path";
import type { SqlEngine } from "../engine.ts";
import { SqliteConnection } from "./connection.ts";
import { sqliteEngine } from "./engine.ts";
import { migrateSqlite } from "./migrate.ts";

const IN_MEMORY = ":memory:";

/** An engine on a SQLite file, made or migrated where needed, and the file's absolute path. */
export async function openSqlite(path: string): Promise<{ engine: SqlEngine; path: string }> {
  const file = path === IN_MEMORY ? path : resolve(path);
  const writer = new SqliteConnection(file);
  return { engine: await engineOn(writer), path: file };
}

/** An engine on an open connection, which is closed with it, also when it cannot be used. */
export async function engineOn(writer: SqliteConnection): Promise<SqlEngine> {
  try {
    await migrateSqlite(writer);
    if (writer.path === IN_MEMORY) return await sqliteEngine(writer, writer);
    const reader = new SqliteConnection(writer.path);
    await reader.configure();
    return await sqliteEngine(writer, reader);
  } catch (error) {
    writer.close();
    throw error;
  }
}
