import type { DatasetStore } from "../store/ports/index.ts";
import type { ColumnOptions } from "./normalize-row.ts";
import { openRaw, type RawData } from "./raw-data.ts";
import { type DatasetReference, referenceOf } from "./registered-reference.ts";
import { registeredSource } from "./registered-source.ts";
import { onceOnly, type RowSource, repeatable } from "./row-source.ts";

/** What `evaluate` accepts as data: rows, a file, anything that yields rows, or a registered dataset. */
export type Data = RawData | DatasetReference;

export interface SourceOptions extends ColumnOptions {
  /** Folder that a relative path starts from; default the working folder. */
  readonly baseDir?: string;
  /** Where registered datasets are; asked only when the data is one. */
  readonly datasets?: () => Promise<DatasetStore>;
}

/**
 * @throws {AssayError} `invalid-argument` for a file that is missing or of an unknown kind, `not-found`
 *   for a registered dataset or version that is not there.
 */
export async function openSource(data: Data, options: SourceOptions = {}): Promise<RowSource> {
  const reference = referenceOf(data);
  if (reference !== undefined) return registeredSource(reference, options);
  const { name, isRepeatable, read } = await openRaw(data as RawData, options.baseDir);
  return isRepeatable ? repeatable(name, read, options) : onceOnly(name, read(), options);
}
