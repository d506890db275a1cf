import { setTimeout as delay } from "node:timers/promises";
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import type { Pool, PoolClient } from "pg";
import { AssayError } from "../../../core/index.ts";
import { isConnectionLost, isCutOff, toAssayError } from "./errors.ts";

/** Kysely over a pool of `pg`, with errors as callers know them. */
export function postgresDialect(pool: Pool, name: string): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new PostgresDriver(pool, name),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

class PostgresDriver implements Driver {
  readonly #pool: Pool;
  readonly #name: string;

  constructor(pool: Pool, name: string) {
    this.#pool = pool;
    this.#name = name;
  }

  async init(): Promise<void> {
    return undefined;
  }

  async acquireConnection(): Promise<PostgresSession> {
    if (this.#pool.ending) {
      throw new AssayError("conflict", `The tracking store at ${this.#name} is closed`);
    }
    const wasFull = this.#pool.totalCount >= (this.#pool.options.max ?? 10);
    try {
      return new PostgresSession(await connected(this.#pool), this.#pool, this.#name);
    } catch (error) {
      if (!wasFull) throw toAssayError(error, this.#name);
      const message = `All connections to ${this.#name} have been busy for too long`;
      throw new AssayError("store-unavailable", message, { cause: error });
    }
  }

  async beginTransaction(session: PostgresSession): Promise<void> {
    session.isInTransaction = true;
    await session.executeQuery(CompiledQuery.raw("begin"));
  }

  async commitTransaction(session: DatabaseConnection): Promise<void> {
    await session.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(session: PostgresSession): Promise<void> {
    // The server rolls back by itself what a lost connection had begun.
    if (!session.isLost) await session.executeQuery(CompiledQuery.raw("rollback"));
  }

  async releaseConnection(session: PostgresSession): Promise<void> {
    session.release();
  }

  /** The pool is closed by the one who opened it. */
  async destroy(): Promise<void> {
    return undefined;
  }
}

/** How often a read is tried on another connection, and after what pause at first; then doubled. */
const MOST_READS = 6;
const PAUSE_MS = 50;

/** A connection, also where the server cuts the first ones while they are made. */
async function connected(pool: Pool): Promise<PoolClient> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await pool.connect();
    } catch (error) {
      if (!isCutOff(error) || attempt === MOST_READS) throw error;
      await delay(PAUSE_MS * attempt);
    }
  }
}

class PostgresSession implements DatabaseConnection {
  readonly #pool: Pool;
  readonly #name: string;
  #client: PoolClient;
  isLost = false;
  isInTransaction = false;

  constructor(client: PoolClient, pool: Pool, name: string) {
    this.#client = client;
    this.#pool = pool;
    this.#name = name;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    // What only reads may be asked again; transactions are, as a whole, by whoever began them.
    const isRepeatable = !this.isInTransaction && /^\s*select\b/i.test(query.sql);
    for (let attempt = 1; ; attempt++) {
      try {
        if (this.isLost && attempt > 1) await this.#reconnect();
        const result = await this.#client.query(query.sql, query.parameters.map(storable));
        return { rows: result.rows as R[], numAffectedRows: BigInt(result.rowCount ?? 0) };
      } catch (error) {
        this.isLost ||= isConnectionLost(error);
        const isTriedAgain = isRepeatable && isConnectionLost(error) && attempt < MOST_READS;
        if (!isTriedAgain) throw toAssayError(error, this.#name);
        await delay(PAUSE_MS * 2 ** (attempt - 1));
      }
    }
  }

  /** The place of a connection that was cut is taken by another one. */
  async #reconnect(): Promise<void> {
    const next = await connected(this.#pool);
    this.#client.release(true);
    this.#client = next;
    this.isLost = false;
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new AssayError("internal", "Results are read page by page; no statement stays open");
  }

  release(): void {
    this.#client.release(this.isLost);
  }
}

/** PostgreSQL cannot keep U+0000 in a text. */
function storable(parameter: unknown): unknown {
  if (typeof parameter === "string") return withoutNul(parameter);
  return Array.isArray(parameter) ? parameter.map(storable) : parameter;
}

function withoutNul(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\uFFFD") : text;
}
