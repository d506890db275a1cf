import { setTimeout as delay } from "node:timers/promises";
import type { Pool } from "pg";
import { AssayError, isAssayError } from "../../../core/index.ts";
import type { SchemaState } from "../../schema-state.ts";
import { storeName } from "../../uri.ts";
import type { SqlEngine } from "../engine.ts";
import { SCHEMA_VERSION } from "../migrations/index.ts";
import { postgresEngine } from "./engine.ts";
import { isCutOff, toAssayError } from "./errors.ts";
import { databaseVersion, prepareDatabase, upgradeDatabase } from "./migrate.ts";

const CONNECT_TIMEOUT_MS = 10_000;
/** A line that went dead says nothing: after so long without an answer it counts as lost. */
const QUERY_TIMEOUT_MS = 120_000;
const INT8 = 20;
const NUMERIC = 1700;

/**
 * A pool of connections to the server at a `postgresql://` URI, none of them opened yet.
 *
 * @throws {AssayError} `configuration` when the package `pg` is not installed.
 */
async function openPool(uri: string, queryTimeoutMs = QUERY_TIMEOUT_MS): Promise<Pool> {
  const { Pool, types } = await loadDriver(uri);
  const pool = new Pool({
    connectionString: uri,
    application_name: "assay",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    // Connections that nobody uses do not keep a script from ending.
    allowExitOnIdle: true,
    // Ids, counts and times stay below 2^53; nanoseconds are asked for as text.
    types: {
      getTypeParser: (oid: number, format?: "text" | "binary") =>
        oid === INT8 || oid === NUMERIC ? Number : types.getTypeParser(oid, format as "text"),
    } as typeof types,
  });
  // The server may close a connection that nobody uses; the pool makes a new one when it is needed.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => {
    // One that is in use fails the query under way; unheard, the event would end the process as well.
    client.on("error", () => undefined);
    // To compile a long filter takes seconds, to run it milliseconds.
    client.query("set jit = off").catch(() => undefined);
  });
  return pool;
}

/** How often opening is begun again when the server cuts the connection meanwhile, and after what pause. */
const MOST_OPENINGS = 20;
const PAUSE_MS = 100;

/** An engine on the database at `uri`, which is set up where it is empty. */
export async function openPostgres(uri: string): Promise<SqlEngine> {
  const name = storeName(uri);
  const pool = await openPool(uri);
  for (let attempt = 1; ; attempt++) {
    try {
      await prepareDatabase(pool, name);
      return await postgresEngine(pool, name);
    } catch (error) {
      if (isCutOff(error) && attempt < MOST_OPENINGS) {
        await delay(PAUSE_MS);
        continue;
      }
      await pool.end();
      throw isAssayError(error) ? error : toAssayError(error, name);
    }
  }
}

/** The schema version of a database, which is only read. */
export async function postgresState(uri: string): Promise<SchemaState> {
  return withPool(uri, async (pool, name) => {
    const version = await databaseVersion(pool, name);
    const { rows } = await pool.query<{ now: number }>(
      "select (extract(epoch from clock_timestamp()) * 1000)::bigint as now",
    );
    return { version, latest: SCHEMA_VERSION, ...(rows[0] && { serverTime: rows[0].now }) };
  });
}

/** Brings a database to the current schema; resolves to its state before. */
export async function upgradePostgres(uri: string): Promise<SchemaState> {
  const upgrade = async (pool: Pool, name: string) => {
    const version = await databaseVersion(pool, name);
    await upgradeDatabase(pool, name);
    return { version, latest: SCHEMA_VERSION };
  };
  // As long as it takes: to move the rows of a large table may take minutes.
  return withPool(uri, upgrade, 0);
}

async function withPool<T>(
  uri: string,
  work: (pool: Pool, name: string) => Promise<T>,
  queryTimeoutMs?: number,
): Promise<T> {
  const pool = await openPool(uri, queryTimeoutMs);
  try {
    return await work(pool, storeName(uri));
  } finally {
    await pool.end();
  }
}

async function loadDriver(uri: string) {
  try {
    const { default: driver } = await import("pg");
    return driver;
  } catch (cause) {
    throw new AssayError(
      "configuration",
      `${storeName(uri)} needs the PostgreSQL driver. Install it with: npm install pg`,
      { cause },
    );
  }
}
