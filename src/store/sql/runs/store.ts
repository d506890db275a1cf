import { sql } from "kysely";
import {
  AssayError,
  type Metric,
  type ModelOutput,
  quotable,
  type Run,
  RUN_TAGS as TAGS,
} from "../../../core/index.ts";
import { checkBatch, checkStep } from "../../limits.ts";
import type {
  MetricSampleQuery,
  NewRun,
  NewRunInputs,
  Page,
  RunBatch,
  RunChange,
  RunStore,
  SearchQuery,
} from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { textOf } from "../engine.ts";
import { experimentNumbers } from "../experiments/experiment-numbers.ts";
import { activeExperiment } from "../experiments/experiment-rows.ts";
import { deleteText, putTexts, RUN_TAGS } from "../keyed-texts.ts";
import { countMatches, searchRows } from "../search/index.ts";
import { metricHistory, sampleMetric } from "./metric-history.ts";
import { createRun } from "./new-run.ts";
import { type PendingBatch, scrubbedMetric, writeBatches } from "./run-batches.ts";
import { changedColumns, checkChange } from "./run-changes.ts";
import { linkModels, writeInputs } from "./run-inputs.ts";
import { activeRun, activeRunRow, checkDeleted, findRun, withData } from "./run-rows.ts";

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
    return createRun(this.#context, run);
  }

  async getRun(runId: string): Promise<Run | undefined> {
    const { engine } = this.#context;
    const row = await findRun(engine.reads, runId);
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

  async updateRun(runId: string, change: RunChange): Promise<void> {
    const { engine, scrubber } = this.#context;
    checkChange(change);
    const name = change.name === undefined ? undefined : scrubber.name(change.name);
    await engine.transaction(async (transaction) => {
      const id = await activeRun(transaction, runId);
      const set = changedColumns({ ...change, ...(name && { name }) });
      if (Object.keys(set).length === 0) return;
      await transaction.updateTable("runs").set(set).where("id", "=", id).execute();
      if (name === undefined) return;
      await putTexts(engine, transaction, RUN_TAGS, id, { [TAGS.runName]: name });
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

  async searchRuns(query: SearchQuery): Promise<Page<Run>> {
    const { engine } = this.#context;
    return searchRows(this.#context, "runs", query, async (ids) => {
      const rows = await engine.reads
        .selectFrom("runs")
        .selectAll()
        .where(engine.expressions.isAmong(sql.ref("id"), ids))
        .execute();
      const runs = await withData(engine, rows);
      return runs.map((run, at) => [rows[at]?.id ?? 0, run] as const);
    });
  }

  async countRuns(query: SearchQuery): Promise<number> {
    return countMatches(this.#context.engine, "runs", query);
  }

  async logBatch(runId: string, batch: RunBatch): Promise<void> {
    const { scrubber } = this.#context;
    checkBatch(batch);
    const { params, tags, metrics } = batch;
    await this.#writeBatches([
      {
        runId,
        ...(params && { params: scrubber.texts(params) }),
        ...(tags && { tags: scrubber.texts(tags) }),
        ...(metrics && { metrics: metrics.map((metric) => scrubbedMetric(scrubber, metric)) }),
      },
    ]);
  }

  async deleteTag(runId: string, key: string): Promise<void> {
    await this.#context.engine.transaction(async (transaction) => {
      const id = await activeRun(transaction, runId);
      if (await deleteText(transaction, RUN_TAGS, id, key)) return;
      throw new AssayError(
        "not-found",
        `No tag with name: ${quotable(key)} in run with id ${runId}`,
      );
    });
  }

  async logInputs(runId: string, inputs: NewRunInputs): Promise<void> {
    await this.#context.engine.transaction(async (transaction) =>
      writeInputs(this.#context, transaction, await activeRunRow(transaction, runId), inputs),
    );
  }

  async logOutputs(runId: string, models: readonly ModelOutput[]): Promise<void> {
    const { engine } = this.#context;
    for (const [index, { step }] of models.entries()) checkStep(step, `models[${index}].step`);
    await engine.transaction(async (transaction) => {
      const id = await activeRun(transaction, runId);
      await linkModels(engine, transaction, id, "output", models);
    });
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

  async restoreRun(runId: string): Promise<void> {
    await this.#context.engine.transaction(async (transaction) => {
      const run = await findRun(transaction, runId);
      checkDeleted(run, runId);
      // A run comes back into its experiment.
      await activeExperiment(transaction, String(run.experiment_id));
      const { numUpdatedRows } = await transaction
        .updateTable("runs")
        .set({ lifecycle_stage: "active", deleted_time: null })
        .where("id", "=", run.id)
        .where("lifecycle_stage", "=", "deleted")
        .executeTakeFirst();
      // A garbage collection may have taken hold of it meanwhile.
      if (numUpdatedRows === 0n) {
        throw new AssayError("conflict", `The run ${runId} is being removed for good.`);
      }
    });
  }
}
