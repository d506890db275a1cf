export type { ColumnOptions } from "./normalize-row.ts";
export { type MergeRecordsOptions, RegisteredDataset } from "./registered.ts";
export {
  type AnyReference,
  type DatasetReference,
  findDataset,
  findVersion,
  type NamedDataset,
  parseDatasetName,
  referenceOf,
} from "./registered-reference.ts";
export type { DatasetSummary, RowSource } from "./row-source.ts";
export { type Data, openSource, type SourceOptions } from "./source.ts";
