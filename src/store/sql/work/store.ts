import { type RawBuilder, sql, type Transaction } from "kysely";
import { AssayError, canonicalJson, type JsonObject, type Row } from "../../../core/index.ts";
import type { ChunkLease, ChunksLeft, WorkChunk, WorkStore } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { insertRows, type SqlValue } from "../engine.ts";
import { activeRun } from "../runs/run-rows.ts";
import type { Schema } from "../schema.ts";

const ROW_INSERT = {
  table: "run_rows",
  columns: { run: "integer", ordinal: "integer", data: "text" },
} as const;

/** Rows that one transaction removes. */
const STEP = 500;

const CHUNK_INSERT = {
  table: "run_chunks",
  columns: { run: "integer", chunk: "integer", ordinals: "text" },
} as const;

export class SqlWorkStore implements WorkStore {
  readonly #context: SqlContext;
  readonly #write: (rows: readonly SqlValue[][]) => Promise<undefined[]>;

  constructor(context: SqlContext) {
    this.#context = context;
    this.#write = context.commits.channel<SqlValue[], undefined>({
      apply: async (transaction, rows) => {
        await insertRows(context.engine, transaction, ROW_INSERT, rows);
        return rows.map(() => undefined);
      },
      sizeOf: (row) => (row[2] as string).length,
    });
  }

  async addRows(runId: string, rows: readonly Row[]): Promise<void> {
    const run = await activeRun(this.#context.engine.reads, runId);
    await this.#write(rows.map((row) => [run, row.ordinal, this.#textOf(row)]));
  }

  async open(runId: string, chunks: readonly (readonly number[])[]): Promise<void> {
    const { engine } = this.#context;
    await engine.transaction(async (transaction) => {
      const run = await activeRun(transaction, runId);
      const { numUpdatedRows } = await transaction
        .updateTable("evaluations")
        .set({ chunks: chunks.length })
        .where("run", "=", run)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) {
        throw new AssayError("not-found", `Run ${runId} holds no evaluation`);
      }
      const rows = chunks.map((ordinals, chunk) => [run, chunk, JSON.stringify(ordinals)]);
      await insertRows(engine, transaction, CHUNK_INSERT, rows);
    });
  }

  async clear(runId: string): Promise<void> {
    await this.#context.engine.transaction(async (transaction) => {
      const run = await activeRun(transaction, runId);
      await transaction
        .updateTable("evaluations")
        .set({ chunks: null })
        .where("run", "=", run)
        .execute();
      await transaction.deleteFrom("run_chunks").where("run", "=", run).execute();
    });
    await this.removeRows(runId);
  }

  async removeRows(runId: string): Promise<void> {
    const { engine } = this.#context;
    const run = await activeRun(engine.reads, runId);
    // In steps: other writers, and in SQLite the event loop, wait for each of them.
    for (let isMore = true; isMore; ) {
      const steps = await engine.transaction((transaction) =>
        sql`delete from run_rows where run = ${run} and ordinal <= (
          select max(ordinal) from (
            select ordinal from run_rows where run = ${run} order by ordinal limit ${STEP}
          ) as first_rows)`.execute(transaction),
      );
      isMore = Number(steps.numAffectedRows ?? 0) >= STEP;
    }
  }

  async claim(runId: string, lease: ChunkLease): Promise<WorkChunk | undefined> {
    return this.#context.engine.transaction(async (transaction) => {
      const run = await activeRun(transaction, runId);
      const { rows } = await sql<{ chunk: number; ordinals: string }>`
        select chunk, ordinals from run_chunks
        where run = ${run} and (worker is null or lease_until <= ${this.#now})
        order by chunk limit 1 ${this.#context.engine.expressions.takingRows}`.execute(transaction);
      const [taken] = rows;
      if (taken === undefined) return undefined;
      await transaction
        .updateTable("run_chunks")
        .set({ worker: lease.worker, lease_until: this.#until(lease) })
        .where("run", "=", run)
        .where("chunk", "=", taken.chunk)
        .execute();
      await transaction
        .updateTable("evaluations")
        .set({ status: "running", outcome: null })
        .where("run", "=", run)
        .where("status", "!=", "running")
        .execute();
      return { chunk: taken.chunk, rows: await this.#rowsOf(transaction, run, taken.ordinals) };
    });
  }

  async renew(runId: string, lease: ChunkLease): Promise<void> {
    await this.#context.engine.transaction(async (transaction) => {
      const run = await activeRun(transaction, runId);
      await transaction
        .updateTable("run_chunks")
        .set({ lease_until: this.#until(lease) })
        .where("run", "=", run)
        .where("worker", "=", lease.worker)
        .execute();
    });
  }

  async release(runId: string, worker: string, chunk?: number): Promise<void> {
    await this.#context.engine.transaction(async (transaction) => {
      const run = await activeRun(transaction, runId);
      await transaction
        .updateTable("run_chunks")
        .set({ worker: null, lease_until: null })
        .where("run", "=", run)
        .where("worker", "=", worker)
        .$if(chunk !== undefined, (query) => query.where("chunk", "=", chunk ?? -1))
        .execute();
    });
  }

  async finish(runId: string, chunk: number, worker: string): Promise<boolean> {
    return this.#context.engine.transaction(async (transaction) => {
      const run = await activeRun(transaction, runId);
      const { numDeletedRows } = await transaction
        .deleteFrom("run_chunks")
        .where("run", "=", run)
        .where("chunk", "=", chunk)
        .where("worker", "=", worker)
        .executeTakeFirstOrThrow();
      return numDeletedRows > 0n;
    });
  }

  async left(runId: string): Promise<ChunksLeft | undefined> {
    const { reads } = this.#context.engine;
    const run = await activeRun(reads, runId);
    const evaluation = await reads
      .selectFrom("evaluations")
      .select("chunks")
      .where("run", "=", run)
      .executeTakeFirst();
    if (evaluation === undefined || evaluation.chunks === null) return undefined;
    const { rows } = await sql<{ holder: string | null; count: number }>`
      select holder, count(*) as count from (
        select case when lease_until > ${this.#now} then worker end as holder
        from run_chunks where run = ${run}) as chunks
      group by holder`.execute(reads);
    const held = rows.filter(({ holder }) => holder !== null);
    return {
      free: rows.find(({ holder }) => holder === null)?.count ?? 0,
      held: held.reduce((sum, { count }) => sum + count, 0),
      workers: held.map(({ holder }) => holder ?? "").sort(),
    };
  }

  get #now(): RawBuilder<number> {
    return this.#context.engine.expressions.now(this.#context.clock);
  }

  #until({ ttlMs }: ChunkLease): RawBuilder<number> {
    return sql`${this.#now} + ${ttlMs}`;
  }

  async #rowsOf(transaction: Transaction<Schema>, run: number, ordinals: string): Promise<Row[]> {
    const order = JSON.parse(ordinals) as number[];
    const found = await transaction
      .selectFrom("run_rows")
      .select(["ordinal", "data"])
      .where("run", "=", run)
      .where(this.#context.engine.expressions.isAmong(sql.ref("ordinal"), order))
      .execute();
    const rows = new Map(found.map(({ ordinal, data }) => [ordinal, JSON.parse(data) as Row]));
    return order.flatMap((ordinal) => rows.get(ordinal) ?? []);
  }

  #textOf(row: Row): string {
    const json = row as unknown as JsonObject;
    const text = this.#context.scrubber.json(json);
    if (text === JSON.stringify(json) || canonicalJson(JSON.parse(text)) === canonicalJson(json)) {
      return text;
    }
    throw new AssayError(
      "invalid-argument",
      `Row ${row.ordinal + 1} holds what is masked before it is stored (a secret, or what your mask hides), so workers would get another row. Take it out, allow it (redact: "off"), or evaluate in one process without shuffle.`,
    );
  }
}
