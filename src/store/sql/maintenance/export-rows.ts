import { type Kysely, type RawBuilder, sql } from "kysely";
import type { ExportedRow } from "../../ports/index.ts";
import type { SqlEngine } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { exportDatasets } from "./export-datasets.ts";
import { type Row, withoutNull } from "./exported-row.ts";
import { LocalIds } from "./local-ids.ts";
import { inExperiment, OWNED_TABLE_NAMES, OWNED_TABLES, type OwnedTable } from "./owned-tables.ts";

const PAGE_SIZE = 1_000;

/** Nanoseconds exceed what a double holds exactly: they travel as text. */
const NANOSECONDS: readonly string[] = ["start_ns", "end_ns"];

/**
 * Every row of an experiment, table by table, owners before what they own, as they are when the first is
 * asked for; before them, the registered datasets that it uses. Ids are places in the export: the first run is 1, so that two stores with the same content
 * export the same.
 *
 * @param location - The experiment's artifact location; URIs below it become relative.
 */
export async function* exportRows(
  engine: SqlEngine,
  experimentId: number,
  location: string,
): AsyncGenerator<ExportedRow> {
  const snapshot = await engine.snapshot();
  try {
    yield* exportDatasets(engine, snapshot.reads, experimentId);
    const places = new Map<string, LocalIds>();
    for (const table of OWNED_TABLE_NAMES) {
      const own = new LocalIds();
      places.set(table, own);
      for await (const row of rowsOf(snapshot.reads, table, experimentId)) {
        const local = withPlaces(table, row, places);
        if (local === undefined) continue;
        if (typeof row.id === "number") local.id = own.add(row.id);
        yield exported(table, local, location);
      }
    }
  } finally {
    // Also when nobody asks for the rest.
    await snapshot.release();
  }
}

/** All rows of a table in the order of its key, a page at a time. */
async function* rowsOf(
  reads: Kysely<Schema>,
  table: OwnedTable,
  experimentId: number,
): AsyncGenerator<Row> {
  const { key } = OWNED_TABLES[table];
  const columns = sql.join(key.map((column) => sql.ref(`${table}.${column}`)));
  const exact = table === "spans" ? NANOSECONDS : [];
  const texts = exact.map(
    (column) => sql`, cast(${sql.ref(column)} as text) as ${sql.ref(column)}`,
  );
  let last: Row | undefined;
  for (;;) {
    const after: RawBuilder<unknown> =
      last === undefined
        ? sql`true`
        : sql`(${columns}) > (${sql.join(key.map((column) => last?.[column]))})`;
    const { rows } = await sql<Row>`
      select ${sql.table(table)}.* ${sql.join(texts, sql``)} from ${sql.table(table)}
      where ${inExperiment(table, experimentId)} and ${after}
      order by ${columns} limit ${PAGE_SIZE}`.execute(reads);
    yield* rows;
    if (rows.length < PAGE_SIZE) return;
    last = rows.at(-1);
  }
}

/**
 * The row with places for ids; `undefined` when it needs a row that is not exported: one of another
 * experiment, or one that a garbage collection is about to remove.
 */
function withPlaces(
  table: OwnedTable,
  row: Row,
  places: ReadonlyMap<string, LocalIds>,
): Row | undefined {
  if (row.lifecycle_stage === "purging") return undefined;
  const { owner, links = {}, optionalLinks = {} } = OWNED_TABLES[table];
  const local = { ...row };
  if (owner.table === "experiments") delete local[owner.column];
  const needed = owner.table === "experiments" ? links : { ...links, [owner.column]: owner.table };
  for (const [column, target] of Object.entries(needed)) {
    const place = placeIn(places, target, row[column]);
    if (place === null) return undefined;
    local[column] = place;
  }
  for (const [column, target] of Object.entries(optionalLinks)) {
    local[column] = placeIn(places, target, row[column]);
  }
  return local;
}

function placeIn(
  places: ReadonlyMap<string, LocalIds>,
  table: string,
  id: string | number | null | undefined,
): number | null {
  return typeof id === "number" ? (places.get(table)?.placeOf(id) ?? null) : null;
}

function exported(table: OwnedTable, row: Row, location: string): ExportedRow {
  const exportedRow = withoutNull(row);
  if (typeof row.artifact_uri !== "string") return { table, row: exportedRow };
  const path = relative(row.artifact_uri, location, row);
  return {
    table,
    row: { ...exportedRow, artifact_uri: path },
    files: { uri: row.artifact_uri, path },
  };
}

/** Files that lie elsewhere are exported to where they would lie by default. */
function relative(uri: string, location: string, row: Row): string {
  if (uri.startsWith(`${location}/`)) return uri.slice(location.length + 1);
  return "model_id" in row ? `models/${row.model_id}/artifacts` : `${row.run_id}/artifacts`;
}
