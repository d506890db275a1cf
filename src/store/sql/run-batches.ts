import { sql, type Transaction } from "kysely";
import { AssayError, type Metric, RUN_TAGS } from "../../core/index.ts";
import type { RunBatch } from "../ports.ts";
import type { SqlContext } from "./context.ts";
import { type BulkInsert, insertRows, type SqlValue } from "./engine.ts";
import { checkActive } from "./run-rows.ts";
import type { Schema } from "./schema.ts";

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

const TEXT_COLUMNS = { run: "integer", key: "text", value: "text" } as const;

const PARAMS: BulkInsert = { table: "run_params", columns: TEXT_COLUMNS };

const TAGS: BulkInsert = {
  table: "run_tags",
  columns: TEXT_COLUMNS,
  ending: "on conflict (run, key) do update set value = excluded.value",
};

/** Writes batches of several runs and callers, in their order. */
export async function writeBatches(
  context: SqlContext,
  transaction: Transaction<Schema>,
  batches: readonly PendingBatch[],
): Promise<readonly undefined[]> {
  const { engine } = context;
  const runs = await idsOf(context, transaction, batches);
  const points = batches.flatMap(({ runId, metrics = [] }) =>
    metrics.map((metric) => pointOf(runs.get(runId) as number, metric)),
  );
  await insertRows(engine, transaction, METRICS, points);
  await insertRows(engine, transaction, LATEST, latestOf(points));
  for (const { runId, params = {}, tags = {} } of batches) {
    const run = runs.get(runId) as number;
    await writeParams(context, transaction, { run, runId, params });
    await writeTags(context, transaction, run, tags);
    const name = tags[RUN_TAGS.runName];
    if (name !== undefined) {
      await transaction.updateTable("runs").set({ name }).where("id", "=", run).execute();
    }
  }
  return batches.map(() => undefined);
}

export async function writeTags(
  { engine }: SqlContext,
  transaction: Transaction<Schema>,
  run: number,
  tags: { readonly [key: string]: string },
): Promise<void> {
  const rows = Object.entries(tags).map(([key, value]) => [run, key, value]);
  await insertRows(engine, transaction, TAGS, rows);
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

type Point = readonly [
  run: number,
  key: string,
  value: number,
  isNan: number,
  timestamp: number,
  step: number,
];

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

/** @throws {AssayError} `conflict` for a param that is there with another value. */
async function writeParams(
  { engine }: SqlContext,
  transaction: Transaction<Schema>,
  {
    run,
    runId,
    params,
  }: { run: number; runId: string; params: { readonly [key: string]: string } },
): Promise<void> {
  const entries = Object.entries(params);
  if (entries.length === 0) return;
  const rows = await transaction
    .selectFrom("run_params")
    .select(["key", "value"])
    .where("run", "=", run)
    .where(engine.expressions.isAmong(sql.ref("key"), Object.keys(params)))
    .execute();
  const known = new Map(rows.map((row) => [row.key, row.value]));
  for (const [key, value] of entries) {
    const logged = known.get(key);
    if (logged === undefined || logged === value) continue;
    throw new AssayError(
      "conflict",
      `Changing param values is not allowed. Param with key='${key}' was already logged with value='${logged}' for run ID='${runId}'. Attempted logging new value '${value}'.`,
    );
  }
  const added = entries.filter(([key]) => !known.has(key)).map(([key, value]) => [run, key, value]);
  await insertRows(engine, transaction, PARAMS, added);
}
