/** The tables of registered datasets, which travel with every experiment that uses one. */
export type DatasetTable =
  | "datasets"
  | "dataset_tags"
  | "dataset_versions"
  | "dataset_records"
  | "dataset_experiments";

interface DatasetColumns {
  /** Columns that mean something in one database alone, or follow from others. */
  readonly own: readonly string[];
}

/** In the order in which they are exported. */
export const DATASET_TABLES: { readonly [T in DatasetTable]: DatasetColumns } = {
  datasets: { own: ["latest_version", "writer", "writer_until"] },
  dataset_tags: { own: [] },
  dataset_versions: { own: [] },
  // Records of a version stand behind those of the version before.
  dataset_records: { own: ["id", "input_key"] },
  dataset_experiments: { own: ["experiment_id"] },
};

export const DATASET_TABLE_NAMES = Object.keys(DATASET_TABLES) as readonly DatasetTable[];

export function isDatasetTable(table: string): table is DatasetTable {
  return Object.hasOwn(DATASET_TABLES, table);
}
