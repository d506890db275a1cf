import { type Kysely, sql, type Transaction } from "kysely";
import type { Span, Trace, TraceInfo, TraceState } from "../../core/index.ts";
import { usageOfSpan, usageOfTrace } from "../../otlp/index.ts";
import type { TraceQuery, TraceStore } from "../ports.ts";
import type { GroupCommit } from "./group-commit.ts";
import { insertStatement } from "./insert-statement.ts";
import type { Schema } from "./schema.ts";
import { fromRow, toRow } from "./span-rows.ts";
import { toUsage, usageColumns } from "./usage-columns.ts";

export class SqlTraceStore implements TraceStore {
  readonly #database: Kysely<Schema>;
  readonly #commits: GroupCommit;
  readonly #insertTrace: ReturnType<typeof traceInsert>;
  readonly #insertSpan: ReturnType<typeof spanInsert>;

  constructor(database: Kysely<Schema>, commits: GroupCommit) {
    this.#database = database;
    this.#commits = commits;
    this.#insertTrace = traceInsert(database);
    this.#insertSpan = spanInsert(database);
  }

  async writeTrace(info: TraceInfo, spans: readonly Span[]): Promise<void> {
    await this.#commits.enqueue(async (transaction) => {
      const run = info.runId
        ? await transaction
            .selectFrom("runs")
            .select("id")
            .where("run_id", "=", info.runId)
            .executeTakeFirst()
        : undefined;
      const { numAffectedRows } = await transaction.executeQuery(
        this.#insertTrace({
          trace_id: info.traceId,
          experiment_id: Number(info.experimentId),
          run: run?.id ?? null,
          name: info.name,
          state: info.state,
          start_time: info.startTime,
          duration_ms: info.durationMs ?? null,
          request_preview: info.requestPreview ?? null,
          response_preview: info.responsePreview ?? null,
          ...usageColumns(info.usage),
        }),
      );
      for (const span of spans) {
        await transaction.executeQuery(this.#insertSpan(toRow(info.traceId, span)));
      }
      const isKnown = numAffectedRows === 0n;
      if (!isKnown) return;
      const isCompleted = await complete(transaction, info);
      if (isCompleted || spans.some(reportsUsage)) await updateUsage(transaction, info.traceId);
    });
  }

  async getTrace(traceId: string): Promise<Trace | undefined> {
    const [info] = await this.#infos((traces) => traces.where("traces.trace_id", "=", traceId));
    if (info === undefined) return undefined;
    return { info, spans: await spansOf(this.#database, traceId) };
  }

  async listTraces(query: TraceQuery): Promise<TraceInfo[]> {
    return this.#infos((traces) => {
      let matching = traces;
      if (query.experimentIds !== undefined) {
        matching = matching.where("traces.experiment_id", "in", query.experimentIds.map(Number));
      }
      if (query.runId !== undefined) matching = matching.where("runs.run_id", "=", query.runId);
      return matching
        .orderBy("traces.start_time", "desc")
        .orderBy("traces.trace_id")
        .limit(query.limit ?? 100);
    });
  }

  async findTraceIds(prefix: string): Promise<string[]> {
    const digits = prefix.replace(/^tr-/, "");
    if (!/^[0-9a-f]+$/.test(digits)) return [];
    const rows = await this.#database
      .selectFrom("traces")
      .select("trace_id")
      .where("trace_id", "like", `tr-${digits}%`)
      .limit(2)
      .execute();
    return rows.map((row) => row.trace_id);
  }

  async #infos(
    narrow: (traces: ReturnType<typeof selectInfos>) => ReturnType<typeof selectInfos>,
  ): Promise<TraceInfo[]> {
    const rows = await narrow(selectInfos(this.#database)).execute();
    return rows.map((row) => {
      const usage = toUsage(row);
      return {
        traceId: row.trace_id,
        experimentId: String(row.experiment_id),
        ...(row.run_id !== null && { runId: row.run_id }),
        name: row.name,
        state: row.state as TraceState,
        startTime: row.start_time,
        ...(row.duration_ms !== null && { durationMs: row.duration_ms }),
        ...(row.request_preview !== null && { requestPreview: row.request_preview }),
        ...(row.response_preview !== null && { responsePreview: row.response_preview }),
        ...(Object.keys(usage).length > 0 && { usage }),
        spanCount: row.span_count,
      };
    });
  }
}

/** Tells how a trace ended that was known to be in progress; whether it did now. */
async function complete(transaction: Transaction<Schema>, info: TraceInfo): Promise<boolean> {
  if (info.state === "IN_PROGRESS") return false;
  const { numUpdatedRows } = await transaction
    .updateTable("traces")
    .set({
      state: info.state,
      duration_ms: info.durationMs ?? null,
      request_preview: info.requestPreview ?? null,
      response_preview: info.responsePreview ?? null,
    })
    .where("trace_id", "=", info.traceId)
    .where("state", "=", "IN_PROGRESS")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

function reportsUsage(span: Span): boolean {
  return Object.keys(usageOfSpan(span)).length > 0;
}

/** Late spans may hold model calls: what a trace used is then summed again over all its spans. */
async function updateUsage(transaction: Transaction<Schema>, traceId: string): Promise<void> {
  await transaction
    .updateTable("traces")
    .set(usageColumns(usageOfTrace(await spansOf(transaction, traceId))))
    .where("trace_id", "=", traceId)
    .execute();
}

async function spansOf(database: Kysely<Schema>, traceId: string): Promise<Span[]> {
  const rows = await database
    .selectFrom("spans")
    .selectAll()
    // Nanoseconds exceed what a double holds exactly.
    .select([
      sql<string>`cast(start_ns as text)`.as("start_text"),
      sql<string>`cast(end_ns as text)`.as("end_text"),
    ])
    .where("trace_id", "=", traceId)
    .orderBy("start_ns")
    .orderBy(sql`rowid`)
    .execute();
  return rows.map(fromRow);
}

function selectInfos(database: Kysely<Schema>) {
  return database
    .selectFrom("traces")
    .leftJoin("runs", "runs.id", "traces.run")
    .selectAll("traces")
    .select([
      "runs.run_id",
      sql<number>`(select count(*) from spans where spans.trace_id = traces.trace_id)`.as(
        "span_count",
      ),
    ]);
}

function traceInsert(database: Kysely<Schema>) {
  return insertStatement(
    database,
    "traces",
    [
      "trace_id",
      "experiment_id",
      "run",
      "name",
      "state",
      "start_time",
      "duration_ms",
      "request_preview",
      "response_preview",
      "input_tokens",
      "output_tokens",
      "cost",
    ],
    "on conflict (trace_id) do nothing",
  );
}

function spanInsert(database: Kysely<Schema>) {
  return insertStatement(
    database,
    "spans",
    [
      "trace_id",
      "span_id",
      "parent_span_id",
      "name",
      "type",
      "start_ns",
      "end_ns",
      "status",
      "status_message",
      "inputs",
      "outputs",
      "attributes",
      "events",
    ],
    "on conflict (trace_id, span_id) do nothing",
  );
}
