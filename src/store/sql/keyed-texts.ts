import { type Kysely, sql, type Transaction } from "kysely";
import { AssayError } from "../../core/index.ts";
import { type BulkInsert, insertRows, type SqlEngine } from "./engine.ts";
import type { Schema } from "./schema.ts";

type Texts = { readonly [key: string]: string };

/** A table of texts under keys, each owned by a row of another table. */
export interface TextTable {
  readonly table: keyof Schema;
  /** The column with the owner's number. */
  readonly owner: string;
  readonly add: BulkInsert;
  /** As `add`, replacing what is there. */
  readonly put: BulkInsert;
}

function textTable(table: keyof Schema, owner: string): TextTable {
  const add: BulkInsert = { table, columns: { [owner]: "integer", key: "text", value: "text" } };
  const ending = `on conflict (${owner}, key) do update set value = excluded.value`;
  return { table, owner, add, put: { ...add, ending } };
}

export const EXPERIMENT_TAGS = textTable("experiment_tags", "experiment_id");
export const RUN_PARAMS = textTable("run_params", "run");
export const RUN_TAGS = textTable("run_tags", "run");
export const MODEL_PARAMS = textTable("logged_model_params", "model");
export const MODEL_TAGS = textTable("logged_model_tags", "model");
export const TRACE_TAGS = textTable("trace_tags", "trace");
export const TRACE_METADATA = textTable("trace_metadata", "trace");
export const DATASET_TAGS = textTable("dataset_tags", "dataset");

/** Row of the owner's table, and what messages call it, e.g. `run ID='…'`. */
export interface Owner {
  readonly id: number;
  readonly name: string;
}

/** Writes texts, replacing those that are there under the same keys. */
export async function putTexts(
  engine: SqlEngine,
  transaction: Transaction<Schema>,
  { put }: TextTable,
  id: number,
  texts: Texts,
): Promise<void> {
  // In one order, so that writers in several processes cannot wait for each other in a circle.
  const rows = Object.entries(texts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [id, key, value]);
  await insertRows(engine, transaction, put, rows);
}

/**
 * Writes params, which stay as they are once they are there.
 *
 * @throws {AssayError} `conflict` for those that are there with other values.
 */
export async function addParams(
  engine: SqlEngine,
  transaction: Transaction<Schema>,
  table: TextTable,
  owner: Owner,
  params: Texts,
): Promise<void> {
  const entries = Object.entries(params);
  if (entries.length === 0) return;
  const { rows } = await sql<{ key: string; value: string }>`
    select key, value from ${sql.table(table.table)} where ${sql.ref(table.owner)} = ${owner.id}
    and ${engine.expressions.isAmong(sql.ref("key"), Object.keys(params))}`.execute(transaction);
  const known = new Map(rows.map((row) => [row.key, row.value]));
  const changed = entries.flatMap(([key, value]) => {
    const logged = known.get(key);
    return logged === undefined || logged === value ? [] : [{ key, logged, value }];
  });
  if (changed.length > 0) throw changedParams(changed, owner);
  const added = entries.filter(([key]) => !known.has(key));
  const lines = added.map(([key, value]) => [owner.id, key, value]);
  await insertRows(engine, transaction, table.add, lines);
}

/** Whether there was a text under the key. */
export async function deleteText(
  transaction: Transaction<Schema>,
  { table, owner }: TextTable,
  id: number,
  key: string,
): Promise<boolean> {
  const { rows } = await sql`
    delete from ${sql.table(table)} where ${sql.ref(owner)} = ${id} and key = ${key}
    returning key`.execute(transaction);
  return rows.length > 0;
}

/** The texts of several owners, by owner; one without texts is missing. */
export async function textsOf(
  { expressions }: SqlEngine,
  database: Kysely<Schema>,
  { table, owner }: TextTable,
  ids: readonly number[],
): Promise<Map<number, Texts>> {
  const { rows } = await sql<{ owner: number; key: string; value: string }>`
    select ${sql.ref(owner)} as owner, key, value from ${sql.table(table)}
    where ${expressions.isAmong(sql.ref(owner), ids)}
    order by ${sql.ref(owner)}, key`.execute(database);
  return byOwner(rows);
}

/** Values by owner and key; `__proto__` is a key like any other. */
export function byOwner<V>(
  rows: readonly { readonly owner: number; readonly key: string; readonly value: V }[],
): Map<number, { [key: string]: V }> {
  const owners = Map.groupBy(rows, ({ owner }) => owner);
  return new Map(
    Array.from(owners, ([owner, own]) => [
      owner,
      Object.fromEntries(own.map(({ key, value }) => [key, value])),
    ]),
  );
}

interface ChangedParam {
  readonly key: string;
  readonly logged: string;
  readonly value: string;
}

/** In MLflow's words. */
function changedParams(changed: readonly ChangedParam[], { name }: Owner): AssayError {
  const [one] = changed;
  const found =
    one !== undefined && changed.length === 1
      ? `Param with key='${one.key}' was already logged with value='${short(one.logged)}' for ${name}. Attempted logging new value '${short(one.value)}'.`
      : `Params were already logged='[${changed.map(described).join(", ")}]' for ${name}.`;
  return new AssayError("conflict", `Changing param values is not allowed. ${found}`);
}

function described({ key, logged, value }: ChangedParam): string {
  return `{'key': '${key}', 'old_value': '${short(logged)}', 'new_value': '${short(value)}'}`;
}

function short(value: string): string {
  return value.length > 200 ? `${value.slice(0, 200)}…` : value;
}
