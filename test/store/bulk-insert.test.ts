import Database from "better-sqlite3";
import { expect, test } from "vitest";
import type { SqlValue } from "../../src/store/sql/engine.ts";
import { sqliteInserts } from "../../src/store/sql/sqlite/bulk-insert.ts";

const INSERT = {
  table: "scores",
  columns: { result_id: "integer", part: "integer", kind: "text", note: "text" },
  usual: { part: 0 },
} as const;

function inserted(rows: readonly (readonly SqlValue[])[]) {
  const database = new Database(":memory:");
  database.exec("CREATE TABLE scores (result_id INTEGER, part INTEGER, kind TEXT, note TEXT)");
  const statements = [...sqliteInserts(INSERT, rows)];
  for (const { sql, parameters } of statements) database.prepare(sql).run(...parameters);
  const stored = database.prepare("SELECT * FROM scores").raw().all();
  database.close();
  return { stored, statements };
}

test("rows are inserted as they are, whichever of their columns are null or usual", () => {
  const rows = Array.from({ length: 77 }, (_, at) => [
    at,
    at % 5 === 0 ? at : 0,
    at % 2 === 0 ? "n" : "it's",
    at % 3 === 0 ? null : `note ${at}`,
  ]);
  expect(inserted(rows).stored).toEqual(rows);
});

test("rows that take turns with their columns share statements of 32, 8 and 1", () => {
  const rows = Array.from({ length: 42 }, (_, at) => [at, 0, "n", at % 2 === 0 ? null : "note"]);
  const sizes = inserted(rows).statements.map(({ sql }) => sql.split("), (").length);
  expect(sizes).toEqual([32, 8, 1, 1]);
});

test("what is null or usual in all rows of a statement is not bound", () => {
  const rows = Array.from({ length: 8 }, (_, at) => [at, 0, "n", null]);
  const { statements, stored } = inserted(rows);
  expect(statements.map(({ parameters }) => parameters.length)).toEqual([16]);
  expect(stored).toEqual(rows);
});
