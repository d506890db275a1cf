export const MANIFEST_FILE = "manifest.json";
export const ROWS_FOLDER = "rows";
export const FILES_FOLDER = "files";
/** One line per file of the experiment: its path, size and sha256. */
export const FILES_LIST = "files.jsonl";

/** A file of one JSON value per line. */
interface CheckedFile {
  readonly sha256: string;
  readonly count: number;
}

/** What an exported folder holds; written last, so a folder with one is complete. */
export interface Manifest {
  readonly format: "assay-experiment";
  readonly schemaVersion: number;
  readonly experiment: {
    readonly name: string;
    readonly creationTime: number;
    readonly lastUpdateTime: number;
  };
  /** Tables in the order in which they are read back; each is `rows/<table>.jsonl`. */
  readonly rows: readonly (CheckedFile & { readonly table: string })[];
  readonly files: CheckedFile;
}
