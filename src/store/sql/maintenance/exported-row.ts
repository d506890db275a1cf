import type { ExportedRow, ExportedValue } from "../../ports/index.ts";

/** A row as the database gives it. */
export type Row = { [column: string]: string | number | null };

/** Without what is null, so that a column that comes later changes no old export. */
export function withoutNull(row: Row): ExportedRow["row"] {
  const entries: [string, ExportedValue][] = [];
  for (const [column, value] of Object.entries(row)) {
    if (value === null) continue;
    const isOdd = typeof value === "number" && !Number.isFinite(value);
    entries.push([column, isOdd ? { double: String(value) } : value]);
  }
  return Object.fromEntries(entries);
}
