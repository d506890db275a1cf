import { type Expression, Kysely, type RawBuilder, sql } from "kysely";
import type { SqlEngine, SqlExpressions } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { sqliteInserts } from "./bulk-insert.ts";
import type { SqliteConnection } from "./connection.ts";
import { sqliteDialect } from "./dialect.ts";
import { sqliteSnapshot } from "./snapshot.ts";

/**
 * @param writer - The connection for transactions.
 * @param reader - One for queries, so that they never wait behind a writer that waits for a lock; the
 *   same where the database cannot be opened twice.
 */
export async function sqliteEngine(
  writer: SqliteConnection,
  reader: SqliteConnection,
): Promise<SqlEngine> {
  const writes = new Kysely<Schema>({ dialect: sqliteDialect(writer) });
  const reads = reader === writer ? writes : new Kysely<Schema>({ dialect: sqliteDialect(reader) });
  // From its first query on, Kysely hands the connection out in the order it is asked for it.
  await writes.connection().execute(async () => undefined);
  return {
    reads,
    snapshot: async () =>
      reader === writer
        ? { reads, release: async () => undefined }
        : sqliteSnapshot(writer.path, writer.name),
    transaction: (work) => writes.transaction().execute(work),
    inserts: sqliteInserts,
    reserveIds: async (transaction, table, count) => {
      // A transaction that writes is alone.
      const { rows } = await sql<{ id: number | null }>`
        select max(id) as id from ${sql.table(table)}`.execute(transaction);
      const first = (rows[0]?.id ?? 0) + 1;
      return Array.from({ length: count }, (_, at) => first + at);
    },
    // Its plans follow the indexes alone.
    noteGrowth: async () => undefined,
    expressions: EXPRESSIONS,
    batchMs: 5,
    scanMs: 10,
    close: async () => {
      // Takes its turn behind the transactions under way.
      await writes.connection().execute(async () => writer.close());
      if (reader !== writer) reader.close();
    },
  };
}

const isAmong = (column: Expression<unknown>, values: readonly (number | string)[]) =>
  sql<boolean>`${column} in (select value from json_each(${JSON.stringify(values)}))`;

/** Texts without their quotes, anything else as its JSON: true is `true`, where `->>` makes 1 of it. */
const jsonMember = (json: Expression<unknown>, path: Expression<unknown>) =>
  sql<string | null>`case json_type(${json}, ${path})
    when 'text' then ${json} ->> ${path} when 'null' then null else ${json} -> ${path} end`;

const EXPRESSIONS: SqlExpressions = {
  now: (clock) => sql`${clock.now()}`,
  // A transaction that writes is alone.
  takingRows: sql``,
  isAmong,
  numbers: (values, column) =>
    sql`(select value as ${sql.ref(column)} from json_each(${JSON.stringify(values)}))`,
  like: (text, pattern) => sql`${text} like ${pattern} escape '\\'`,
  ilike: (text, pattern) => sql`assay_fold(${text}) like assay_fold(${pattern}) escape '\\'`,
  rlike: (text, pattern) => sql`${text} regexp ${pattern}`,
  jsonMember: (json, key): RawBuilder<string | null> =>
    jsonMember(json, sql`${`$.${JSON.stringify(key)}`}`),
};
