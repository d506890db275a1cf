import { join } from "node:path";
import Database from "better-sqlite3";
import { Pool } from "pg";
import { expect, test } from "vitest";
import { openStore } from "../../src/store/index.ts";
import { OWNED_TABLE_NAMES, OWNED_TABLES } from "../../src/store/sql/maintenance/owned-tables.ts";
import { newDatabase, noPostgres } from "../support/postgres.ts";
import { tempFolder } from "./temp-folder.ts";

const KEYS = OWNED_TABLE_NAMES.map((table) => [table, [...OWNED_TABLES[table].key].sort()]);

test("the keys by which rows are exported and removed are the primary keys of SQLite", async () => {
  const path = join(tempFolder(), "assay.db");
  await (await openStore(`sqlite:///${path}`)).close();
  const database = new Database(path, { readonly: true });
  const keys = OWNED_TABLE_NAMES.map((table) => [
    table,
    database
      .prepare("select name from pragma_table_info(?) where pk > 0 order by name")
      .pluck()
      .all(table),
  ]);
  database.close();
  expect(KEYS.length).toBeGreaterThan(20);
  expect(KEYS).toEqual(keys);
});

test.skipIf(noPostgres)("and those of PostgreSQL", async () => {
  const uri = await newDatabase();
  await (await openStore(uri, { artifactRoot: tempFolder() })).close();
  const pool = new Pool({ connectionString: uri });
  const { rows } = await pool.query<{ name: string; key: string[] }>(`
    select i.indrelid::regclass::text as name, array_agg(a.attname::text order by a.attname::text) as key
    from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
    where i.indisprimary group by 1`);
  await pool.end();
  const keys = new Map(rows.map(({ name, key }) => [name, key]));
  expect(KEYS).toEqual(OWNED_TABLE_NAMES.map((table) => [table, keys.get(table)?.toSorted()]));
});
