import { type Selectable, sql } from "kysely";
import type { LoggedModel } from "../../../core/index.ts";
import type { SqlEngine } from "../engine.ts";
import { MODEL_PARAMS, MODEL_TAGS, textsOf } from "../keyed-texts.ts";
import { shownStage } from "../lifecycle.ts";
import type { Schema } from "../schema.ts";
import { modelMetrics } from "./model-metrics.ts";

export type LoggedModelRow = Selectable<Schema["logged_models"]>;

/** Models with their params, tags and metrics: four queries, however many models. */
export async function toLoggedModels(
  engine: SqlEngine,
  rows: readonly LoggedModelRow[],
): Promise<LoggedModel[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const params = await textsOf(engine, engine.reads, MODEL_PARAMS, ids);
  const tags = await textsOf(engine, engine.reads, MODEL_TAGS, ids);
  const metrics = await modelMetrics(engine, ids);
  const runIds = await sourceRunIds(engine, rows);
  return rows.map((row) => {
    const runId = runIds.get(row.source_run ?? -1);
    return {
      modelId: row.model_id,
      experimentId: String(row.experiment_id),
      name: row.name,
      ...(row.model_type !== null && { modelType: row.model_type }),
      status: row.status,
      ...(row.status_message !== null && { statusMessage: row.status_message }),
      ...(runId !== undefined && { sourceRunId: runId }),
      artifactUri: row.artifact_uri,
      lifecycleStage: shownStage(row.lifecycle_stage),
      creationTime: row.creation_time,
      lastUpdateTime: row.last_update_time,
      params: params.get(row.id) ?? {},
      tags: tags.get(row.id) ?? {},
      metrics: metrics.get(row.id) ?? [],
    };
  });
}

async function sourceRunIds(
  { reads, expressions }: SqlEngine,
  models: readonly LoggedModelRow[],
): Promise<Map<number, string>> {
  const runs = [...new Set(models.map((row) => row.source_run).filter((run) => run !== null))];
  if (runs.length === 0) return new Map();
  const rows = await reads
    .selectFrom("runs")
    .select(["id", "run_id"])
    .where(expressions.isAmong(sql.ref("id"), runs))
    .execute();
  return new Map(rows.map((row) => [row.id, row.run_id]));
}
