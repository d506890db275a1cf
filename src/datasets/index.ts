export type { ColumnOptions } from "./normalize-row.ts";
export type { DatasetSummary, RowSource } from "./row-source.ts";
export { type Data, openSource, type SourceOptions } from "./source.ts";
