import { type Kysely, type Selectable, sql } from "kysely";
import { AssayError, quotable, type Run, type RunInfo } from "../../../core/index.ts";
import type { SqlEngine } from "../engine.ts";
import { byOwner, RUN_PARAMS, RUN_TAGS, textsOf } from "../keyed-texts.ts";
import { shownStage } from "../lifecycle.ts";
import type { Schema } from "../schema.ts";
import { inputsAndOutputs } from "./run-input-rows.ts";

export type RunRow = Selectable<Schema["runs"]>;

/** The database's integer name of an active run. */
export async function activeRun(database: Kysely<Schema>, runId: string): Promise<number> {
  return checkActive(await findRun(database, runId), runId);
}

/** @throws {AssayError} `not-found` for an unknown run, `conflict` for a deleted one. */
export async function activeRunRow(database: Kysely<Schema>, runId: string): Promise<RunRow> {
  const row = await findRun(database, runId);
  checkActive(row, runId);
  return row as RunRow;
}

export async function findRun(
  database: Kysely<Schema>,
  runId: string,
): Promise<RunRow | undefined> {
  return database.selectFrom("runs").selectAll().where("run_id", "=", runId).executeTakeFirst();
}

/** @throws {AssayError} `not-found` for an unknown run, `conflict` for a deleted one. */
export function checkActive(
  row: Pick<RunRow, "id" | "lifecycle_stage"> | undefined,
  runId: string,
): number {
  if (row === undefined)
    throw new AssayError("not-found", `Run with id=${quotable(runId)} not found`);
  if (row.lifecycle_stage !== "active") {
    throw new AssayError(
      "conflict",
      `The run ${runId} must be in the 'active' state. Current state is ${row.lifecycle_stage}.`,
    );
  }
  return row.id;
}

/** @throws {AssayError} `not-found` for an unknown run, `conflict` for one that is not deleted. */
export function checkDeleted(row: RunRow | undefined, runId: string): asserts row is RunRow {
  if (row === undefined)
    throw new AssayError("not-found", `Run with id=${quotable(runId)} not found`);
  if (row.lifecycle_stage === "deleted") return;
  throw new AssayError(
    "conflict",
    `The run ${runId} must be in the 'deleted' state. Current state is ${row.lifecycle_stage}.`,
  );
}

/** Runs with all they hold: five queries and two more where there are datasets, however many runs. */
export async function withData(engine: SqlEngine, rows: readonly RunRow[]): Promise<Run[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const params = await textsOf(engine, engine.reads, RUN_PARAMS, ids);
  const tags = await textsOf(engine, engine.reads, RUN_TAGS, ids);
  const latest = await engine.reads
    .selectFrom("run_latest_metrics")
    .select(["run as owner", "key", "value", "is_nan"])
    .where(engine.expressions.isAmong(sql.ref("run"), ids))
    .orderBy("run")
    .orderBy("key")
    .execute();
  const metrics = byOwner(latest.map((row) => ({ ...row, value: metricValue(row) })));
  const linked = await inputsAndOutputs(engine, ids);
  return rows.map((row) =>
    toRun(row, {
      params: params.get(row.id) ?? {},
      tags: tags.get(row.id) ?? {},
      metrics: metrics.get(row.id) ?? {},
      ...linked(row.id),
    }),
  );
}

/** @param data - What the run holds; none of what is not given. */
export function toRun(row: RunRow, data: Partial<Omit<Run, keyof RunInfo>>): Run {
  return {
    runId: row.run_id,
    experimentId: String(row.experiment_id),
    name: row.name,
    status: row.status,
    startTime: row.start_time,
    ...(row.end_time !== null && { endTime: row.end_time }),
    artifactUri: row.artifact_uri,
    lifecycleStage: shownStage(row.lifecycle_stage),
    params: {},
    metrics: {},
    tags: {},
    inputs: { datasets: [], models: [] },
    outputs: { models: [] },
    ...data,
  };
}

export function metricValue({ value, is_nan }: { value: number; is_nan: number }): number {
  return is_nan === 1 ? Number.NaN : value;
}
