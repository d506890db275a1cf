import type { Pool, PoolClient } from "pg";
import { AssayError, isAssayError } from "../../../core/index.ts";
import { POSTGRES_TYPES } from "../migrations/column-types.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../migrations/index.ts";
import { checkNotNewer, isOurs, VERSION_TABLE } from "../schema-version.ts";
import { connectionError, toAssayError } from "./errors.ts";

/** Any number that no other program is likely to lock: the letters of "assay". */
const MIGRATION_LOCK = 0x61_73_73_61_79;

/**
 * Sets an empty database up. An older one is left as it is: other processes may be at work on it.
 *
 * @throws {AssayError} `configuration` for a database that is older, newer or not Assay's.
 */
export async function prepareDatabase(pool: Pool, name: string): Promise<void> {
  const version = await inSession(pool, name, async (client) => {
    await refuseOtherEncodings(client, name);
    return readVersion(client, name);
  });
  if (version === SCHEMA_VERSION) return;
  if (version > 0) {
    throw new AssayError(
      "configuration",
      `${name} has schema version ${version}, this Assay needs ${SCHEMA_VERSION}. Stop what writes to it, then run: assay db upgrade`,
    );
  }
  await upgradeDatabase(pool, name);
}

/** In another encoding texts are cut in the middle of characters, or cannot be stored. */
async function refuseOtherEncodings(client: PoolClient, name: string): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>("show server_encoding");
  const encoding = rows[0]?.server_encoding;
  if (encoding === "UTF8") return;
  throw new AssayError(
    "configuration",
    `${name} is a database in ${encoding}. Assay needs one in UTF8: create database … encoding 'UTF8' template template0`,
  );
}

/** Brings an empty or older database to the current schema; several processes may try at once. */
export async function upgradeDatabase(pool: Pool, name: string): Promise<void> {
  await inSession(pool, name, async (client) => {
    await client.query("begin");
    try {
      await client.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
      // Only now: another process may have migrated while this one waited for the lock.
      const version = await readVersion(client, name);
      await client.query(`create table if not exists ${VERSION_TABLE} (version bigint not null)`);
      for (const migration of MIGRATIONS.slice(version)) {
        await client.query(migration(POSTGRES_TYPES));
      }
      await client.query(`delete from ${VERSION_TABLE}`);
      await client.query(`insert into ${VERSION_TABLE} values ($1)`, [SCHEMA_VERSION]);
      await client.query("commit");
    } catch (error) {
      // What failed first is what matters.
      await client.query("rollback").catch(() => undefined);
      throw error;
    }
  });
}

/** 0 for an empty database. */
export async function databaseVersion(pool: Pool, name: string): Promise<number> {
  return inSession(pool, name, (client) => readVersion(client, name));
}

async function readVersion(client: PoolClient, name: string): Promise<number> {
  const { rows } = await client.query<{ tablename: string }>(
    "select tablename from pg_tables where schemaname = current_schema()",
  );
  const tables = rows.map((row) => row.tablename);
  if (!isOurs(tables, name)) return 0;
  const found = await client.query<{ version: number }>(`select version from ${VERSION_TABLE}`);
  const version = found.rows[0]?.version ?? 0;
  checkNotNewer(version, name);
  return version;
}

async function inSession<T>(
  pool: Pool,
  name: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await connect(pool, name);
  try {
    return await work(client);
  } catch (error) {
    throw isAssayError(error) ? error : toAssayError(error, name);
  } finally {
    client.release();
  }
}

async function connect(pool: Pool, name: string): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw connectionError(error, name);
  }
}
