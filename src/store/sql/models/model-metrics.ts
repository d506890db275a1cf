import { sql, type Transaction } from "kysely";
import type { LoggedModelMetric, Metric } from "../../../core/index.ts";
import { type BulkInsert, insertRows, type SqlEngine } from "../engine.ts";
import { metricValue } from "../runs/run-rows.ts";
import type { Schema } from "../schema.ts";
import { modelNumbers } from "./active-models.ts";

/** A line of a table of metrics. */
export type Point = readonly [
  run: number,
  key: string,
  value: number,
  isNan: number,
  timestamp: number,
  step: number,
];

/** A point of a run that speaks of a model. */
export interface ModelPoint {
  readonly modelId: string;
  readonly metric: Metric;
  readonly point: Point;
}

const MODEL_METRICS: BulkInsert = {
  table: "logged_model_metrics",
  columns: {
    model: "integer",
    dataset_name: "text",
    dataset_digest: "text",
    run: "integer",
    key: "text",
    value: "real",
    is_nan: "integer",
    timestamp: "integer",
    step: "integer",
  },
  ending: "on conflict do nothing",
};

/** @throws {AssayError} `not-found` for an unknown model, `conflict` for a deleted one. */
export async function writeModelPoints(
  engine: SqlEngine,
  transaction: Transaction<Schema>,
  points: readonly ModelPoint[],
): Promise<void> {
  if (points.length === 0) return;
  const modelIds = [...new Set(points.map(({ modelId }) => modelId))];
  const models = await modelNumbers(engine, transaction, modelIds);
  const rows = points.map(({ modelId, metric, point }) => [
    models.get(modelId) as number,
    metric.datasetName ?? "",
    metric.datasetDigest ?? "",
    ...point,
  ]);
  await insertRows(engine, transaction, MODEL_METRICS, rows);
}

/** Every point of the models, by model. */
export async function modelMetrics(
  { reads, expressions }: SqlEngine,
  models: readonly number[],
): Promise<Map<number, LoggedModelMetric[]>> {
  const rows = await reads
    .selectFrom("logged_model_metrics as m")
    .innerJoin("runs", "runs.id", "m.run")
    .select(["m.model", "m.key", "m.value", "m.is_nan", "m.timestamp", "m.step"])
    .select(["m.dataset_name", "m.dataset_digest", "runs.run_id"])
    .where(expressions.isAmong(sql.ref("m.model"), models))
    .orderBy("m.model")
    .orderBy("m.key")
    .orderBy("m.dataset_name")
    .orderBy("m.dataset_digest")
    .orderBy("m.step")
    .orderBy("m.timestamp")
    .orderBy("m.value")
    .execute();
  const metrics = new Map<number, LoggedModelMetric[]>();
  for (const row of rows) {
    const known = metrics.get(row.model) ?? [];
    known.push({
      key: row.key,
      value: metricValue(row),
      timestamp: row.timestamp,
      step: row.step,
      runId: row.run_id,
      ...(row.dataset_name !== "" && { datasetName: row.dataset_name }),
      ...(row.dataset_digest !== "" && { datasetDigest: row.dataset_digest }),
    });
    metrics.set(row.model, known);
  }
  return metrics;
}
