import type { Pool } from "pg";
import { AssayError, isAssayError, redactText } from "../../../core/index.ts";
import type { SqlEngine } from "../engine.ts";
import { postgresEngine } from "./engine.ts";
import { toAssayError } from "./errors.ts";
import { prepareDatabase } from "./migrate.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const INT8 = 20;
const NUMERIC = 1700;

/**
 * A pool of connections to the server at a `postgresql://` URI, none of them opened yet.
 *
 * @throws {AssayError} `configuration` when the package `pg` is not installed.
 */
export async function openPool(uri: string): Promise<Pool> {
  const { Pool, types } = await loadDriver(uri);
  const pool = new Pool({
    connectionString: uri,
    application_name: "assay",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Ids, counts and times stay below 2^53; nanoseconds are asked for as text.
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        oid === INT8 || oid === NUMERIC ? Number : types.getTypeParser(oid, format as "text"),
    } as typeof types,
  });
  // The server may close a connection that nobody uses; the pool makes a new one when it is needed.
  pool.on("error", () => undefined);
  // One that is in use fails the query under way; unheard, the event would end the process as well.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

/** An engine on the database at `uri`, which is set up where it is empty. */
export async function openPostgres(uri: string): Promise<SqlEngine> {
  const name = redactText(uri);
  const pool = await openPool(uri);
  try {
    await prepareDatabase(pool, name);
    return await postgresEngine(pool, name);
  } catch (error) {
    await pool.end();
    throw isAssayError(error) ? error : toAssayError(error, name);
  }
}

async function loadDriver(uri: string) {
  try {
    const { default: driver } = await import("pg");
    return driver;
  } catch (cause) {
    throw new AssayError(
      "configuration",
      `${redactText(uri)} needs the PostgreSQL driver. Install it with: npm install pg`,
      { cause },
    );
  }
}
