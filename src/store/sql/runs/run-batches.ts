import { sql, type Transaction } from "kysely";
import { AssayError, type Metric, type Scrubber, RUN_TAGS as TAGS } from "../../../core/index.ts";
import type { RunBatch } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { type BulkInsert, insertRows, type SqlValue } from "../engine.ts";
import { addParams, putTexts, RUN_PARAMS, RUN_TAGS, textsOf } from "../keyed-texts.ts";
import { type ModelPoint, type Point, writeModelPoints } from "../models/model-metrics.ts";
import type { Schema } from "../schema.ts";
import { checkActive } from "./run-rows.ts";

/** One caller's params, metrics and tags for one run. */
export interface PendingBatch extends RunBatch {
  readonly runId: string;
}

const METRIC_COLUMNS = {
  run: "integer",
  key: "text",
  value: "real",
  is_nan: "integer",
  timestamp: "integer",
  step: "integer",
} as const;

const METRICS: BulkInsert = {
  table: "run_metrics",
  columns: METRIC_COLUMNS,
  ending: "on conflict do nothing",
};

const LATEST: BulkInsert = {
  table: "run_latest_metrics",
  columns: METRIC_COLUMNS,
  ending: `on conflict (run, key) do update
    set value = excluded.value, is_nan = excluded.is_nan, timestamp = excluded.timestamp, step = excluded.step
    where (run_latest_metrics.step, run_latest_metrics.timestamp, run_latest_metrics.value)
      <= (excluded.step, excluded.timestamp, excluded.value)`,
};

/** Set once: they say who made a run and where its files are. */
const IMMUTABLE_TAGS: readonly string[] = [TAGS.user, TAGS.artifactLocation];

/** A point as it may be stored. */
export function scrubbedMetric(scrubber: Scrubber, metric: Metric): Metric {
  const { datasetName, datasetDigest } = metric;
  return {
    ...metric,
    key: scrubber.name(metric.key),
    ...(datasetName !== undefined && { datasetName: scrubber.name(datasetName) }),
    ...(datasetDigest !== undefined && { datasetDigest: scrubber.key(datasetDigest) }),
  };
}

/** Writes batches of several runs and callers, in their order. */
export async function writeBatches(
  context: SqlContext,
  transaction: Transaction<Schema>,
  batches: readonly PendingBatch[],
): Promise<readonly undefined[]> {
  const { engine } = context;
  const runs = await idsOf(context, transaction, batches);
  const points: Point[] = [];
  const modelPoints: ModelPoint[] = [];
  for (const { runId, metrics = [] } of batches) {
    const run = runs.get(runId) as number;
    for (const metric of metrics) {
      const point = pointOf(run, metric);
      points.push(point);
      if (metric.modelId !== undefined)
        modelPoints.push({ metric, modelId: metric.modelId, point });
    }
  }
  await insertRows(engine, transaction, METRICS, points);
  await insertRows(engine, transaction, LATEST, latestOf(points));
  await writeModelPoints(engine, transaction, modelPoints);
  for (const { runId, params = {}, tags = {} } of batches) {
    const run = { id: runs.get(runId) as number, name: `run ID='${runId}'` };
    await addParams(engine, transaction, RUN_PARAMS, run, params);
    await writeTags(context, transaction, run.id, tags);
  }
  return batches.map(() => undefined);
}

async function writeTags(
  { engine }: SqlContext,
  transaction: Transaction<Schema>,
  run: number,
  tags: { readonly [key: string]: string },
): Promise<void> {
  if (IMMUTABLE_TAGS.some((key) => key in tags)) {
    const known = (await textsOf(engine, transaction, RUN_TAGS, [run])).get(run) ?? {};
    for (const key of IMMUTABLE_TAGS) checkUnchanged(key, known[key], tags[key]);
  }
  await putTexts(engine, transaction, RUN_TAGS, run, tags);
  const name = tags[TAGS.runName];
  if (name === undefined) return;
  await transaction.updateTable("runs").set({ name }).where("id", "=", run).execute();
}

function checkUnchanged(key: string, known: string | undefined, value: string | undefined): void {
  if (known === undefined || value === undefined || known === value) return;
  throw new AssayError(
    "conflict",
    `The tag '${key}' is set once: it is '${known}' and cannot become '${value}'. Use a tag of your own.`,
  );
}

async function idsOf(
  { engine }: SqlContext,
  transaction: Transaction<Schema>,
  batches: readonly PendingBatch[],
): Promise<Map<string, number>> {
  const runIds = [...new Set(batches.map((batch) => batch.runId))];
  const rows = await transaction
    .selectFrom("runs")
    .select(["id", "run_id", "lifecycle_stage"])
    .where(engine.expressions.isAmong(sql.ref("run_id"), runIds))
    .execute();
  const known = new Map(rows.map((row) => [row.run_id, row]));
  return new Map(runIds.map((runId) => [runId, checkActive(known.get(runId), runId)]));
}

function pointOf(run: number, { key, value, timestamp, step }: Metric): Point {
  const isNan = Number.isNaN(value);
  return [run, key, isNan ? 0 : value, isNan ? 1 : 0, timestamp, step];
}

/** Per run and key the greatest (step, timestamp, value): one row is changed once per statement. */
function latestOf(points: readonly Point[]): readonly (readonly SqlValue[])[] {
  const latest = new Map<string, Point>();
  for (const point of points) {
    const name = `${point[0]} ${point[1]}`;
    const known = latest.get(name);
    if (known === undefined || !isBefore(point, known)) latest.set(name, point);
  }
  // In one order, so that writers in several processes cannot wait for each other in a circle.
  return [...latest.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, point]) => point);
}

function isBefore(a: Point, b: Point): boolean {
  for (const at of [5, 4, 2] as const) if (a[at] !== b[at]) return a[at] < b[at];
  return false;
}
