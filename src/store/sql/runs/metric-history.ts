import { type Expression, type SqlBool, sql } from "kysely";
import { AssayError, type Metric } from "../../../core/index.ts";
import { checkStep } from "../../limits.ts";
import type { MetricSampleQuery } from "../../ports/index.ts";
import type { SqlEngine } from "../engine.ts";
import { metricValue } from "./run-rows.ts";

type Axis = "step" | "timestamp";
type Condition = Expression<SqlBool>;

/** Points of one metric. */
interface Series {
  /** Under the key, whatever their steps. */
  readonly own: Condition;
  /** Of the steps that were asked for. */
  readonly inside: Condition;
}

/** Every point under the key, by timestamp, step and value. */
export async function metricHistory(
  engine: SqlEngine,
  runId: string,
  key: string,
): Promise<Metric[]> {
  const series = seriesOf(await runNumber(engine, runId), key, {});
  return metricsOf(engine, series.inside);
}

/**
 * At most `maxPoints` points spread evenly over the steps from `startStep` to `endStep`, the first and
 * the last always among them; over time where there are fewer steps than that. Costs one index
 * seek per point that is returned, however many there are, unless a step has many.
 *
 * @throws {AssayError} `invalid-argument` for steps that are no integers and fewer than two points.
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
  if (startStep !== undefined) checkStep(startStep, "startStep");
  if (endStep !== undefined) checkStep(endStep, "endStep");
  const range = {
    ...(startStep !== undefined && { startStep }),
    ...(endStep !== undefined && { endStep }),
  };
  const series = seriesOf(await runNumber(engine, runId), key, range);
  if (await isAtMost(engine, series, maxPoints)) return fewMetrics(engine, series.inside);
  const steps = await occupied(engine, series, "step", maxPoints);
  // Points logged without a step all have step 0.
  const times =
    steps.length < maxPoints ? await occupied(engine, series, "timestamp", maxPoints) : [];
  const isChosen =
    times.length > steps.length
      ? engine.expressions.isAmong(sql.ref("timestamp"), times)
      : engine.expressions.isAmong(sql.ref("step"), steps);
  return thin(await fewMetrics(engine, sql`${series.inside} and ${isChosen}`), maxPoints);
}

/** Whether there are no more points than `count`; looks no further. */
async function isAtMost({ reads }: SqlEngine, { inside }: Series, count: number): Promise<boolean> {
  const { rows } = await sql<{ n: number }>`select count(*) as n
    from (select 1 from run_metrics where ${inside} limit ${count + 1}) as counted`.execute(reads);
  return (rows[0]?.n ?? 0) <= count;
}

/** At most `count` places on the axis where there are points, evenly, both ends among them. */
async function occupied(
  engine: SqlEngine,
  { own, inside }: Series,
  axis: Axis,
  count: number,
): Promise<number[]> {
  const first = await endOf(engine, inside, axis, "asc");
  const last = await endOf(engine, inside, axis, "desc");
  const targets = engine.expressions.numbers(spread(first, last, count), "target");
  // Between the ends all steps are among those asked for; a second bound would mislead SQLite.
  const sought = axis === "step" ? own : inside;
  const { rows } = await sql<{ place: number }>`
    select distinct (
      select ${sql.ref(axis)} from run_metrics where ${sought} and ${sql.ref(axis)} >= target
      order by ${sql.ref(axis)} limit 1
    ) as place from ${targets}`.execute(engine.reads);
  return rows.map((row) => row.place);
}

/** The least or the greatest place of points that there are. */
async function endOf(
  { reads }: SqlEngine,
  within: Condition,
  axis: Axis,
  order: "asc" | "desc",
): Promise<number> {
  // Two queries: for the least and the greatest at once SQLite reads all that lies between.
  const row = await reads
    .selectFrom("run_metrics")
    .select(axis)
    .where(within)
    .orderBy(axis, order)
    .limit(1)
    .executeTakeFirst();
  return row?.[axis] ?? 0;
}

function spread(first: number, last: number, count: number): number[] {
  const width = (last - first) / (count - 1);
  const targets = Array.from({ length: count - 1 }, (_, at) => Math.round(first + at * width));
  return [...new Set([...targets, last])];
}

/** At most `count` of `metrics`, evenly, with both ends. */
function thin(metrics: readonly Metric[], count: number): Metric[] {
  if (metrics.length <= count) return [...metrics];
  const width = (metrics.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, at) => metrics[Math.round(at * width)] as Metric);
}

function seriesOf(
  run: number,
  key: string,
  { startStep, endStep }: Pick<MetricSampleQuery, "startStep" | "endStep">,
): Series {
  const own = sql<SqlBool>`run = ${run} and key = ${key}`;
  if (startStep === undefined && endStep === undefined) return { own, inside: own };
  // Under one step SQLite's index has the points by time.
  if (startStep === endStep) return { own, inside: sql`${own} and step = ${startStep}` };
  const from = startStep ?? Number.MIN_SAFE_INTEGER;
  const to = endStep ?? Number.MAX_SAFE_INTEGER;
  return { own, inside: sql`${own} and step between ${from} and ${to}` };
}

function metricsOf(engine: SqlEngine, wanted: Condition): Promise<Metric[]> {
  return metricsBy(engine, wanted, sql.ref("timestamp"));
}

/** Found first and sorted then: SQLite would read the whole history to have them in order of time. */
function fewMetrics(engine: SqlEngine, wanted: Condition): Promise<Metric[]> {
  return metricsBy(engine, wanted, sql`(timestamp + 0)`);
}

async function metricsBy(
  { reads }: SqlEngine,
  wanted: Condition,
  time: Expression<unknown>,
): Promise<Metric[]> {
  const rows = await reads
    .selectFrom("run_metrics")
    .select(["key", "value", "is_nan", "timestamp", "step"])
    .where(wanted)
    .orderBy(time)
    .orderBy("step")
    .orderBy("value")
    .execute();
  return rows.map(toMetric);
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
