import { sql } from "kysely";
import {
  AssayError,
  type Metric,
  newRunId,
  RUN_TAGS,
  type Run,
  type RunStatus,
  randomRunName,
} from "../../core/index.ts";
import type { MetricSampleQuery, NewRun, RunBatch, RunStore } from "../ports.ts";
import type { SqlContext } from "./context.ts";
import { textOf } from "./engine.ts";
import { experimentNumbers } from "./experiments.ts";
import { metricHistory, sampleMetric } from "./metric-history.ts";
import { type PendingBatch, writeBatches, writeTags } from "./run-batches.ts";
import { activeRun, toRun, withData } from "./run-rows.ts";

export class SqlRunStore implements RunStore {
  readonly #context: SqlContext;
  readonly #writeBatches: (batches: readonly PendingBatch[]) => Promise<undefined[]>;

  constructor(context: SqlContext) {
    this.#context = context;
    this.#writeBatches = context.commits.channel({
      apply: (transaction, batches) => writeBatches(context, transaction, batches),
      sizeOf: ({ params = {}, tags = {}, metrics = [] }) =>
        textOf(Object.values(params)) + textOf(Object.values(tags)) + metrics.length * 50,
    });
  }

  async createRun(run: NewRun): Promise<Run> {
    const { engine, clock, scrubber } = this.#context;
    const runId = newRunId();
    const name = scrubber.name(run.name ?? run.tags?.[RUN_TAGS.runName] ?? randomRunName());
    const parent = run.parentRunId ? { [RUN_TAGS.parentRunId]: run.parentRunId } : {};
    const tags = { ...scrubber.texts(run.tags ?? {}), ...parent, [RUN_TAGS.runName]: name };
    return engine.transaction(async (transaction) => {
      const experiment = await transaction
        .selectFrom("experiments")
        .select(["artifact_location", "lifecycle_stage"])
        .where("experiment_id", "=", Number(run.experimentId))
        .executeTakeFirst();
      if (experiment?.lifecycle_stage !== "active") {
        throw new AssayError("not-found", `No active experiment with id ${run.experimentId}`);
      }
      const row = await transaction
        .insertInto("runs")
        .values({
          run_id: runId,
          experiment_id: Number(run.experimentId),
          name,
          status: "RUNNING",
          start_time: clock.now(),
          artifact_uri: `${experiment.artifact_location}/${runId}/artifacts`,
          lifecycle_stage: "active",
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await writeTags(this.#context, transaction, row.id, tags);
      return toRun(row, { params: {}, tags, metrics: {} });
    });
  }

  async getRun(runId: string): Promise<Run | undefined> {
    const { engine } = this.#context;
    const row = await engine.reads
      .selectFrom("runs")
      .selectAll()
      .where("run_id", "=", runId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const [run] = await withData(engine, [row]);
    return run;
  }

  async findRunIds(prefix: string): Promise<string[]> {
    if (!/^[0-9a-f]+$/.test(prefix)) return [];
    const rows = await this.#context.engine.reads
      .selectFrom("runs")
      .select("run_id")
      .where("run_id", "like", `${prefix}%`)
      .limit(2)
      .execute();
    return rows.map((row) => row.run_id);
  }

  async updateRun(runId: string, change: { status?: RunStatus; endTime?: number }): Promise<void> {
    const { status, endTime } = change;
    const isGoingOn = status === "RUNNING" || status === "SCHEDULED";
    await this.#context.engine.transaction(async (transaction) => {
      const id = await activeRun(transaction, runId);
      if (status === undefined && endTime === undefined) return;
      await transaction
        .updateTable("runs")
        .set({
          ...(status !== undefined && { status }),
          // A run that goes on again has not ended.
          ...(isGoingOn && { end_time: null }),
          ...(endTime !== undefined && { end_time: endTime }),
        })
        .where("id", "=", id)
        .execute();
    });
  }

  async listRuns(query: { experimentIds?: readonly string[]; limit?: number }): Promise<Run[]> {
    const { engine } = this.#context;
    let runs = engine.reads
      .selectFrom("runs")
      .selectAll()
      .where("lifecycle_stage", "=", "active")
      .orderBy("start_time", "desc")
      .orderBy("id", "desc")
      .limit(query.limit ?? 1000);
    if (query.experimentIds !== undefined) {
      const wanted = experimentNumbers(query.experimentIds);
      runs = runs.where(engine.expressions.isAmong(sql.ref("experiment_id"), wanted));
    }
    return withData(engine, await runs.execute());
  }

  async logBatch(runId: string, batch: RunBatch): Promise<void> {
    const { scrubber } = this.#context;
    const { params, tags, metrics } = batch;
    await this.#writeBatches([
      {
        runId,
        ...(params && { params: scrubber.texts(params) }),
        ...(tags && { tags: scrubber.texts(tags) }),
        ...(metrics && {
          metrics: metrics.map((metric) => ({ ...metric, key: scrubber.name(metric.key) })),
        }),
      },
    ]);
  }

  async getMetricHistory(runId: string, key: string): Promise<Metric[]> {
    return metricHistory(this.#context.engine, runId, key);
  }

  async sampleMetric(query: MetricSampleQuery): Promise<Metric[]> {
    return sampleMetric(this.#context.engine, query);
  }

  async deleteRun(runId: string): Promise<void> {
    const { engine, clock } = this.#context;
    await engine.transaction(async (transaction) => {
      const id = await activeRun(transaction, runId);
      await transaction
        .updateTable("runs")
        .set({ lifecycle_stage: "deleted", deleted_time: clock.now() })
        .where("id", "=", id)
        .execute();
    });
  }
}
