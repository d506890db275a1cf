import { type Expression, type Kysely, type Selectable, sql } from "kysely";
import { AssayError, type Run } from "../../core/index.ts";
import type { SqlEngine } from "./engine.ts";
import type { Schema } from "./schema.ts";

export type RunRow = Selectable<Schema["runs"]>;

/** The database's integer name of an active run. */
export async function activeRun(database: Kysely<Schema>, runId: string): Promise<number> {
  const row = await database
    .selectFrom("runs")
    .select(["id", "lifecycle_stage"])
    .where("run_id", "=", runId)
    .executeTakeFirst();
  return checkActive(row, runId);
}

/** @throws {AssayError} `not-found` for an unknown run, `conflict` for a deleted one. */
export function checkActive(
  row: Pick<RunRow, "id" | "lifecycle_stage"> | undefined,
  runId: string,
): number {
  if (row === undefined) throw new AssayError("not-found", `Run with id=${runId} not found`);
  if (row.lifecycle_stage !== "active") {
    throw new AssayError(
      "conflict",
      `The run ${runId} must be in the 'active' state. Current state is ${row.lifecycle_stage}.`,
    );
  }
  return row.id;
}

/** Runs with their params, tags and metrics: three queries, however many runs. */
export async function withData(engine: SqlEngine, rows: readonly RunRow[]): Promise<Run[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const isWanted = (run: Expression<unknown>) => engine.expressions.isAmong(run, ids);
  const texts = (table: "run_params" | "run_tags") =>
    engine.reads
      .selectFrom(table)
      .select(["run", "key", "value"])
      .where(isWanted(sql.ref("run")))
      .orderBy("run")
      .orderBy("key")
      .execute();
  const params = byRun(await texts("run_params"));
  const tags = byRun(await texts("run_tags"));
  const latest = await engine.reads
    .selectFrom("run_latest_metrics")
    .select(["run", "key", "value", "is_nan"])
    .where(isWanted(sql.ref("run")))
    .orderBy("run")
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

export function toRun(row: RunRow, data: Pick<Run, "params" | "tags" | "metrics">): Run {
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

export function metricValue({ value, is_nan }: { value: number; is_nan: number }): number {
  return is_nan === 1 ? Number.NaN : value;
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
