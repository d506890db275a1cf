import { sql } from "kysely";
import { AssayError, type Metric } from "../../../core/index.ts";
import type { MetricSampleQuery } from "../../ports/index.ts";
import type { SqlEngine } from "../engine.ts";
import { metricValue } from "./run-rows.ts";

type Axis = "step" | "timestamp";

/** Every point under the key, by timestamp, step and value. */
export async function metricHistory(
  engine: SqlEngine,
  runId: string,
  key: string,
): Promise<Metric[]> {
  const run = await runNumber(engine, runId);
  const rows = await points(engine, run, key).execute();
  return rows.map(toMetric);
}

/**
 * At most `maxPoints` points spread evenly over the steps from `startStep` to `endStep`, the first and
 * the last always among them; over time where all points have one step. Costs one index seek per point
 * that is returned, however many there are.
 */
export async function sampleMetric(
  engine: SqlEngine,
  { runId, key, startStep, endStep, maxPoints }: MetricSampleQuery,
): Promise<Metric[]> {
  if (!Number.isInteger(maxPoints) || maxPoints < 2) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`maxPoints\` to be an integer of at least 2, got ${maxPoints}`,
    );
  }
  const run = await runNumber(engine, runId);
  const from = startStep ?? Number.MIN_SAFE_INTEGER;
  const to = endStep ?? Number.MAX_SAFE_INTEGER;
  const steps = await extent(engine, run, key, "step", from, to);
  if (steps === undefined) return [];
  // Points logged without a step all have step 0.
  const axis: Axis = steps.first < steps.last ? "step" : "timestamp";
  const range =
    axis === "step"
      ? steps
      : await extent(
          engine,
          run,
          key,
          "timestamp",
          Number.MIN_SAFE_INTEGER,
          Number.MAX_SAFE_INTEGER,
        );
  const places = await occupied(engine, run, key, axis, spread(range ?? steps, maxPoints));
  const rows = await points(engine, run, key)
    .where(engine.expressions.isAmong(sql.ref(axis), places))
    .execute();
  return thin(rows.map(toMetric), maxPoints);
}

interface Extent {
  readonly first: number;
  readonly last: number;
}

async function extent(
  engine: SqlEngine,
  run: number,
  key: string,
  axis: Axis,
  from: number,
  to: number,
): Promise<Extent | undefined> {
  // Two queries: for the least and the greatest at once SQLite reads all that lies between.
  const end = (order: "asc" | "desc") =>
    engine.reads
      .selectFrom("run_metrics")
      .select(axis)
      .where("run", "=", run)
      .where("key", "=", key)
      .where(axis, ">=", from)
      .where(axis, "<=", to)
      .orderBy(axis, order)
      .limit(1)
      .executeTakeFirst();
  const first = await end("asc");
  const last = await end("desc");
  return first && last && { first: first[axis], last: last[axis] };
}

function spread({ first, last }: Extent, count: number): number[] {
  const width = (last - first) / (count - 1);
  const targets = Array.from({ length: count - 1 }, (_, at) => Math.round(first + at * width));
  return [...new Set([...targets, last])];
}

/** For each target the first place from there on where there is a point. */
async function occupied(
  engine: SqlEngine,
  run: number,
  key: string,
  axis: Axis,
  targets: readonly number[],
): Promise<number[]> {
  const { rows } = await sql<{ place: number }>`
    select distinct (
      select ${sql.ref(axis)} from run_metrics
      where run = ${run} and key = ${key} and ${sql.ref(axis)} >= target
      order by ${sql.ref(axis)} limit 1
    ) as place from ${engine.expressions.numbers(targets, "target")}`.execute(engine.reads);
  return rows.map((row) => row.place);
}

/** At most `count` of `metrics`, evenly, with both ends. */
function thin(metrics: readonly Metric[], count: number): Metric[] {
  if (metrics.length <= count) return [...metrics];
  const width = (metrics.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, at) => metrics[Math.round(at * width)] as Metric);
}

function points(engine: SqlEngine, run: number, key: string) {
  return engine.reads
    .selectFrom("run_metrics")
    .select(["key", "value", "is_nan", "timestamp", "step"])
    .where("run", "=", run)
    .where("key", "=", key)
    .orderBy("timestamp")
    .orderBy("step")
    .orderBy("value");
}

/** -1, which no run has, when there is no such run. */
async function runNumber({ reads }: SqlEngine, runId: string): Promise<number> {
  const row = await reads
    .selectFrom("runs")
    .select("id")
    .where("run_id", "=", runId)
    .executeTakeFirst();
  return row?.id ?? -1;
}

function toMetric(row: {
  key: string;
  value: number;
  is_nan: number;
  timestamp: number;
  step: number;
}): Metric {
  return { key: row.key, value: metricValue(row), timestamp: row.timestamp, step: row.step };
}
