import { type Kysely, sql } from "kysely";
import { addUsage, withoutAbsent } from "../../../core/index.ts";
import type { CallTotals, JudgedTrace, PartMean } from "../../ports/index.ts";
import type { Schema } from "../schema.ts";
import { toUsage, USAGE_SUMS } from "../usage-columns.ts";

/** What the judges of a run called, by scorer key. */
export async function callTotals(
  database: Kysely<Schema>,
  runId: string,
): Promise<{ readonly [scorer: string]: CallTotals }> {
  const rows = await database
    .selectFrom("calls")
    .innerJoin("scorers", "scorers.id", "calls.scorer_id")
    .innerJoin("runs", "runs.id", "calls.run")
    .select(({ fn }) => [
      "scorers.key",
      "calls.answered_by",
      fn.countAll<number>().as("calls"),
      fn.count<number>("calls.cached").as("cached"),
      fn.count<number>("calls.error").as("failed"),
      sql<number | null>`sum(attempts)`.as("attempts"),
      sql<number>`sum(latency_ms)`.as("latency_ms"),
      ...USAGE_SUMS,
    ])
    .where("runs.run_id", "=", runId)
    .groupBy(["scorers.key", "calls.answered_by"])
    .orderBy("scorers.key")
    .orderBy("calls.answered_by")
    .execute();
  const totals: { [scorer: string]: CallTotals } = {};
  for (const { key, answered_by: model, ...row } of rows) {
    const before = totals[key] ?? EMPTY;
    totals[key] = withoutAbsent<CallTotals>({
      calls: before.calls + row.calls,
      cached: before.cached + row.cached,
      failed: before.failed + row.failed,
      attempts: row.attempts === null ? before.attempts : (before.attempts ?? 0) + row.attempts,
      latencyMs: before.latencyMs + row.latency_ms,
      usage: addUsage(before.usage, toUsage(row)),
      answeredBy: model === null ? before.answeredBy : [...before.answeredBy, model],
    });
  }
  return totals;
}

const EMPTY: CallTotals = {
  calls: 0,
  cached: 0,
  failed: 0,
  latencyMs: 0,
  usage: {},
  answeredBy: [],
};

/** The means of the numeric parts of one name, over the results that have them. */
export async function partMeans(
  database: Kysely<Schema>,
  runId: string,
  scorer: string,
  parts: readonly string[],
): Promise<{ readonly [part: string]: PartMean }> {
  if (parts.length === 0) return {};
  const rows = await database
    .selectFrom("scores")
    .innerJoin("scorers", "scorers.id", "scores.scorer_id")
    .innerJoin("runs", "runs.id", "scorers.run")
    .innerJoin("results", "results.id", "scores.result_id")
    .select(({ fn }) => [
      "scores.part_name",
      fn.count<number>("scores.value").as("n"),
      sql<number>`avg(scores.value)`.as("mean"),
    ])
    .where("runs.run_id", "=", runId)
    .where("scorers.key", "=", scorer)
    .where("scores.part", ">", 0)
    .where("scores.part_name", "in", parts)
    .where("scores.value", "is not", null)
    .groupBy("scores.part_name")
    .execute();
  return Object.fromEntries(rows.map(({ part_name, n, mean }) => [part_name ?? "", { n, mean }]));
}

/** Names that one statement looks for. */
const TRACES_AT_ONCE = 200;

export async function judgedTraces(
  database: Kysely<Schema>,
  traceIds: readonly string[],
  scorer: string,
): Promise<JudgedTrace[]> {
  const found: JudgedTrace[] = [];
  for (let start = 0; start < traceIds.length; start += TRACES_AT_ONCE) {
    const rows = await database
      .selectFrom("results")
      .innerJoin("scores", "scores.result_id", "results.id")
      .innerJoin("scorers", "scorers.id", "scores.scorer_id")
      .innerJoin("runs", "runs.id", "results.run")
      .select(["results.trace_id", "runs.run_id"])
      .where("results.trace_id", "in", traceIds.slice(start, start + TRACES_AT_ONCE))
      .where("scorers.key", "=", scorer)
      .where("scores.part", "=", 0)
      .where("runs.lifecycle_stage", "=", "active")
      .where(({ eb, or }) =>
        or([
          eb("scores.kind", "<>", "u"),
          eb("scores.reason", "in", ["not-applicable", "model-failed"]),
        ]),
      )
      .execute();
    for (const { trace_id, run_id } of rows) {
      if (trace_id !== null) found.push({ traceId: trace_id, runId: run_id });
    }
  }
  return found;
}
