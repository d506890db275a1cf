import { CompiledQuery } from "kysely";
import type { BulkInsert, SqlValue } from "../engine.ts";

const TYPES = { integer: "bigint", real: "double precision", text: "text" } as const;

// Bounds the memory of one statement on both sides.
const ROWS_PER_STATEMENT = 5_000;

/** INSERT statements with one array parameter per column, whatever the number of rows. */
export function* postgresInserts(
  insert: BulkInsert,
  rows: readonly (readonly SqlValue[])[],
): Generator<CompiledQuery> {
  const columns = Object.keys(insert.columns);
  const names = columns.map((column) => `"${column}"`).join(", ");
  const arrays = Object.values(insert.columns).map((type, at) => `$${at + 1}::${TYPES[type]}[]`);
  const text = `insert into "${insert.table}" (${names}) select * from unnest(${arrays.join(", ")}) ${insert.ending ?? ""}`;
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    const part = rows.slice(start, start + ROWS_PER_STATEMENT);
    yield CompiledQuery.raw(
      text,
      columns.map((_, at) => part.map((row) => row[at])),
    );
  }
}
