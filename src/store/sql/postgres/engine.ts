import { type Expression, Kysely, sql } from "kysely";
import type { Pool } from "pg";
import type { NumberedTable, SqlEngine, SqlExpressions } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { postgresInserts } from "./bulk-insert.ts";
import { postgresDialect } from "./dialect.ts";
import { postgresPattern } from "./pattern.ts";
import { postgresSnapshot } from "./snapshot.ts";
import { inTransaction } from "./transaction.ts";

/** @param name - What messages call the database: its URI without the password. */
export async function postgresEngine(pool: Pool, name: string): Promise<SqlEngine> {
  const database = new Kysely<Schema>({ dialect: postgresDialect(pool, name) });
  return {
    reads: database,
    snapshot: () => postgresSnapshot(database),
    transaction: (work) => inTransaction(database, work),
    inserts: postgresInserts,
    reserveIds: async (transaction, table: NumberedTable, count) => {
      const { rows } = await sql<{ id: number }>`
        select nextval(pg_get_serial_sequence(${table}, 'id')) as id
        from generate_series(1, ${count}::integer)`.execute(transaction);
      return rows.map((row) => row.id);
    },
    noteGrowth: async (table) => {
      await sql`analyze ${sql.table(table)}`.execute(database);
    },
    expressions: await expressions(database),
    batchMs: 500,
    close: async () => {
      if (!pool.ending) await pool.end();
    },
  };
}

async function expressions(database: Kysely<Schema>): Promise<SqlExpressions> {
  const { rows } = await sql`
    select 1 from pg_collation where collname = 'und-x-icu'`.execute(database);
  // Without ICU only the letters are folded that the database's own locale knows.
  const folding = rows.length > 0 ? sql` collate "und-x-icu"` : sql``;
  const fold = (text: Expression<unknown>) => sql`replace(lower(${text}${folding}), 'ς', 'σ')`;
  return {
    now: () => sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
    takingRows: sql`for update skip locked`,
    isAmong: (column, values) => {
      // Without a value there is no telling its type.
      if (values.length === 0) return sql`false`;
      const type = typeof values[0] === "string" ? sql`text[]` : sql`bigint[]`;
      return sql`${column} = any(${[...values]}::${type})`;
    },
    numbers: (values, column) => sql`unnest(${[...values]}::bigint[]) as ${sql.ref(column)}`,
    like: (text, pattern) => sql`${text} like ${pattern} escape '\\'`,
    ilike: (text, pattern) => sql`${fold(text)} like ${fold(sql`${pattern}::text`)} escape '\\'`,
    rlike: (text, pattern) => sql`(${text} collate "C") ~ ${postgresPattern(pattern)}`,
    jsonMember: (json, key) => sql`(${json}::json ->> ${key}::text)`,
  };
}
