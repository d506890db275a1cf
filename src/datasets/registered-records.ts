import { AssayError, isPlainObject, type JsonObject, withoutAbsent } from "../core/index.ts";
import type { DatasetRecord, DatasetStore, NewDatasetRecord } from "../store/ports/index.ts";
import { type ColumnOptions, RowNormalizer } from "./normalize-row.ts";
import { openRaw, type RawData } from "./raw-data.ts";
import { type RawRow, whereOf } from "./raw-row.ts";
import {
  type DatasetReference,
  findDataset,
  isReference,
  referenceOf,
} from "./registered-reference.ts";
import { ownId } from "./row-keys.ts";

export interface RecordOptions extends ColumnOptions {
  /** Folder that a relative path starts from; default the working folder. */
  readonly baseDir?: string;
}

/**
 * Rows as records to merge. In a row, null is as good as nothing: it takes no member away.
 *
 * @throws {AssayError} `invalid-argument` for data that cannot be read, or a row with a column that a
 *   record has no place for.
 */
export async function* recordsOf(
  data: RawData | DatasetReference,
  store: DatasetStore,
  options: RecordOptions,
): AsyncGenerator<NewDatasetRecord> {
  const records = await registeredRecords(data, store);
  if (records !== undefined) {
    for await (const record of records) yield copyOf(record);
    return;
  }
  const { read } = await openRaw(data as RawData, options.baseDir);
  const normalizer = new RowNormalizer(options);
  for await (const portion of read()) {
    for (const raw of portion) yield toRecord(raw, normalizer);
  }
}

/** The records of another dataset: of the store it came from, or, by its name, of this one. */
async function registeredRecords(
  data: RawData | DatasetReference,
  store: DatasetStore,
): Promise<AsyncIterable<DatasetRecord> | undefined> {
  if (isReference(data)) return data.records();
  const reference = referenceOf(data);
  if (reference === undefined) return undefined;
  const { datasetId } = await findDataset(store, reference);
  const { version } = reference;
  return store.records(datasetId, version === undefined ? {} : { version });
}

function copyOf(record: DatasetRecord): NewDatasetRecord {
  const { id, inputs, expectations, outputs, context, metadata, tags, source } = record;
  const members = { id, inputs, expectations, outputs, context, metadata, tags, source };
  return withoutAbsent<NewDatasetRecord>(members);
}

function toRecord(raw: RawRow, normalizer: RowNormalizer): NewDatasetRecord {
  const { columns = {}, context, ...row } = normalizer.content(raw);
  const { source, ...others } = columns;
  const left = Object.keys(isPlainObject(source) ? others : columns);
  if (left.length > 0) {
    throw new AssayError(
      "invalid-argument",
      `${whereOf(raw)}: a registered dataset has no place for ${left.join(", ")} beside inputs. Put it into inputs or metadata`,
    );
  }
  return withoutAbsent<NewDatasetRecord>({
    ...row,
    id: ownId(raw),
    context: context ?? undefined,
    source: source as JsonObject | undefined,
  });
}
