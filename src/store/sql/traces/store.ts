import { type Kysely, sql } from "kysely";
import type { Span, Trace, TraceGroup, TraceInfo } from "../../../core/index.ts";
import type {
  Page,
  TraceQuery,
  TraceSearchQuery,
  TraceStore,
  TraceSummary,
} from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { textOf } from "../engine.ts";
import { experimentNumbers } from "../experiments/experiment-numbers.ts";
import type { Schema } from "../schema.ts";
import { countMatches, searchRows } from "../search/index.ts";
import { spansOf } from "./span-rows.ts";
import type { TraceValues } from "./trace-inserts.ts";
import { traceInfos } from "./trace-rows.ts";
import { summarizeTraces } from "./trace-summaries.ts";
import { traceValues, writeTraces } from "./trace-writer.ts";

export class SqlTraceStore implements TraceStore {
  readonly #context: SqlContext;
  readonly #writeTraces: (traces: readonly TraceValues[]) => Promise<undefined[]>;

  constructor(context: SqlContext) {
    this.#context = context;
    this.#writeTraces = context.commits.channel({
      apply: (transaction, traces) => writeTraces(context, transaction, traces),
      sizeOf: ({ spans }) => spans.reduce((size, span) => size + textOf(span), 0),
    });
  }

  async writeTrace(info: TraceInfo, spans: readonly Span[]): Promise<void> {
    await this.#writeTraces([await traceValues(this.#context, info, spans)]);
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
      } else {
        // A trace goes and comes back with its experiment.
        matching = matching.where(
          sql<boolean>`traces.experiment_id not in
            (select experiment_id from experiments where lifecycle_stage <> 'active')`,
        );
      }
      if (query.runId !== undefined) matching = matching.where("runs.run_id", "=", query.runId);
      return matching
        .orderBy("traces.start_time", "desc")
        .orderBy("traces.trace_id")
        .limit(query.limit ?? 100);
    });
  }

  async searchTraces(query: TraceSearchQuery): Promise<Page<TraceInfo>> {
    const { engine } = this.#context;
    return searchRows(this.#context, "traces", query, async (ids) => {
      const isWanted = engine.expressions.isAmong(sql.ref("traces.id"), ids);
      const rows = await selectTraces(engine.reads).where(isWanted).execute();
      const infos = await traceInfos(engine, rows);
      return infos.map((info, at) => [rows[at]?.id ?? 0, info] as const);
    });
  }

  async countTraces(query: TraceSearchQuery): Promise<number> {
    return countMatches(this.#context.engine, "traces", query);
  }

  async summarizeTraces(
    query: TraceSearchQuery & { readonly by: TraceGroup },
  ): Promise<TraceSummary[]> {
    return summarizeTraces(this.#context, query);
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
    narrow: (traces: ReturnType<typeof selectTraces>) => ReturnType<typeof selectTraces>,
  ): Promise<TraceInfo[]> {
    const { engine } = this.#context;
    return traceInfos(engine, await narrow(selectTraces(engine.reads)).execute());
  }
}

/** Traces with the public id of their run and how many spans they have. */
function selectTraces(database: Kysely<Schema>) {
  return database
    .selectFrom("traces")
    .leftJoin("runs", "runs.id", "traces.run")
    .selectAll("traces")
    .select([
      "runs.run_id",
      sql<number>`(select count(*) from spans where spans.trace = traces.id)`.as("span_count"),
    ]);
}
