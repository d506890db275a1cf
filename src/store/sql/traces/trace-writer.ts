import { sql, type Transaction } from "kysely";
import type { Span, TraceInfo } from "../../../core/index.ts";
import { usageOfSpan, usageOfTrace } from "../../../otlp/index.ts";
import type { SqlContext } from "../context.ts";
import { insertRows } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { usageColumns } from "../usage-columns.ts";
import { spansOf } from "./span-rows.ts";
import {
  SPAN_INSERT,
  scrubbedInfo,
  spanValues,
  TRACE_INSERT,
  TRACE_METADATA_INSERT,
  TRACE_TAG_INSERT,
  type TraceValues,
} from "./trace-inserts.ts";

/** A trace made ready for {@link writeTraces}, before any transaction. */
export function traceValues(
  context: SqlContext,
  info: TraceInfo,
  spans: readonly Span[],
): TraceValues {
  return {
    info: scrubbedInfo(context, info),
    spans: spans.map((span) => spanValues(context, span)),
    reportsUsage: spans.some((span) => Object.keys(usageOfSpan(span)).length > 0),
  };
}

/** Adds traces and spans that are not there yet; completes traces known to be in progress. */
export async function writeTraces(
  context: SqlContext,
  transaction: Transaction<Schema>,
  traces: readonly TraceValues[],
): Promise<readonly undefined[]> {
  const { engine } = context;
  const ids = await idsOf(context, transaction, traces);
  const added = firstOfEach(traces.filter(({ info }) => !ids.has(info.traceId)));
  if (added.length > 0) {
    await insertInfos(context, transaction, added);
    // Asked for again: another process may have added one of them meanwhile.
    for (const [traceId, id] of await idsOf(context, transaction, added)) ids.set(traceId, id);
  }
  const owned = traces.map((trace) => ({ ...trace, id: ids.get(trace.info.traceId) as number }));
  const spans = owned.flatMap(({ id, spans }) => spans.map((span) => [id, ...span]));
  await insertRows(engine, transaction, SPAN_INSERT, spans);
  const tags = owned.map(({ id, info }) => [id, info.tags ?? {}] as const);
  await insertRows(engine, transaction, TRACE_TAG_INSERT, textRows(tags));
  const metadata = owned.map(({ id, info }) => [id, info.metadata ?? {}] as const);
  await insertRows(engine, transaction, TRACE_METADATA_INSERT, textRows(metadata));
  const isNew = new Set(added.map(({ info }) => info));
  for (const { id, info, reportsUsage } of owned) {
    if (isNew.has(info)) continue;
    const isCompleted = await complete(transaction, id, info);
    if (isCompleted || reportsUsage) await updateUsage(transaction, id, info.traceId);
  }
  return traces.map(() => undefined);
}

function firstOfEach(traces: readonly TraceValues[]): readonly TraceValues[] {
  const first = new Map<string, TraceValues>();
  for (const trace of traces) {
    if (!first.has(trace.info.traceId)) first.set(trace.info.traceId, trace);
  }
  return [...first.values()];
}

/** One row per trace and key, the last one given: a statement must not touch a row twice. */
function textRows(
  owned: readonly (readonly [id: number, texts: { readonly [key: string]: string }])[],
): readonly (readonly [number, string, string])[] {
  const rows = new Map<string, readonly [number, string, string]>();
  for (const [id, texts] of owned) {
    for (const [key, value] of Object.entries(texts)) rows.set(`${id} ${key}`, [id, key, value]);
  }
  return [...rows.values()];
}

async function idsOf(
  { engine }: SqlContext,
  transaction: Transaction<Schema>,
  traces: readonly TraceValues[],
): Promise<Map<string, number>> {
  const names = [...new Set(traces.map(({ info }) => info.traceId))];
  const rows = await transaction
    .selectFrom("traces")
    .select(["id", "trace_id"])
    .where(engine.expressions.isAmong(sql.ref("trace_id"), names))
    .execute();
  return new Map(rows.map((row) => [row.trace_id, row.id]));
}

async function insertInfos(
  context: SqlContext,
  transaction: Transaction<Schema>,
  traces: readonly TraceValues[],
): Promise<void> {
  const { engine } = context;
  const runIds = [...new Set(traces.flatMap(({ info }) => info.runId ?? []))];
  const rows =
    runIds.length === 0
      ? []
      : await transaction
          .selectFrom("runs")
          .select(["id", "run_id"])
          .where(engine.expressions.isAmong(sql.ref("run_id"), runIds))
          .execute();
  const runs = new Map(rows.map((row) => [row.run_id, row.id]));
  const ids = await engine.reserveIds(transaction, "traces", traces.length);
  const values = traces.map(({ info }, at) => {
    const usage = usageColumns(info.usage);
    return [
      ids[at] as number,
      info.traceId,
      Number(info.experimentId),
      runs.get(info.runId ?? "") ?? null,
      info.name,
      info.state,
      info.startTime,
      info.durationMs ?? null,
      info.requestPreview ?? null,
      info.responsePreview ?? null,
      info.clientRequestId ?? null,
      usage.input_tokens,
      usage.output_tokens,
      usage.cost,
    ];
  });
  await insertRows(engine, transaction, TRACE_INSERT, values);
}

/** Tells how a trace ended that was known to be in progress; whether it did now. */
async function complete(
  transaction: Transaction<Schema>,
  id: number,
  info: TraceInfo,
): Promise<boolean> {
  if (info.state === "IN_PROGRESS") return false;
  const { numUpdatedRows } = await transaction
    .updateTable("traces")
    .set({
      state: info.state,
      duration_ms: info.durationMs ?? null,
      request_preview: info.requestPreview ?? null,
      response_preview: info.responsePreview ?? null,
    })
    .where("id", "=", id)
    .where("state", "=", "IN_PROGRESS")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Late spans may hold model calls: what a trace used is then summed again over all its spans. */
async function updateUsage(
  transaction: Transaction<Schema>,
  id: number,
  traceId: string,
): Promise<void> {
  await transaction
    .updateTable("traces")
    .set(usageColumns(usageOfTrace(await spansOf(transaction, traceId))))
    .where("id", "=", id)
    .execute();
}
