import type { Selectable } from "kysely";
import type { TraceInfo, TraceState } from "../../../core/index.ts";
import { assessmentsOf } from "../assessments/assessment-rows.ts";
import type { SqlEngine } from "../engine.ts";
import { TRACE_METADATA, TRACE_TAGS, textsOf } from "../keyed-texts.ts";
import type { Schema } from "../schema.ts";
import { toUsage } from "../usage-columns.ts";

/** A trace with the public id of its run and how many spans it has. */
export type TraceRow = Selectable<Schema["traces"]> & {
  readonly run_id: string | null;
  readonly span_count: number;
};

/** Traces with their tags, metadata and assessments: four queries, however many traces. */
export async function traceInfos(
  engine: SqlEngine,
  rows: readonly TraceRow[],
): Promise<TraceInfo[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const tags = await textsOf(engine, engine.reads, TRACE_TAGS, ids);
  const metadata = await textsOf(engine, engine.reads, TRACE_METADATA, ids);
  const assessments = await assessmentsOf(engine, ids);
  return rows.map((row) => {
    const said = assessments.get(row.id);
    const info = toInfo(row, tags.get(row.id), metadata.get(row.id));
    return said === undefined ? info : { ...info, assessments: said };
  });
}

type Texts = NonNullable<TraceInfo["tags"]>;

function toInfo(row: TraceRow, tags: Texts | undefined, metadata: Texts | undefined): TraceInfo {
  const usage = toUsage(row);
  return {
    traceId: row.trace_id,
    experimentId: String(row.experiment_id),
    ...(row.run_id !== null && { runId: row.run_id }),
    name: row.name,
    state: row.state as TraceState,
    startTime: row.start_time,
    ...(row.duration_ms !== null && { durationMs: row.duration_ms }),
    ...(row.request_preview !== null && { requestPreview: row.request_preview }),
    ...(row.response_preview !== null && { responsePreview: row.response_preview }),
    ...(row.client_request_id !== null && { clientRequestId: row.client_request_id }),
    ...(tags && { tags }),
    ...(metadata && { metadata }),
    ...(Object.keys(usage).length > 0 && { usage }),
    spanCount: row.span_count,
  };
}
