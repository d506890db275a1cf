import { sql, type Transaction } from "kysely";
import { AssayError, type Span, type TraceInfo } from "../../../core/index.ts";
import { usageOfSpan, usageOfTrace } from "../../../otlp/index.ts";
import type { SqlContext } from "../context.ts";
import { insertRows } from "../engine.ts";
import { experimentNumbers } from "../experiments/experiment-numbers.ts";
import { TRACE_METADATA, TRACE_TAGS } from "../keyed-texts.ts";
import type { Schema } from "../schema.ts";
import { usageColumns } from "../usage-columns.ts";
import { usageSpansOf } from "./span-rows.ts";
import {
  SPAN_INSERT,
  type SpanValues,
  scrubbedInfo,
  spanValues,
  TRACE_INSERT,
  type TraceValues,
} from "./trace-inserts.ts";
import { infoWithinLimits, spanWithinLimits } from "./trace-limits.ts";

/** For so long spans are made ready before the event loop gets its turn, in milliseconds. */
const SLICE_MS = 5;

/** Spans whose payloads are made ready together. */
const SPANS_AT_ONCE = 32;

/**
 * A trace made ready for {@link writeTraces}, before any transaction.
 *
 * @throws {AssayError} `not-found` for an experiment id that can be none.
 */
export async function traceValues(
  context: SqlContext,
  info: TraceInfo,
  spans: readonly Span[],
): Promise<TraceValues> {
  if (experimentNumbers([info.experimentId]).length === 0) {
    throw new AssayError("not-found", `No Experiment with id=${info.experimentId} exists`);
  }
  const values: SpanValues[] = [];
  let turn = performance.now();
  const pause = async () => {
    if (performance.now() - turn < SLICE_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    turn = performance.now();
  };
  for (let start = 0; start < spans.length; start += SPANS_AT_ONCE) {
    const some = spans.slice(start, start + SPANS_AT_ONCE).map(spanWithinLimits);
    values.push(...(await spanValues(context, some, pause)));
    await pause();
  }
  return {
    info: infoWithinLimits(scrubbedInfo(context, info, spans, values)),
    spans: values,
    rootIds: spans.filter((span) => span.parentSpanId === undefined).map((span) => span.spanId),
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
  const firsts = firstOfEach(traces);
  const reserved = await insertInfos(context, transaction, firsts);
  // Only where a trace was there already does the database have to be asked for its id.
  const isOneNew = reserved.addedCount === firsts.length;
  const ids = isOneNew ? reserved.ids : await idsOf(context, transaction, traces);
  const isAdded = ({ traceId }: TraceInfo) => ids.get(traceId) === reserved.ids.get(traceId);
  const added = new Set(firsts.map(({ info }) => info).filter(isAdded));
  const owned = traces.map((trace) => ({ ...trace, id: ids.get(trace.info.traceId) as number }));
  const spans = owned.flatMap(({ id, spans }) => spans.map((span) => [id, ...span]));
  await insertRows(engine, transaction, SPAN_INSERT, spans);
  const tags = owned.map(({ id, info }) => [id, info.tags ?? {}] as const);
  await insertRows(engine, transaction, TRACE_TAGS.put, textRows(tags));
  const metadata = owned.map(({ id, info }) => [id, info.metadata ?? {}] as const);
  await insertRows(engine, transaction, TRACE_METADATA.put, textRows(metadata));
  const grown = new Set<number>();
  for (const trace of owned) {
    const { id, info, reportsUsage } = trace;
    if (added.has(info)) continue;
    const isCompleted = await complete(context, transaction, id, trace);
    if (isCompleted || reportsUsage) grown.add(id);
  }
  for (const id of grown) await updateUsage(transaction, id);
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
  // In one order, so that writers in several processes cannot wait for each other in a circle.
  return [...rows.values()].sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1));
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

/** Ids that traces have from now on, by public id, and how many were not there before. */
interface Inserted {
  readonly ids: ReadonlyMap<string, number>;
  readonly addedCount: number;
}

/** Inserts what is not there yet. */
async function insertInfos(
  context: SqlContext,
  transaction: Transaction<Schema>,
  traces: readonly TraceValues[],
): Promise<Inserted> {
  const { engine } = context;
  const runs = await runNumbers(context, transaction, traces);
  const ids = await engine.reserveIds(transaction, "traces", traces.length);
  const rows = traces.map(({ info }, at) => {
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
  return {
    ids: new Map(traces.map(({ info }, at) => [info.traceId, ids[at] as number])),
    addedCount: await insertRows(engine, transaction, TRACE_INSERT, rows),
  };
}

async function runNumbers(
  { engine }: SqlContext,
  transaction: Transaction<Schema>,
  traces: readonly TraceValues[],
): Promise<ReadonlyMap<string, number>> {
  const runIds = [...new Set(traces.flatMap(({ info }) => info.runId ?? []))];
  if (runIds.length === 0) return new Map();
  const rows = await transaction
    .selectFrom("runs")
    .select(["id", "run_id"])
    .where(engine.expressions.isAmong(sql.ref("run_id"), runIds))
    .execute();
  return new Map(rows.map((row) => [row.run_id, row.id]));
}

/**
 * What a later part tells of a trace that is there; whether it is complete only now. The part with the
 * span that nothing is around knows how the trace went, whatever parts came before it: of a trace that
 * several services share, theirs end first.
 */
async function complete(
  { engine }: SqlContext,
  transaction: Transaction<Schema>,
  id: number,
  { info, rootIds }: TraceValues,
): Promise<boolean> {
  const { clientRequestId, requestPreview, responsePreview } = info;
  if (clientRequestId !== undefined) {
    await transaction
      .updateTable("traces")
      .set({ client_request_id: clientRequestId })
      .where("id", "=", id)
      .execute();
  }
  if (info.state === "IN_PROGRESS") return false;
  const outcome = {
    state: info.state,
    duration_ms: info.durationMs ?? null,
    request_preview: requestPreview ?? null,
    response_preview: responsePreview ?? null,
  };
  const whole = { ...outcome, name: info.name, start_time: info.startTime };
  const hasOtherRoot = sql<boolean>`exists (select 1 from spans where trace = ${id}
    and parent_span_id is null and not ${engine.expressions.isAmong(sql.ref("span_id"), rootIds)})`;
  const isNew = sql<boolean>`(state = 'IN_PROGRESS' or not ${hasOtherRoot})`;
  const { numUpdatedRows } = await transaction
    .updateTable("traces")
    .set(rootIds.length > 0 ? whole : outcome)
    .where("id", "=", id)
    .where(rootIds.length > 0 ? isNew : sql<boolean>`state = 'IN_PROGRESS'`)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Late spans may hold model calls: what a trace used is then summed again over all its spans. */
async function updateUsage(transaction: Transaction<Schema>, id: number): Promise<void> {
  const spans = await usageSpansOf(transaction, id);
  await transaction
    .updateTable("traces")
    .set(usageColumns(usageOfTrace(spans)))
    .where("id", "=", id)
    .execute();
}
