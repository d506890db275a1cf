export type { ColumnOptions } from "./normalize-row.ts";
export {
  type Data,
  type DatasetSummary,
  openSource,
  type RowSource,
  type SourceOptions,
} from "./source.ts";
