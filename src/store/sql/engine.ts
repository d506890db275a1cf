import type { CompiledQuery, Expression, Kysely, RawBuilder, Transaction } from "kysely";
import type { Clock } from "../../core/index.ts";
import type { Schema } from "./schema.ts";

export type SqlValue = string | number | bigint | null;

/** An INSERT of many rows at once: the columns that callers give values for, in the order of each row. */
export interface BulkInsert {
  readonly table: keyof Schema;
  readonly columns: { readonly [column: string]: "integer" | "real" | "text" };
  /** What columns hold in nearly every row; a hint that saves time and changes nothing. */
  readonly usual?: { readonly [column: string]: string | number };
  /** SQL behind the rows, e.g. `on conflict do nothing`. */
  readonly ending?: string;
}

/** The tables that number their rows in a column `id`. */
export type NumberedTable = {
  [T in keyof Schema]: Schema[T] extends { id: unknown } ? T : never;
}[keyof Schema];

/**
 * One database engine, opened. What engines do differently has a name here, so that nothing above asks
 * which engine it is.
 */
export interface SqlEngine {
  /** For queries outside a transaction; sees all that is committed and never waits for a writer. */
  readonly reads: Kysely<Schema>;
  /** One state of the database, for as long as many queries take; writers go on meanwhile. */
  snapshot(): Promise<Snapshot>;
  /**
   * Runs `work` in a write transaction. Where engines break off one of two transactions that stand in
   * each other's way, it is repeated, so `work` may run more than once, never in parallel.
   */
  transaction<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>;
  /** The statements that insert `rows`, as few as the engine does well with. */
  inserts(insert: BulkInsert, rows: readonly (readonly SqlValue[])[]): Iterable<CompiledQuery>;
  /** Ids for `count` new rows of a table, ascending, for the transaction under way alone. */
  reserveIds(
    transaction: Transaction<Schema>,
    table: NumberedTable,
    count: number,
  ): Promise<readonly number[]>;
  /**
   * Lets the database see that a table has grown. Until PostgreSQL does so by itself, a minute later, it
   * plans as if the table were small.
   */
  noteGrowth(table: keyof Schema): Promise<void>;
  readonly expressions: SqlExpressions;
  /** How long a transaction of many writes should take: in SQLite the event loop stands still meanwhile. */
  readonly batchMs: number;
  /**
   * How long a search should read before it gives the event loop a turn; absent where the database works
   * in a process of its own.
   */
  readonly scanMs?: number;
  /** Waits for what is under way, then releases the database. */
  close(): Promise<void>;
}

/** What was committed when it was taken, whatever is written since. In memory: what there is by now. */
export interface Snapshot {
  readonly reads: Kysely<Schema>;
  /** Has to be called: the database keeps what the snapshot may still show. */
  release(): Promise<void>;
}

/** Conditions that engines write differently and mean the same by. */
export interface SqlExpressions {
  /**
   * Milliseconds since the Unix epoch: of the server's clock where machines with clocks of their own share
   * a database.
   */
  now(clock: Clock): RawBuilder<number>;
  /** Behind a SELECT in a transaction: takes the rows for it, and passes over those that others have taken. */
  readonly takingRows: RawBuilder<unknown>;
  /** Whether a column holds one of `values`, however many, in one parameter. */
  isAmong(column: Expression<unknown>, values: readonly (number | string)[]): RawBuilder<boolean>;
  /** Numbers as a table with one column, in one parameter. */
  numbers(values: readonly number[], column: string): RawBuilder<unknown>;
  /** LIKE with `\` as escape character; case matters. */
  like(text: Expression<unknown>, pattern: string): RawBuilder<boolean>;
  /** LIKE over texts folded as {@link foldCase} folds them. */
  ilike(text: Expression<unknown>, pattern: string): RawBuilder<boolean>;
  /** Whether a regular expression matches somewhere in the text. */
  rlike(text: Expression<unknown>, pattern: string): RawBuilder<boolean>;
  /** The member `key` of a JSON object as text, NULL when absent; `key` may hold dots and quotes. */
  jsonMember(json: Expression<unknown>, key: string): RawBuilder<string | null>;
}

/** How much text a row holds, in characters. */
export function textOf(row: readonly SqlValue[]): number {
  let size = 0;
  for (const value of row) if (typeof value === "string") size += value.length;
  return size;
}

/**
 * Runs the statements that insert `rows`, with turns for the event loop between them when it takes long;
 * resolves to how many rows were written.
 */
export async function insertRows(
  engine: SqlEngine,
  transaction: Transaction<Schema>,
  insert: BulkInsert,
  rows: readonly (readonly SqlValue[])[],
): Promise<number> {
  let count = 0n;
  let turn = performance.now();
  for (const query of engine.inserts(insert, rows)) {
    const { numAffectedRows = 0n } = await transaction.executeQuery(query);
    count += numAffectedRows;
    if (performance.now() - turn < engine.batchMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    turn = performance.now();
  }
  return Number(count);
}
