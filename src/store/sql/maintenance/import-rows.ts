import { sql, type Transaction } from "kysely";
import { AssayError } from "../../../core/index.ts";
import type { ExportedRow, ExportedValue } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { type BulkInsert, insertRows, type NumberedTable, type SqlValue } from "../engine.ts";
import type { Schema } from "../schema.ts";
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

/** Writes exported rows into an experiment, in transactions of some hundred rows. */
export class RowImport {
  readonly #context: SqlContext;
  readonly #experimentId: number;
  readonly #location: string;
  readonly #ids = new Map<string, LocalIds>();
  readonly #inserts: ReadonlyMap<string, BulkInsert>;
  /** The runs that are to be active in the end: until then nobody sees any of them. */
  readonly activeRuns: number[] = [];

  private constructor(
    context: SqlContext,
    experiment: { readonly id: number; readonly location: string },
    inserts: ReadonlyMap<string, BulkInsert>,
  ) {
    this.#context = context;
    this.#experimentId = experiment.id;
    this.#location = experiment.location;
    this.#inserts = inserts;
  }

  static async into(
    context: SqlContext,
    experiment: { readonly id: number; readonly location: string },
  ): Promise<RowImport> {
    return new RowImport(context, experiment, await insertsOf(context));
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
  }

  async #writeBatch(batch: readonly ExportedRow[]): Promise<void> {
    const [{ table: name }] = batch as [ExportedRow];
    const table = OWNED_TABLE_NAMES.find((known) => known === name);
    const insert = this.#inserts.get(name);
    if (table === undefined || insert === undefined) {
      throw new AssayError("invalid-argument", `The export has a table "${name}" that is unknown`);
    }
    const { engine } = this.#context;
    const isNumbered = OWNED_TABLES[table].key[0] === "id";
    await engine.transaction(async (transaction) => {
      await this.#refuseKnown(transaction, table, batch);
      const ids = isNumbered
        ? await engine.reserveIds(transaction, table as NumberedTable, batch.length)
        : [];
      const rows = batch.map(({ row }, at) => this.#values(table, insert, row, ids[at]));
      await insertRows(engine, transaction, insert, rows);
      // Only now: a transaction may be repeated.
      this.#remember(table, batch, ids);
    });
  }

  #remember(table: OwnedTable, batch: readonly ExportedRow[], ids: readonly number[]): void {
    const known = this.#ids.get(table) ?? new LocalIds();
    this.#ids.set(table, known);
    for (const [at, id] of ids.entries()) {
      known.add(id);
      if (table === "runs" && batch[at]?.row.lifecycle_stage === "active") this.activeRuns.push(id);
    }
  }

  #values(
    table: OwnedTable,
    { columns }: BulkInsert,
    row: ExportedRow["row"],
    id: number | undefined,
  ): readonly SqlValue[] {
    const { owner, links = {}, optionalLinks = {} } = OWNED_TABLES[table];
    const linked = { ...links, ...optionalLinks, [owner.column]: owner.table };
    return Object.entries(columns).map(([column, kind]) => {
      const value = row[column];
      if (column === "id" && id !== undefined) return id;
      if (column === "experiment_id") return this.#experimentId;
      if (column === "artifact_uri") return `${this.#location}/${value}`;
      if (table === "runs" && column === "lifecycle_stage") return "deleted";
      if (value === undefined) return null;
      const target = linked[column];
      return target === undefined ? toSql(value, kind) : this.#idAt(target, Number(value));
    });
  }

  #idAt(table: string, place: number): number {
    const id = this.#ids.get(table)?.idAt(place);
    if (id !== undefined) return id;
    throw new AssayError(
      "invalid-argument",
      `The export is damaged: a row names ${table} ${place}, which is not in it`,
    );
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

/** Columns and their kinds as the database itself has them. */
async function insertsOf({ engine }: SqlContext): Promise<ReadonlyMap<string, BulkInsert>> {
  const tables = await engine.reads.introspection.getTables();
  return new Map(
    OWNED_TABLE_NAMES.map((name) => {
      const columns = tables.find((table) => table.name === name)?.columns ?? [];
      const kinds = columns.map((column) => [column.name, kindOf(column.dataType)] as const);
      return [name, { table: name, columns: Object.fromEntries(kinds) }];
    }),
  );
}

function kindOf(dataType: string): "integer" | "real" | "text" {
  if (/int/i.test(dataType)) return "integer";
  return /real|float|double/i.test(dataType) ? "real" : "text";
}
