import type { DatasetStore } from "../store/ports/index.ts";
import type { ReadOptions } from "./look-ahead.ts";
import { openRaw, type RawData } from "./raw-data.ts";
import { type DatasetReference, referenceOf } from "./registered-reference.ts";
import { registeredSource } from "./registered-source.ts";
import { openRows, type RowSource } from "./row-source.ts";
import { isTraceData, type StoredTraces, type TraceData, traceRows } from "./trace-rows.ts";

/** What `evaluate` accepts as data: rows, a file, anything that yields rows, a registered dataset, or stored traces. */
export type Data = RawData | DatasetReference | TraceData;

export interface SourceOptions extends ReadOptions {
  /** Folder that a relative path starts from; default the working folder. */
  readonly baseDir?: string;
  /** Where registered datasets are; asked only when the data is one. */
  readonly datasets?: () => Promise<DatasetStore>;
  /** Where traces are; asked only when the data is traces. */
  readonly traces?: () => Promise<StoredTraces>;
}

/**
 * @throws {AssayError} `invalid-argument` for a file that is missing or of an unknown kind, and for options
 *   out of their range; `not-found` for a registered dataset, version or experiment that is not there.
 */
export async function openSource(data: Data, options: SourceOptions = {}): Promise<RowSource> {
  const reference = referenceOf(data);
  if (reference !== undefined) return registeredSource(reference, options);
  if (isTraceData(data)) return openRows(await traceRows(data, options.traces), options);
  return openRows(await openRaw(data as RawData, options.baseDir), options);
}
