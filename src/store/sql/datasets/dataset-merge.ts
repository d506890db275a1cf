import { setImmediate as nextTurn } from "node:timers/promises";
import { type Selectable, sql, type Transaction } from "kysely";
import type { Scrubber } from "../../../core/index.ts";
import type { MergeResult, NewDatasetRecord } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { type BulkInsert, insertRows, type SqlEngine, type SqlValue, textOf } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { lastOrdinal, type VersionDraft } from "./dataset-draft.ts";
import {
  type GivenRecord,
  givenRecord,
  isSameContent,
  mergedContent,
  type RecordContent,
  refused,
} from "./dataset-values.ts";

/** Records per transaction: what SQLite, in which the event loop stands still, writes in some 10 ms. */
const CHUNK = 250;

/** Characters of text behind which a transaction takes no more records. */
const CHUNK_TEXT = 1 << 20;

export type MergeCounts = Pick<MergeResult, "inserted" | "updated" | "unchanged">;

type RecordRow = Selectable<Schema["dataset_records"]>;

/** A record as the draft has it so far. */
interface State {
  readonly inputKey: number;
  readonly content: RecordContent;
  /** Its line in the database; absent for a record that is new. */
  readonly before?: RecordRow;
}

/** Lines of a draft. */
export const LINES: BulkInsert = {
  table: "dataset_records",
  columns: {
    dataset: "integer",
    ordinal: "integer",
    from_version: "integer",
    record_id: "text",
    input_key: "integer",
    row_id: "text",
    inputs: "text",
    expectations: "text",
    outputs: "text",
    context: "text",
    metadata: "text",
    tags: "text",
    source: "text",
    creation_time: "integer",
    last_update_time: "integer",
    created_by: "text",
    last_updated_by: "text",
  },
};

/** Writes the records into a draft, a chunk at a time; neither they nor the dataset are ever all in memory. */
export async function mergeInto(
  draft: VersionDraft,
  { engine, scrubber }: SqlContext,
  records: Iterable<NewDatasetRecord> | AsyncIterable<NewDatasetRecord>,
): Promise<MergeCounts> {
  const total = { inserted: 0, updated: 0, unchanged: 0 };
  let growth = 1_000;
  for await (const given of chunksOf(scrubber, records)) {
    await nextTurn();
    const counts = await draft.change((transaction) =>
      mergeChunk(engine, transaction, draft, given),
    );
    for (const key of ["inserted", "updated", "unchanged"] as const) total[key] += counts[key];
    if (total.inserted + total.updated >= growth) {
      await engine.noteGrowth("dataset_records");
      growth *= 10;
    }
    await nextTurn();
  }
  return total;
}

async function* chunksOf(
  scrubber: Scrubber,
  records: Iterable<NewDatasetRecord> | AsyncIterable<NewDatasetRecord>,
): AsyncGenerator<GivenRecord[]> {
  let chunk: GivenRecord[] = [];
  let text = 0;
  let number = 0;
  for await (const record of records) {
    number += 1;
    const given = givenRecord(scrubber, record, number);
    chunk.push(given);
    text += given.inputs.length + textOf(Object.values(given.given).map((value) => value ?? null));
    if (chunk.length < CHUNK && text < CHUNK_TEXT) continue;
    yield chunk;
    chunk = [];
    text = 0;
  }
  if (chunk.length > 0) yield chunk;
}

async function mergeChunk(
  engine: SqlEngine,
  transaction: Transaction<Schema>,
  draft: VersionDraft,
  given: readonly GivenRecord[],
): Promise<MergeCounts> {
  const states = await currentStates(engine, transaction, draft, given);
  const owners = await idOwners(engine, transaction, draft, given, states);
  const counts = { inserted: 0, updated: 0, unchanged: 0 };
  for (const record of given) {
    const { inputs, inputKey } = record;
    const known = states.get(inputs);
    const content = mergedContent(known?.content, record);
    claimId(owners, record, known?.content.row_id ?? null, content.row_id);
    if (known === undefined) counts.inserted += 1;
    else counts[isSameContent(known.content, content) ? "unchanged" : "updated"] += 1;
    states.set(inputs, { ...known, inputKey, content });
  }
  await writeStates(engine, transaction, draft, states);
  return counts;
}

/** Records as the draft has them, by their inputs: those of the given ones, and any that share a key with one. */
async function currentStates(
  { expressions }: SqlEngine,
  transaction: Transaction<Schema>,
  { dataset }: VersionDraft,
  given: readonly GivenRecord[],
): Promise<Map<string, State>> {
  const keys = given.map((record) => record.inputKey);
  const rows = await transaction
    .selectFrom("dataset_records")
    .selectAll()
    .where("dataset", "=", dataset)
    .where("until_version", "is", null)
    .where(expressions.isAmong(sql.ref("input_key"), keys))
    .execute();
  return new Map(
    rows.map((row) => [row.inputs, { inputKey: row.input_key, before: row, content: row }]),
  );
}

/** Which record, by its inputs, has which of the ids that matter here. */
async function idOwners(
  { expressions }: SqlEngine,
  transaction: Transaction<Schema>,
  { dataset }: VersionDraft,
  given: readonly GivenRecord[],
  states: ReadonlyMap<string, State>,
): Promise<Map<string, string>> {
  const ids = given.flatMap((record) => record.given.row_id ?? []);
  const rows =
    ids.length === 0
      ? []
      : await transaction
          .selectFrom("dataset_records")
          .select(["row_id", "inputs"])
          .where("dataset", "=", dataset)
          .where("until_version", "is", null)
          .where(expressions.isAmong(sql.ref("row_id"), ids))
          .execute();
  const owners = new Map<string, string>();
  for (const { row_id, inputs } of rows) if (row_id !== null) owners.set(row_id, inputs);
  for (const [inputs, { content }] of states)
    if (content.row_id !== null) owners.set(content.row_id, inputs);
  return owners;
}

/** @throws {AssayError} `invalid-argument` when a record with other inputs has the id. */
function claimId(
  owners: Map<string, string>,
  { number, inputs }: GivenRecord,
  before: string | null,
  after: string | null,
): void {
  if (before !== null && before !== after) owners.delete(before);
  if (after === null) return;
  const owner = owners.get(after);
  if (owner !== undefined && owner !== inputs) {
    throw refused(
      number,
      `a record with other inputs has the id "${after}" already. Delete that record first, or give this one another id`,
    );
  }
  owners.set(after, inputs);
}

async function writeStates(
  engine: SqlEngine,
  transaction: Transaction<Schema>,
  draft: VersionDraft,
  states: ReadonlyMap<string, State>,
): Promise<void> {
  const changed = [...states].filter(
    ([, { before, content }]) => before === undefined || !isSameContent(before, content),
  );
  const replaced = changed.flatMap(([, { before }]) => before ?? []);
  // A line of this draft is in no version yet: it is replaced as if it had never been.
  const isOwn = (row: RecordRow) => row.from_version === draft.version;
  await deleteLines(engine, transaction, replaced.filter(isOwn));
  const closed = replaced.filter((row) => !isOwn(row));
  await closeLines(engine, transaction, draft.version, closed);
  let ordinal = await lastOrdinal(transaction, draft.dataset);
  const lines = changed.map(([inputs, state]) => {
    if (state.before === undefined) ordinal += 1;
    return lineOf(draft, inputs, state, ordinal);
  });
  await insertRows(engine, transaction, LINES, lines);
}

/** In the order of {@link LINES}. */
function lineOf(
  draft: VersionDraft,
  inputs: string,
  { inputKey, before, content }: State,
  ordinal: number,
): readonly SqlValue[] {
  const { dataset, version, time, user } = draft;
  return [
    dataset,
    before?.ordinal ?? ordinal,
    version,
    before?.record_id ?? draft.newRecordId(ordinal),
    inputKey,
    content.row_id,
    inputs,
    content.expectations,
    content.outputs,
    content.context,
    content.metadata,
    content.tags,
    content.source,
    before?.creation_time ?? time,
    time,
    before === undefined ? user : before.created_by,
    user,
  ];
}

async function deleteLines(
  { expressions }: SqlEngine,
  transaction: Transaction<Schema>,
  rows: readonly RecordRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map((row) => row.id);
  await transaction
    .deleteFrom("dataset_records")
    .where(expressions.isAmong(sql.ref("id"), ids))
    .execute();
}

/** Lets lines end before a version. */
export async function closeLines(
  { expressions }: SqlEngine,
  transaction: Transaction<Schema>,
  version: number,
  rows: readonly Pick<RecordRow, "id">[],
): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map((row) => row.id);
  await transaction
    .updateTable("dataset_records")
    .set({ until_version: version })
    .where(expressions.isAmong(sql.ref("id"), ids))
    .execute();
}
