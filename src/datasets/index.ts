export { DATA_ENDINGS } from "./data-file.ts";
export type { ColumnMapping } from "./mapping.ts";
export type { ColumnOptions } from "./normalize-row.ts";
export { kindOf } from "./raw-row.ts";
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
export type { SelectionOptions } from "./selection.ts";
export { type Data, openSource, type SourceOptions } from "./source.ts";
export { type RowTotals, TotalsSum } from "./totals.ts";
export { type StoredTraces, type TraceData, traceRecords, traceRows } from "./trace-rows.ts";
