import { setImmediate } from "node:timers/promises";
import { type Selectable, sql } from "kysely";
import {
  AssayError,
  isPlainObject,
  type JsonObject,
  type JsonValue,
  type ResultRow,
  type Score,
} from "../../../core/index.ts";
import type { ResultQuery } from "../../ports/index.ts";
import type { SqlEngine } from "../engine.ts";
import { byOwner } from "../keyed-texts.ts";
import type { Schema } from "../schema.ts";
import { toUsage } from "../usage-columns.ts";
import { fromColumns } from "./score-columns.ts";

const PAGE_SIZE = 500;

/** Rows that are looked up by their place in one statement; each may have many trials. */
const ROWS_AT_ONCE = 100;

/** The results of a run with their verdicts, a page at a time. */
export async function* resultPages(
  engine: SqlEngine,
  runId: string,
  query: ResultQuery,
): AsyncGenerator<ResultRow> {
  const { ordinals, worst } = query;
  const pages =
    worst !== undefined
      ? pagesWorstFirst(engine, runId, query, worst)
      : ordinals !== undefined
        ? pagesOfRows(engine, runId, query, ordinals)
        : pagesInRowOrder(engine, runId, query);
  for await (const rows of pages) yield* await resultsWithVerdicts(engine, rows, query.parts);
}

export async function resultsWithVerdicts(
  engine: SqlEngine,
  rows: readonly Selectable<Schema["results"]>[],
  withParts = false,
): Promise<ResultRow[]> {
  const ids = rows.map((row) => row.id);
  const verdicts = await verdictsOf(engine, ids);
  const parts = withParts ? await partsOf(engine, ids) : undefined;
  return rows.map((row) => ({
    ...toResultRow(row, verdicts.get(row.id) ?? {}),
    ...(parts !== undefined && { parts: parts.get(row.id) ?? {} }),
  }));
}

type Results = readonly Selectable<Schema["results"]>[];

async function* pagesInRowOrder(
  engine: SqlEngine,
  runId: string,
  query: ResultQuery,
): AsyncGenerator<Results> {
  let last: Results[number] | undefined;
  for (let left = query.limit ?? Number.POSITIVE_INFINITY; left > 0; ) {
    const size = Math.min(PAGE_SIZE, left);
    let page = matching(engine, runId, query).selectAll("results");
    // Continuing behind the last row stays fast on the last of a million rows, where OFFSET does not.
    if (last !== undefined) {
      const { ordinal, trial } = last;
      page = page.where(sql<boolean>`(results.ordinal, results.trial) > (${ordinal}, ${trial})`);
    }
    const rows = await page
      .orderBy("results.ordinal")
      .orderBy("results.trial")
      .limit(size)
      .execute();
    yield rows;
    if (rows.length < size) return;
    // SQLite answers at once: a long run would keep the event loop from everything else.
    await setImmediate();
    last = rows.at(-1);
    left -= size;
  }
}

/** The results of some rows, with all their trials. */
async function* pagesOfRows(
  engine: SqlEngine,
  runId: string,
  query: ResultQuery,
  ordinals: readonly number[],
): AsyncGenerator<Results> {
  let left = query.limit ?? Number.POSITIVE_INFINITY;
  for (let start = 0; start < ordinals.length && left > 0; start += ROWS_AT_ONCE) {
    const some = ordinals.slice(start, start + ROWS_AT_ONCE);
    const found = await matching(engine, runId, query)
      .selectAll("results")
      .where("results.ordinal", "in", some)
      .execute();
    const place = new Map(some.map((ordinal, index) => [ordinal, index]));
    const rows = found.sort(
      (a, b) => (place.get(a.ordinal) ?? 0) - (place.get(b.ordinal) ?? 0) || a.trial - b.trial,
    );
    for (let from = 0; from < rows.length && left > 0; from += PAGE_SIZE) {
      const page = rows.slice(from, from + Math.min(PAGE_SIZE, left));
      yield page;
      left -= page.length;
    }
  }
}

/** Sorts ids once and then reads the rows behind them page by page. */
async function* pagesWorstFirst(
  engine: SqlEngine,
  runId: string,
  query: ResultQuery,
  worst: string,
): AsyncGenerator<Results> {
  const scorer = await scorerOf(engine, runId, worst);
  const value = sql`(select value from scores where result_id = results.id and scorer_id = ${scorer.id} and part = 0)`;
  const sorted = await matching(engine, runId, query)
    .select("results.id")
    .orderBy(sql`${value} is null`)
    .orderBy(value, scorer.greaterIsBetter ? "asc" : "desc")
    .orderBy("results.ordinal")
    .orderBy("results.trial")
    .$if(query.limit !== undefined, (results) => results.limit(query.limit as number))
    .execute();
  for (let start = 0; start < sorted.length; start += PAGE_SIZE) {
    const ids = sorted.slice(start, start + PAGE_SIZE).map((row) => row.id);
    const rows = await engine.reads
      .selectFrom("results")
      .selectAll()
      .where("id", "in", ids)
      .execute();
    yield rows.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  }
}

function matching(engine: SqlEngine, runId: string, query: ResultQuery) {
  const results = engine.reads
    .selectFrom("results")
    .innerJoin("runs", "runs.id", "results.run")
    .where("runs.run_id", "=", runId);
  if (query.failed !== true) return results;
  return results.where(({ eb, or, exists, selectFrom }) =>
    or([
      eb("results.error", "is not", null),
      exists(
        selectFrom("scores")
          .select("scores.result_id")
          .whereRef("scores.result_id", "=", "results.id")
          .where("scores.part", "=", 0)
          .where("scores.kind", "=", "u")
          .where("scores.reason", "!=", "not-applicable"),
      ),
    ]),
  );
}

/** A scorer of the run by its key (`relevance/v1`) or its name alone. */
async function scorerOf(engine: SqlEngine, runId: string, wanted: string) {
  const scorers = await engine.reads
    .selectFrom("scorers")
    .innerJoin("runs", "runs.id", "scorers.run")
    .select(["scorers.id", "key", "greater_is_better"])
    .where("runs.run_id", "=", runId)
    .execute();
  const found =
    scorers.find(({ key }) => key === wanted) ??
    scorers.find(({ key }) => key.split("/")[0] === wanted);
  if (found === undefined) {
    const known = scorers.map(({ key }) => key).join(", ") || "none";
    throw new AssayError(
      "not-found",
      `Run ${runId} has no scorer "${wanted}". Its scorers: ${known}`,
    );
  }
  return { id: found.id, greaterIsBetter: found.greater_is_better === 1 };
}

async function verdictsOf(
  engine: SqlEngine,
  resultIds: readonly number[],
): Promise<ReadonlyMap<number, { readonly [scorer: string]: Score }>> {
  if (resultIds.length === 0) return new Map();
  const rows = await scoresOf(engine, resultIds).where("part", "=", 0).execute();
  const keys = await keysOf(engine, new Set(rows.map((row) => row.scorer_id)));
  rows.sort((a, b) => a.scorer_id - b.scorer_id);
  return byOwner(
    rows.map((row) => ({
      owner: row.result_id,
      key: keys.get(row.scorer_id) as string,
      value: fromColumns(row),
    })),
  );
}

/** Scores beside the verdict, in the order in which the scorer gave them. */
async function partsOf(
  engine: SqlEngine,
  resultIds: readonly number[],
): Promise<ReadonlyMap<number, { readonly [scorer: string]: readonly Score[] }>> {
  if (resultIds.length === 0) return new Map();
  const rows = await scoresOf(engine, resultIds)
    .where("part", ">", 0)
    .orderBy("result_id")
    .orderBy("scorer_id")
    .orderBy("part")
    .execute();
  const keys = await keysOf(engine, new Set(rows.map((row) => row.scorer_id)));
  const groups = Map.groupBy(rows, (row) => `${row.result_id} ${row.scorer_id}`);
  return byOwner(
    [...groups.values()].flatMap((group) =>
      group.slice(0, 1).map((first) => ({
        owner: first.result_id,
        key: keys.get(first.scorer_id) as string,
        value: group.map(fromColumns),
      })),
    ),
  );
}

function scoresOf(engine: SqlEngine, resultIds: readonly number[]) {
  return engine.reads
    .selectFrom("scores")
    .select(["result_id", "scorer_id", "kind", "value", "label", "reason", "note", "part_name"])
    .where("result_id", "in", resultIds);
}

/** Once a page: joined to every score, they would be as many texts. */
async function keysOf(
  engine: SqlEngine,
  scorerIds: ReadonlySet<number>,
): Promise<ReadonlyMap<number, string>> {
  if (scorerIds.size === 0) return new Map();
  const rows = await engine.reads
    .selectFrom("scorers")
    .select(["id", "key"])
    .where("id", "in", [...scorerIds])
    .execute();
  return new Map(rows.map(({ id, key }) => [id, key]));
}

function toResultRow(
  row: Selectable<Schema["results"]>,
  scores: { readonly [scorer: string]: Score },
): ResultRow {
  const usage = toUsage(row);
  return {
    rowKey: row.row_key,
    ordinal: row.ordinal,
    trial: row.trial,
    inputs: objectIn(row.inputs),
    ...(row.outputs !== null && { outputs: JSON.parse(row.outputs) as JsonValue }),
    ...(row.error !== null && { error: row.error }),
    expectations: objectIn(row.expectations),
    scores,
    ...(row.latency_ms !== null && { latencyMs: row.latency_ms }),
    ...(Object.keys(usage).length > 0 && { usage }),
    ...(row.trace_id !== null && { traceId: row.trace_id }),
    ...fieldsOf(row),
  };
}

function fieldsOf({ metadata, tags, other_columns: columns }: Selectable<Schema["results"]>) {
  return {
    ...(metadata !== null && { metadata: objectIn(metadata) }),
    ...(tags !== null && { tags: objectIn(tags) }),
    ...(columns !== null && { columns: objectIn(columns) }),
  };
}

/** A mask may have left something else of an object: it is wrapped, as inputs that are no object are. */
function objectIn(json: string): JsonObject {
  const value = JSON.parse(json) as JsonValue;
  return isPlainObject(value) ? value : { input: value };
}
