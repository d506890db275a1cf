import { type Kysely, type Selectable, sql } from "kysely";
import type {
  Assessment,
  AssessmentFailure,
  AssessmentSource,
  JsonObject,
  JsonValue,
} from "../../../core/index.ts";
import type { SqlEngine } from "../engine.ts";
import type { Schema } from "../schema.ts";

type StoredRow = Selectable<Schema["assessments"]> & {
  readonly trace_id: string;
  readonly run_id: string | null;
};

/** Those that were logged, with the public ids of their trace and run. */
export function selectAssessments(database: Kysely<Schema>) {
  return database
    .selectFrom("assessments")
    .innerJoin("traces", "traces.id", "assessments.trace")
    .leftJoin("runs", "runs.id", "assessments.run")
    .selectAll("assessments")
    .select(["traces.trace_id", "runs.run_id"]);
}

export function fromRow(row: StoredRow): Assessment {
  return {
    assessmentId: row.assessment_id,
    traceId: row.trace_id,
    ...(row.span_id !== null && { spanId: row.span_id }),
    name: row.name,
    kind: row.kind,
    ...(row.value !== null && { value: JSON.parse(row.value) as JsonValue }),
    ...(row.error !== null && { error: JSON.parse(row.error) as AssessmentFailure }),
    source: {
      type: row.source_type as AssessmentSource["type"],
      ...(row.source_id !== null && { id: row.source_id }),
    },
    ...(row.run_id !== null && { runId: row.run_id }),
    ...(row.rationale !== null && { rationale: row.rationale }),
    metadata: JSON.parse(row.metadata) as JsonObject,
    ...(row.overrides !== null && { overrides: row.overrides }),
    isValid: row.valid === 1,
    createTime: row.creation_time,
    lastUpdateTime: row.last_update_time,
  };
}

/** What was said of each of the traces, by their numbers; one of which nothing was said is missing. */
export async function assessmentsOf(
  engine: SqlEngine,
  ids: readonly number[],
): Promise<Map<number, Assessment[]>> {
  const isWanted = engine.expressions.isAmong(sql.ref("assessments.trace"), ids);
  const logged = await selectAssessments(engine.reads)
    .where(isWanted)
    .orderBy("assessments.id")
    .execute();
  const scored = await scoresOf(engine, ids);
  const found = [
    ...logged.map((row) => [row.trace, fromRow(row)] as const),
    ...scored.map((row) => [row.trace, fromScore(row)] as const),
  ];
  return new Map(
    [...Map.groupBy(found, ([trace]) => trace)].map(([trace, own]) => [
      trace,
      own.map(([, assessment]) => assessment),
    ]),
  );
}

interface ScoreRow {
  readonly trace: number;
  readonly trace_id: string;
  readonly start_time: number;
  readonly result: number;
  readonly scorer: number;
  readonly key: string;
  readonly kind: "n" | "b" | "s";
  readonly value: number | null;
  readonly label: string | null;
  readonly note: string | null;
  readonly run_id: string;
  readonly model: string | null;
}

/** The scores that evaluations gave to results with these traces. */
async function scoresOf(engine: SqlEngine, ids: readonly number[]): Promise<ScoreRow[]> {
  // CROSS JOIN: SQLite reads the tables in this order.
  const { rows } = await sql<ScoreRow>`
    select t.id as trace, t.trace_id, t.start_time, r.id as result, c.id as scorer, c.key, s.kind,
      s.value, s.label, s.note, n.run_id, l.model
    from traces as t cross join results as r cross join scores as s cross join scorers as c
      cross join runs as n left join calls as l on l.id = s.call_id
    where ${engine.expressions.isAmong(sql.ref("t.id"), ids)} and r.trace_id = t.trace_id
      and s.result_id = r.id and s.part = 0 and s.kind <> 'u' and c.id = s.scorer_id and n.id = r.run
    order by r.id, c.id`.execute(engine.reads);
  return rows;
}

function fromScore(row: ScoreRow): Assessment {
  return {
    assessmentId: `s-${row.result}-${row.scorer}`,
    traceId: row.trace_id,
    name: row.key,
    kind: "feedback",
    value: row.kind === "s" ? row.label : row.kind === "b" ? row.value === 1 : row.value,
    source: row.model === null ? { type: "CODE" } : { type: "LLM_JUDGE", id: row.model },
    runId: row.run_id,
    ...(row.note !== null && { rationale: row.note }),
    metadata: {},
    isValid: true,
    createTime: row.start_time,
    lastUpdateTime: row.start_time,
  };
}
