import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Selectable } from "kysely";
import { AssayError, type JsonObject, type JsonValue, withoutAbsent } from "../../../core/index.ts";
import type { DatasetRecord, DatasetVersion, Page, RecordQuery } from "../../ports/index.ts";
import type { SqlEngine } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { datasetRow, versionRow } from "./dataset-rows.ts";

type RecordRow = Selectable<Schema["dataset_records"]>;

const PAGE_SIZE = 500;
const DEFAULT_RESULTS = 1000;
const MOST_RESULTS = 50_000;

/** A version of a dataset by its number in the database, and the records behind an ordinal. */
interface PageQuery {
  readonly dataset: number;
  readonly version: number;
  readonly after: number;
  readonly limit: number;
}

/** The records of a version, a page at a time. */
export async function* recordPages(
  engine: SqlEngine,
  datasetId: string,
  query: RecordQuery,
): AsyncGenerator<DatasetRecord> {
  const dataset = await datasetRow(engine.reads, datasetId);
  const version = query.version ?? dataset.latest_version;
  if (version === 0 && dataset.latest_version === 0) return;
  const { row_count: expected } = await versionRow(engine, dataset, version);
  let count = 0;
  for await (const rows of pagesOf(engine, dataset.id, version)) {
    count += rows.length;
    for (const row of rows) yield toRecord(row);
  }
  if (count === expected) return;
  throw new AssayError("conflict", `The dataset "${dataset.name}" was deleted while it was read`);
}

export async function recordPage(
  engine: SqlEngine,
  datasetId: string,
  query: RecordQuery & { readonly maxResults?: number; readonly pageToken?: string },
): Promise<Page<DatasetRecord>> {
  const limit = query.maxResults ?? DEFAULT_RESULTS;
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_RESULTS) {
    throw new AssayError(
      "invalid-argument",
      `Expected maxResults to be an integer from 1 to ${MOST_RESULTS}, got ${limit}`,
    );
  }
  const dataset = await datasetRow(engine.reads, datasetId);
  const start = startOf(query, dataset.latest_version);
  if (start.version === 0 && dataset.latest_version === 0) return { items: [] };
  await versionRow(engine, dataset, start.version);
  const rows = await readPage(engine, { dataset: dataset.id, ...start, limit: limit + 1 });
  const items = rows.slice(0, limit);
  const last = items.at(-1)?.ordinal;
  return {
    items: items.map(toRecord),
    ...(rows.length > limit && { nextPageToken: token(start.version, last ?? 0) }),
  };
}

/**
 * Digest and row count of a version, published or not, from a pass over all its rows: texts are put
 * together as they are stored, nothing is parsed.
 */
export async function contentOf(
  engine: SqlEngine,
  dataset: number,
  version: number,
): Promise<Pick<DatasetVersion, "digest" | "rowCount">> {
  const hash = createHash("sha256");
  let rowCount = 0;
  let separator = "[";
  for await (const rows of pagesOf(engine, dataset, version)) {
    for (const row of rows) {
      hash.update(separator + rowText(row), "utf8");
      separator = ",";
    }
    rowCount += rows.length;
  }
  hash.update(rowCount === 0 ? "[]" : "]");
  return { digest: hash.digest("hex"), rowCount };
}

async function* pagesOf(
  engine: SqlEngine,
  dataset: number,
  version: number,
): AsyncGenerator<readonly RecordRow[]> {
  for (let after = -1; ; ) {
    const rows = await readPage(engine, { dataset, version, after, limit: PAGE_SIZE });
    yield rows;
    const last = rows.at(-1);
    if (rows.length < PAGE_SIZE || last === undefined) return;
    after = last.ordinal;
    // SQLite answers without giving the event loop a turn.
    await nextTurn();
  }
}

async function readPage(
  engine: SqlEngine,
  { dataset, version, after, limit }: PageQuery,
): Promise<RecordRow[]> {
  return engine.reads
    .selectFrom("dataset_records")
    .selectAll()
    .where("dataset", "=", dataset)
    .where("ordinal", ">", after)
    .where("from_version", "<=", version)
    .where(({ or, eb }) => or([eb("until_version", "is", null), eb("until_version", ">", version)]))
    .orderBy("ordinal")
    .limit(limit)
    .execute();
}

/** The canonical JSON of a row, as {@link DatasetVersion.digest} defines it; its members in order of their names. */
function rowText(row: RecordRow): string {
  const members = [
    row.context === null ? "" : `"context":${row.context}`,
    `"expectations":${row.expectations}`,
    row.row_id === null ? "" : `"id":${JSON.stringify(row.row_id)}`,
    `"inputs":${row.inputs}`,
    row.metadata === null ? "" : `"metadata":${row.metadata}`,
    row.outputs === null ? "" : `"outputs":${row.outputs}`,
    row.tags === "{}" ? "" : `"tags":${row.tags}`,
  ];
  return `{${members.filter((member) => member !== "").join()}}`;
}

function toRecord(row: RecordRow): DatasetRecord {
  const json = <T extends JsonValue>(text: string | null) =>
    text === null ? undefined : (JSON.parse(text) as T);
  return withoutAbsent<DatasetRecord>({
    recordId: row.record_id,
    id: row.row_id ?? undefined,
    inputs: JSON.parse(row.inputs) as JsonObject,
    expectations: JSON.parse(row.expectations) as JsonObject,
    outputs: json(row.outputs),
    context: json(row.context),
    metadata: json<JsonObject>(row.metadata),
    tags: JSON.parse(row.tags) as JsonObject,
    source: json<JsonObject>(row.source),
    createdTime: row.creation_time,
    lastUpdateTime: row.last_update_time,
    createdBy: row.created_by ?? undefined,
    lastUpdatedBy: row.last_updated_by ?? undefined,
  });
}

function token(version: number, ordinal: number): string {
  return Buffer.from(`${version}:${ordinal}`, "utf8").toString("base64url");
}

function startOf(
  { version, pageToken }: { readonly version?: number; readonly pageToken?: string },
  latest: number,
): { readonly version: number; readonly after: number } {
  if (pageToken === undefined) return { version: version ?? latest, after: -1 };
  const text = Buffer.from(pageToken, "base64url").toString("utf8");
  const [, pinned, after] = /^(\d{1,15}):(\d{1,15})$/.exec(text) ?? [];
  if (pinned === undefined || (version !== undefined && version !== Number(pinned))) {
    throw new AssayError(
      "invalid-argument",
      "Expected the page token that the previous page of this version came with, found another text. Pass it on unchanged, or leave it out to start with the first page.",
    );
  }
  return { version: Number(pinned), after: Number(after) };
}
