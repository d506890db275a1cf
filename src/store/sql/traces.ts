import { type Kysely, sql } from "kysely";
import type { Span, Trace, TraceInfo, TraceState } from "../../core/index.ts";
import type { TraceQuery, TraceStore } from "../ports.ts";
import type { SqlContext } from "./context.ts";
import { textOf } from "./engine.ts";
import { experimentNumbers } from "./experiments.ts";
import type { Schema } from "./schema.ts";
import { spansOf } from "./span-rows.ts";
import type { TraceValues } from "./trace-inserts.ts";
import { traceValues, writeTraces } from "./trace-writer.ts";
import { toUsage } from "./usage-columns.ts";

export class SqlTraceStore implements TraceStore {
  readonly #context: SqlContext;
  readonly #writeTraces: (traces: readonly TraceValues[]) => Promise<undefined[]>;

  constructor(context: SqlContext) {
    this.#context = context;
    this.#writeTraces = context.commits.channel({
      apply: (transaction, traces) => writeTraces(context, transaction, traces),
      sizeOf: ({ spans }) => textOf(spans.flat()),
    });
  }

  async writeTrace(info: TraceInfo, spans: readonly Span[]): Promise<void> {
    await this.#writeTraces([traceValues(this.#context, info, spans)]);
  }

  async getTrace(traceId: string): Promise<Trace | undefined> {
    const [info] = await this.#infos((traces) => traces.where("traces.trace_id", "=", traceId));
    if (info === undefined) return undefined;
    return { info, spans: await spansOf(this.#context.engine.reads, traceId) };
  }

  async listTraces(query: TraceQuery): Promise<TraceInfo[]> {
    return this.#infos((traces) => {
      let matching = traces;
      if (query.experimentIds !== undefined) {
        const wanted = experimentNumbers(query.experimentIds);
        const { expressions } = this.#context.engine;
        matching = matching.where(expressions.isAmong(sql.ref("traces.experiment_id"), wanted));
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
    const rows = await this.#context.engine.reads
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
    const rows = await narrow(selectInfos(this.#context.engine.reads)).execute();
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

function selectInfos(database: Kysely<Schema>) {
  return database
    .selectFrom("traces")
    .leftJoin("runs", "runs.id", "traces.run")
    .selectAll("traces")
    .select([
      "runs.run_id",
      sql<number>`(select count(*) from spans where spans.trace = traces.id)`.as("span_count"),
    ]);
}
