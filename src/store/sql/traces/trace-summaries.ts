import { sql } from "kysely";
import { addUsage, type TraceGroup, type Usage } from "../../../core/index.ts";
import { ATTRIBUTES } from "../../../otlp/index.ts";
import type { TraceSearchQuery, TraceSummary } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import type { SqlEngine } from "../engine.ts";
import { searchPage } from "../search/index.ts";
import { toUsage } from "../usage-columns.ts";

/** Traces read at a time. */
const PAGE = 500;

interface Counted {
  count: number;
  errors: number;
  readonly durations: number[];
  usage: Usage;
}

/** Reads the traces that match page by page, so that neither memory nor event loop is held for long. */
export async function summarizeTraces(
  { engine }: SqlContext,
  { by, ...query }: TraceSearchQuery & { readonly by: TraceGroup },
): Promise<TraceSummary[]> {
  const groups = new Map<string, Counted>();
  let pageToken: string | undefined;
  do {
    const page = { ...query, maxResults: PAGE, ...(pageToken !== undefined && { pageToken }) };
    const { ids, nextPageToken } = await searchPage(engine, "traces", page);
    const models = by === "model" ? await modelsOf(engine, ids) : undefined;
    for (const row of await columnsOf(engine, ids)) {
      for (const group of groupsOf(row, by, models)) add(groups, group, row);
    }
    pageToken = nextPageToken;
  } while (pageToken !== undefined);
  const found = [...groups].map(([group, counted]) => summaryOf(group, counted));
  const byGroup = (a: TraceSummary, b: TraceSummary) => (a.group < b.group ? -1 : 1);
  return found.sort((a, b) => (by === "day" ? byGroup(a, b) : b.count - a.count || byGroup(a, b)));
}

function columnsOf({ reads, expressions }: SqlEngine, ids: readonly number[]) {
  return reads
    .selectFrom("traces")
    .select(["id", "name", "state", "start_time", "duration_ms"])
    .select(["input_tokens", "output_tokens", "cost"])
    .where(expressions.isAmong(sql.ref("id"), ids))
    .execute();
}

type Row = Awaited<ReturnType<typeof columnsOf>>[number];

/** The models that answered in each trace, else those that were asked for. */
async function modelsOf(
  { reads, expressions }: SqlEngine,
  ids: readonly number[],
): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const member = (key: string) => expressions.jsonMember(sql.ref("attributes"), key);
  const { rows } = await sql<{ trace: number; model: string | null }>`
    select distinct trace, coalesce(${member(ATTRIBUTES.responseModel)},
      ${member(ATTRIBUTES.requestModel)}) as model
    from spans where ${expressions.isAmong(sql.ref("trace"), ids)}`.execute(reads);
  const models = new Map<number, Set<string>>();
  for (const { trace, model } of rows) {
    if (model === null) continue;
    models.set(trace, (models.get(trace) ?? new Set()).add(model));
  }
  return models;
}

function groupsOf(
  row: Row,
  by: TraceGroup,
  models: ReadonlyMap<number, ReadonlySet<string>> | undefined,
): Iterable<string> {
  if (by === "model") return models?.get(row.id) ?? [];
  if (by === "day") return [new Date(row.start_time).toISOString().slice(0, 10)];
  return [by === "name" ? row.name : row.state];
}

function add(groups: Map<string, Counted>, group: string, row: Row): void {
  const counted = groups.get(group) ?? { count: 0, errors: 0, durations: [], usage: {} };
  groups.set(group, counted);
  counted.count += 1;
  if (row.state === "ERROR") counted.errors += 1;
  if (row.duration_ms !== null) counted.durations.push(row.duration_ms);
  counted.usage = addUsage(counted.usage, toUsage(row));
}

function summaryOf(group: string, { count, errors, durations, usage }: Counted): TraceSummary {
  const sorted = Float64Array.from(durations).sort();
  const at = (share: number) => quantile(sorted, share);
  return {
    group,
    count,
    errors,
    ...(sorted.length > 0 && { durationMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99) } }),
    usage,
  };
}

/** numpy's `linear` method. */
function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}
