import { parseTrackingUri } from "./uri.ts";

/** How a database's schema stands to what this version of Assay needs. */
export interface SchemaState {
  /** 0 for an empty database. */
  readonly version: number;
  /** What this version of Assay works with. */
  readonly latest: number;
  /** The server's clock, in milliseconds since the Unix epoch; absent where there is no server. */
  readonly serverTime?: number;
}

/**
 * Reads the schema version of the database at a URI and changes nothing.
 *
 * @throws {AssayError} `configuration` for a database that is not Assay's or newer than this version,
 *   `not-found` for a SQLite file that is not there, `store-unavailable` when it cannot be opened.
 */
export async function schemaState(uri: string): Promise<SchemaState> {
  const location = parseTrackingUri(uri);
  if (location.engine === "postgresql") {
    const { postgresState } = await import("./sql/postgres/open.ts");
    return postgresState(location.uri);
  }
  const { sqliteState } = await import("./sql/sqlite/open.ts");
  return sqliteState(location.path);
}

/**
 * Brings a database to the current schema; an empty one is set up. What writes to it with an older
 * version of Assay has to be stopped first.
 *
 * @returns The state before.
 */
export async function upgradeSchema(uri: string): Promise<SchemaState> {
  const location = parseTrackingUri(uri);
  if (location.engine === "postgresql") {
    const { upgradePostgres } = await import("./sql/postgres/open.ts");
    return upgradePostgres(location.uri);
  }
  const { openSqlite, sqliteState } = await import("./sql/sqlite/open.ts");
  const before = await sqliteState(location.path);
  await (await openSqlite(location.path)).close();
  return before;
}
