import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { AssayError } from "../../../core/index.ts";
import type { SqliteConnection } from "./connection.ts";

/**
 * Kysely over one {@link SqliteConnection}. Kysely's own SQLite driver prepares every statement anew
 * and waits for locks inside SQLite, which blocks the event loop.
 */
export function sqliteDialect(connection: SqliteConnection): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(connection),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Kysely hands the one session out to one user at a time, because the adapter says there is only one. */
class SqliteDriver implements Driver {
  readonly #connection: SqliteConnection;
  readonly #session: DatabaseConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
    this.#session = new SqliteSession(connection);
  }

  async init(): Promise<void> {
    return undefined;
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#session;
  }

  async beginTransaction(): Promise<void> {
    await this.#connection.begin();
  }

  async commitTransaction(session: DatabaseConnection): Promise<void> {
    await session.executeQuery(CompiledQuery.raw("COMMIT"));
  }

  async rollbackTransaction(session: DatabaseConnection): Promise<void> {
    // A failed statement (disk full) may have ended the transaction already.
    if (this.#connection.database.inTransaction) {
      await session.executeQuery(CompiledQuery.raw("ROLLBACK"));
    }
  }

  async releaseConnection(): Promise<void> {
    return undefined;
  }

  /** The connection is closed by the one who opened it: Kysely calls this only after a first query. */
  async destroy(): Promise<void> {
    return undefined;
  }
}

class SqliteSession implements DatabaseConnection {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes, insertId } = await this.#connection.execute(query.sql, query.parameters);
    return { rows: rows as R[], numAffectedRows: BigInt(changes), insertId };
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new AssayError("internal", "Results are read page by page; no statement stays open");
  }
}
