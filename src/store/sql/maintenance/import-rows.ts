import { sql, type Transaction } from "kysely";
import { AssayError } from "../../../core/index.ts";
import type { ExportedRow, ExportedValue } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { type BulkInsert, insertRows, type NumberedTable, type SqlValue } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { checkRow, type RowColumns } from "./check-row.ts";
import { damaged } from "./damaged.ts";
import { DATASET_TABLE_NAMES, DATASET_TABLES, isDatasetTable } from "./dataset-tables.ts";
import { DatasetImport } from "./import-datasets.ts";
import { LocalIds } from "./local-ids.ts";
import { OWNED_TABLE_NAMES, OWNED_TABLES, type OwnedTable } from "./owned-tables.ts";

const BATCH_SIZE = 500;

/** Names that are unique in a whole store, by the table whose rows have them. */
const PUBLIC_NAMES: { readonly [table: string]: string } = {
  runs: "run_id",
  traces: "trace_id",
  logged_models: "model_id",
  assessments: "assessment_id",
};

/** Tables whose rows could be seen before the import is whole; they are written as deleted. */
type StagedTable = "runs" | "logged_models";

interface Hidden {
  readonly id: number;
  readonly location: string;
}

/** Writes exported rows into an experiment, in transactions of some hundred rows. */
export class RowImport {
  readonly #context: SqlContext;
  readonly #experiment: Hidden;
  readonly #ids = new Map<string, LocalIds>();
  readonly #columns: ReadonlyMap<string, RowColumns>;
  readonly #datasets: DatasetImport;
  /** The rows that are to be active in the end: until then nobody sees any of them. */
  readonly active: ReadonlyMap<StagedTable, number[]> = new Map([
    ["runs", []],
    ["logged_models", []],
  ]);

  private constructor(
    context: SqlContext,
    experiment: Hidden,
    columns: ReadonlyMap<string, RowColumns>,
  ) {
    this.#context = context;
    this.#experiment = experiment;
    this.#columns = columns;
    this.#datasets = new DatasetImport(context, experiment.id);
  }

  static async into(context: SqlContext, experiment: Hidden): Promise<RowImport> {
    return new RowImport(context, experiment, await columnsOf(context));
  }

  async write(rows: AsyncIterable<ExportedRow>): Promise<void> {
    let batch: ExportedRow[] = [];
    for await (const row of rows) {
      if (batch.length === BATCH_SIZE || (batch[0] && batch[0].table !== row.table)) {
        await this.#writeBatch(batch);
        batch = [];
      }
      batch.push(row);
    }
    if (batch.length > 0) await this.#writeBatch(batch);
    await this.#datasets.finish();
  }

  /** Removes what would be seen although the experiment is not. Never throws: why comes first. */
  async undo(): Promise<void> {
    await this.#datasets.undo();
  }

  async #writeBatch(batch: readonly ExportedRow[]): Promise<void> {
    const [{ table: name }] = batch as [ExportedRow];
    const columns = this.#columns.get(name);
    if (isDatasetTable(name) && columns !== undefined) {
      for (const row of batch) checkRow(name, columns, row);
      return this.#datasets.write(name, batch);
    }
    const table = OWNED_TABLE_NAMES.find((known) => known === name);
    if (table === undefined || columns === undefined) {
      throw new AssayError("invalid-argument", `The export has a table "${name}" that is unknown`);
    }
    for (const row of batch) checkRow(table, columns, row);
    const { engine } = this.#context;
    const kinds = Object.entries(columns).map(([column, { kind }]) => [column, kind] as const);
    const insert: BulkInsert = { table, columns: Object.fromEntries(kinds) };
    const isNumbered = OWNED_TABLES[table].key[0] === "id";
    const ids = await engine.transaction(async (transaction) => {
      await this.#refuseKnown(transaction, table, batch);
      const reserved = isNumbered
        ? await engine.reserveIds(transaction, table as NumberedTable, batch.length)
        : [];
      const rows = batch.map((row, at) => this.#values(table, insert, row, reserved[at]));
      await insertRows(engine, transaction, insert, rows);
      return reserved;
    });
    // Not before the transaction is over: it may be repeated, with other ids.
    this.#remember(table, batch, ids);
  }

  #remember(table: OwnedTable, batch: readonly ExportedRow[], ids: readonly number[]): void {
    const known = this.#ids.get(table) ?? new LocalIds();
    this.#ids.set(table, known);
    const active = this.active.get(table as StagedTable);
    for (const [at, id] of ids.entries()) {
      known.add(id);
      if (batch[at]?.row.lifecycle_stage === "active") active?.push(id);
    }
  }

  #values(
    table: OwnedTable,
    { columns }: BulkInsert,
    { row, source }: ExportedRow,
    id: number | undefined,
  ): readonly SqlValue[] {
    const { owner, links = {}, optionalLinks = {} } = OWNED_TABLES[table];
    const linked = { ...links, ...optionalLinks, [owner.column]: owner.table };
    return Object.entries(columns).map(([column, kind]) => {
      const value = row[column];
      if (column === "id" && id !== undefined) return id;
      if (column === "experiment_id") return this.#experiment.id;
      if (column === "artifact_uri") return `${this.#experiment.location}/${value}`;
      if (column === "lifecycle_stage") return "deleted";
      if (value === undefined) return null;
      const target = linked[column];
      return target === undefined ? toSql(value, kind) : this.#idAt(target, Number(value), source);
    });
  }

  #idAt(table: string, place: number, source = "a row"): number {
    const id = this.#ids.get(table)?.idAt(place);
    if (id !== undefined) return id;
    throw damaged(`${source} names ${table} ${place}, which is not in it`);
  }

  async #refuseKnown(
    transaction: Transaction<Schema>,
    table: OwnedTable,
    batch: readonly ExportedRow[],
  ): Promise<void> {
    const column = PUBLIC_NAMES[table];
    if (column === undefined) return;
    const names = batch.map(({ row }) => String(row[column]));
    const isKnown = this.#context.engine.expressions.isAmong(sql.ref(column), names);
    const { rows } = await sql<{ name: string }>`
      select ${sql.ref(column)} as name from ${sql.table(table)} where ${isKnown} limit 1`.execute(
      transaction,
    );
    if (rows[0] === undefined) return;
    throw new AssayError(
      "already-exists",
      `${table.replaceAll("_", " ").replace(/s$/, "")} ${rows[0].name} of the export is in this store already; an experiment can be imported once`,
    );
  }
}

function toSql(value: ExportedValue, kind: "integer" | "real" | "text"): SqlValue {
  if (typeof value === "object") return Number(value.double);
  return kind === "integer" && typeof value === "string" ? BigInt(value) : value;
}

/** Columns, their kinds and whether they may be null, as the database itself has them. */
async function columnsOf({ engine }: SqlContext): Promise<ReadonlyMap<string, RowColumns>> {
  const tables = await engine.reads.introspection.getTables();
  return new Map(
    [...OWNED_TABLE_NAMES, ...DATASET_TABLE_NAMES].map((name) => {
      const own = isDatasetTable(name) ? DATASET_TABLES[name].own : [];
      const columns = tables.find((table) => table.name === name)?.columns ?? [];
      const travelling = columns.filter((column) => !own.includes(column.name));
      const entries = travelling.map((column) => {
        const { dataType, isNullable } = column;
        return [column.name, { kind: kindOf(dataType), isNullable }] as const;
      });
      return [name, Object.fromEntries(entries)];
    }),
  );
}

function kindOf(dataType: string): "integer" | "real" | "text" {
  if (/int/i.test(dataType)) return "integer";
  return /real|float|double/i.test(dataType) ? "real" : "text";
}
