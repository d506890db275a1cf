import { type Kysely, type Selectable, sql, type Transaction } from "kysely";
import {
  AssayError,
  type Clock,
  type Metric,
  newRunId,
  RUN_TAGS,
  type Run,
  type RunStatus,
  randomRunName,
} from "../../core/index.ts";
import type { NewRun, RunStore } from "../ports.ts";
import type { Schema } from "./schema.ts";

export class SqlRunStore implements RunStore {
  readonly #database: Kysely<Schema>;
  readonly #clock: Clock;

  constructor(database: Kysely<Schema>, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async createRun(run: NewRun): Promise<Run> {
    const runId = newRunId();
    const name = run.name ?? run.tags?.[RUN_TAGS.runName] ?? randomRunName();
    const parent = run.parentRunId ? { [RUN_TAGS.parentRunId]: run.parentRunId } : {};
    const tags = { ...run.tags, ...parent, [RUN_TAGS.runName]: name };
    return this.#database.transaction().execute(async (transaction) => {
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
          start_time: this.#clock.now(),
          artifact_uri: `${experiment.artifact_location}/${runId}/artifacts`,
          lifecycle_stage: "active",
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await writeTags(transaction, row.id, tags);
      return toRun(row, { params: {}, tags, metrics: {} });
    });
  }

  async getRun(runId: string): Promise<Run | undefined> {
    const row = await this.#database
      .selectFrom("runs")
      .selectAll()
      .where("run_id", "=", runId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const [run] = await this.#withData([row]);
    return run;
  }

  async findRunIds(prefix: string): Promise<string[]> {
    if (!/^[0-9a-f]+$/.test(prefix)) return [];
    const rows = await this.#database
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
    const id = await activeRun(this.#database, runId);
    if (status === undefined && endTime === undefined) return;
    await this.#database
      .updateTable("runs")
      .set({
        ...(status !== undefined && { status }),
        // A run that goes on again has not ended.
        ...(isGoingOn && { end_time: null }),
        ...(endTime !== undefined && { end_time: endTime }),
      })
      .where("id", "=", id)
      .execute();
  }

  async listRuns(query: { experimentIds?: readonly string[]; limit?: number }): Promise<Run[]> {
    let runs = this.#database
      .selectFrom("runs")
      .selectAll()
      .where("lifecycle_stage", "=", "active")
      .orderBy("start_time", "desc")
      .orderBy("id", "desc")
      .limit(query.limit ?? 1000);
    if (query.experimentIds !== undefined) {
      runs = runs.where("experiment_id", "in", query.experimentIds.map(Number));
    }
    return this.#withData(await runs.execute());
  }

  async logParams(runId: string, params: { readonly [key: string]: string }): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const run = await activeRun(transaction, runId);
      for (const [key, value] of Object.entries(params)) {
        const logged = await transaction
          .selectFrom("run_params")
          .select("value")
          .where("run", "=", run)
          .where("key", "=", key)
          .executeTakeFirst();
        if (logged === undefined) {
          await transaction.insertInto("run_params").values({ run, key, value }).execute();
        } else if (logged.value !== value) {
          throw new AssayError(
            "conflict",
            `Changing param values is not allowed. Param with key='${key}' was already logged with value='${logged.value}' for run ID='${runId}'. Attempted logging new value '${value}'.`,
          );
        }
      }
    });
  }

  async logMetrics(runId: string, metrics: readonly Metric[]): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const run = await activeRun(transaction, runId);
      for (const { key, value, timestamp, step } of metrics) {
        const is_nan = Number.isNaN(value) ? 1 : 0;
        const point = { run, key, value: is_nan ? 0 : value, is_nan, timestamp, step };
        await transaction
          .insertInto("run_metrics")
          .values(point)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
        await transaction
          .insertInto("run_latest_metrics")
          .values(point)
          .onConflict((conflict) =>
            conflict
              .columns(["run", "key"])
              .doUpdateSet({ value: point.value, is_nan, timestamp, step })
              .where(({ eb, refTuple, tuple }) =>
                eb(
                  refTuple(
                    "run_latest_metrics.step",
                    "run_latest_metrics.timestamp",
                    "run_latest_metrics.value",
                  ),
                  "<=",
                  tuple(step, timestamp, point.value),
                ),
              ),
          )
          .execute();
      }
    });
  }

  async getMetricHistory(runId: string, key: string): Promise<Metric[]> {
    const rows = await this.#database
      .selectFrom("run_metrics")
      .innerJoin("runs", "runs.id", "run_metrics.run")
      .select(["key", "value", "is_nan", "timestamp", "step"])
      .where("runs.run_id", "=", runId)
      .where("key", "=", key)
      .orderBy("timestamp")
      .orderBy("step")
      .orderBy("value")
      .execute();
    return rows.map((row) => ({
      key: row.key,
      value: metricValue(row),
      timestamp: row.timestamp,
      step: row.step,
    }));
  }

  async setTags(runId: string, tags: { readonly [key: string]: string }): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const run = await activeRun(transaction, runId);
      await writeTags(transaction, run, tags);
      const name = tags[RUN_TAGS.runName];
      if (name !== undefined) {
        await transaction.updateTable("runs").set({ name }).where("id", "=", run).execute();
      }
    });
  }

  async deleteRun(runId: string): Promise<void> {
    const id = await activeRun(this.#database, runId);
    await this.#database
      .updateTable("runs")
      .set({ lifecycle_stage: "deleted" })
      .where("id", "=", id)
      .execute();
  }

  /** Runs with their params, tags and metrics: three queries, however many runs. */
  async #withData(rows: readonly Selectable<Schema["runs"]>[]): Promise<Run[]> {
    const ids = sql`(select value from json_each(${JSON.stringify(rows.map((row) => row.id))}))`;
    const texts = (table: "run_params" | "run_tags") =>
      this.#database
        .selectFrom(table)
        .select(["run", "key", "value"])
        .where(sql<boolean>`run in ${ids}`)
        .orderBy("key")
        .execute();
    const params = byRun(await texts("run_params"));
    const tags = byRun(await texts("run_tags"));
    const latest = await this.#database
      .selectFrom("run_latest_metrics")
      .select(["run", "key", "value", "is_nan"])
      .where(sql<boolean>`run in ${ids}`)
      .orderBy("key")
      .execute();
    const metrics = byRun(latest.map((row) => ({ ...row, value: metricValue(row) })));
    return rows.map((row) =>
      toRun(row, {
        params: params.get(row.id) ?? {},
        tags: tags.get(row.id) ?? {},
        metrics: metrics.get(row.id) ?? {},
      }),
    );
  }
}

function toRun(
  row: Selectable<Schema["runs"]>,
  data: Pick<Run, "params" | "tags" | "metrics">,
): Run {
  return {
    runId: row.run_id,
    experimentId: String(row.experiment_id),
    name: row.name,
    status: row.status,
    startTime: row.start_time,
    ...(row.end_time !== null && { endTime: row.end_time }),
    artifactUri: row.artifact_uri,
    lifecycleStage: row.lifecycle_stage,
    ...data,
  };
}

function byRun<V>(
  rows: readonly { readonly run: number; readonly key: string; readonly value: V }[],
): Map<number, { [key: string]: V }> {
  const records = new Map<number, { [key: string]: V }>();
  for (const { run, key, value } of rows) {
    const record = records.get(run) ?? {};
    record[key] = value;
    records.set(run, record);
  }
  return records;
}

function metricValue({ value, is_nan }: { value: number; is_nan: number }): number {
  return is_nan === 1 ? Number.NaN : value;
}

/** The database's integer name of an active run. */
export async function activeRun(database: Kysely<Schema>, runId: string): Promise<number> {
  const row = await database
    .selectFrom("runs")
    .select(["id", "lifecycle_stage"])
    .where("run_id", "=", runId)
    .executeTakeFirst();
  if (row === undefined) throw new AssayError("not-found", `No run with id ${runId}`);
  if (row.lifecycle_stage !== "active") {
    throw new AssayError(
      "conflict",
      `The run ${runId} must be in the 'active' state. Current state is ${row.lifecycle_stage}.`,
    );
  }
  return row.id;
}

async function writeTags(
  transaction: Transaction<Schema>,
  run: number,
  tags: { readonly [key: string]: string },
): Promise<void> {
  for (const [key, value] of Object.entries(tags)) {
    await transaction
      .insertInto("run_tags")
      .values({ run, key, value })
      .onConflict((conflict) => conflict.columns(["run", "key"]).doUpdateSet({ value }))
      .execute();
  }
}
