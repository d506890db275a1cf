import { CompiledQuery, type Insertable, type Kysely } from "kysely";
import type { Schema } from "./schema.ts";

/**
 * An INSERT compiled once: building the query anew costs more than running it.
 *
 * @param columns - Every column that callers give a value for.
 * @param ending - SQL behind the values, e.g. `ON CONFLICT DO NOTHING`.
 */
export function insertStatement<
  T extends keyof Schema,
  C extends keyof Insertable<Schema[T]> & string,
>(
  database: Kysely<Schema>,
  table: T,
  columns: readonly C[],
  ending = "",
): (values: Pick<Insertable<Schema[T]>, C>) => CompiledQuery {
  const placeholders = Object.fromEntries(columns.map((column) => [column, null]));
  const { sql } = database
    .insertInto(table)
    .values(placeholders as never)
    .compile();
  const text = ending === "" ? sql : `${sql} ${ending}`;
  return (values) =>
    CompiledQuery.raw(
      text,
      columns.map((column) => values[column]),
    );
}
