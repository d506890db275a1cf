import type { JsonObject, JsonValue } from "../../core/index.ts";
import type { Page, SearchQuery } from "./search.ts";

/** One state of a dataset's records, which never changes. */
export interface DatasetVersion {
  /** Counts from 1; 0 is a dataset that nothing was merged into yet. */
  readonly version: number;
  /**
   * sha256, as 64 hex digits, of the canonical JSON of the array of all rows in order: object keys
   * sorted by code unit, no spaces, each row `{ id?, inputs, expectations, outputs?, context?, metadata?,
   * tags? }`. Absent members are left out, and so are tags without any member; expectations are `{}`
   * when there are none. Equal rows have equal digests, whatever their history.
   */
  readonly digest: string;
  readonly rowCount: number;
  readonly createdTime: number;
  readonly createdBy?: string;
}

/** A registered dataset. Its version, digest and row count are those of the latest version. */
export interface Dataset extends Pick<DatasetVersion, "version" | "digest" | "rowCount"> {
  /** `d-` and 32 hex digits. */
  readonly datasetId: string;
  readonly name: string;
  readonly tags: { readonly [key: string]: string };
  readonly experimentIds: readonly string[];
  readonly createdTime: number;
  readonly lastUpdateTime: number;
  readonly createdBy?: string;
  readonly lastUpdatedBy?: string;
}

export interface NewDataset {
  readonly name: string;
  readonly tags?: { readonly [key: string]: string };
  readonly experimentIds?: readonly string[];
  readonly createdBy?: string;
}

/**
 * A record to merge. What is left out stays as it is; `null` takes it away. At least one member but
 * `id` must hold something, and `inputs` decide which record it is.
 */
export interface NewDatasetRecord {
  /** The row's own id; two records of a dataset cannot have the same. */
  readonly id?: string | null;
  readonly inputs: JsonObject;
  readonly expectations?: JsonObject | null;
  readonly outputs?: JsonValue;
  readonly context?: JsonValue;
  readonly metadata?: JsonObject | null;
  readonly tags?: JsonObject | null;
  /** Where it comes from, e.g. `{ source_type: "TRACE", source_data: { trace_id: "tr-…" } }`; not part of the digest. */
  readonly source?: JsonObject | null;
}

/** A record as a version holds it. Members of objects are sorted by name, so that equal digests mean equal texts. */
export interface DatasetRecord {
  /** `dr-` and 32 hex digits; stays the same as long as the record is there. */
  readonly recordId: string;
  readonly id?: string;
  readonly inputs: JsonObject;
  readonly expectations: JsonObject;
  readonly outputs?: JsonValue;
  readonly context?: JsonValue;
  readonly metadata?: JsonObject;
  readonly tags: JsonObject;
  readonly source?: JsonObject;
  readonly createdTime: number;
  readonly lastUpdateTime: number;
  readonly createdBy?: string;
  readonly lastUpdatedBy?: string;
}

/** The version that holds a change; the one there was when nothing changed. */
export type ChangedVersion = Pick<DatasetVersion, "version" | "digest">;

/** How many of the given records were new, changed one that was there, or said nothing new. */
export interface MergeResult extends ChangedVersion {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

export interface DeletedRecords extends ChangedVersion {
  readonly deleted: number;
}

export interface RecordQuery {
  /** The latest when absent. */
  readonly version?: number;
}

/**
 * Keeps registered datasets with every version of their records. Methods that take the id of a dataset
 * throw `not-found` when there is none.
 */
export interface DatasetStore {
  /**
   * @throws {AssayError} `already-exists` if the name is taken, `not-found` for an unknown experiment,
   *   `invalid-argument` for a name or tag that is too long, and for a name that ends like a version (`@3`).
   */
  createDataset(dataset: NewDataset): Promise<Dataset>;
  /** Resolves to `undefined` if no such dataset. */
  getDataset(datasetId: string): Promise<Dataset | undefined>;
  getDatasetByName(name: string): Promise<Dataset | undefined>;
  /** Latest made first. */
  listDatasets(): Promise<Dataset[]>;
  /**
   * A page of 50 datasets unless said, at most 50 000.
   *
   * @throws {AssayError} `invalid-argument` for a filter, order, page size or token that cannot be used.
   */
  searchDatasets(query: SearchQuery): Promise<Page<Dataset>>;
  /** How many datasets all pages of a search have. */
  countDatasets(query: SearchQuery): Promise<number>;
  /** Removes it with all its versions. An evaluation keeps name, version and digest in its own record. */
  deleteDataset(datasetId: string): Promise<void>;
  /** `null` deletes a tag. */
  setDatasetTags(
    datasetId: string,
    tags: { readonly [key: string]: string | null },
  ): Promise<Dataset>;
  addToExperiments(datasetId: string, experimentIds: readonly string[]): Promise<Dataset>;
  removeFromExperiments(datasetId: string, experimentIds: readonly string[]): Promise<Dataset>;
  /**
   * Adds records to the latest version and so makes the next one; all or none, however many. The record
   * that has the same inputs, whatever the order of their keys, is changed instead: `expectations` and
   * `tags` are merged key by key, other members replaced. Records are taken in order. A merge that
   * changes nothing makes no version.
   *
   * Writers of one dataset take turns. A merge writes as many rows as it has records, and then reads the
   * whole version once for its digest.
   *
   * @throws {AssayError} `invalid-argument` with the number of a record that cannot be used, `conflict`
   *   when this process stood still for so long that another one went on in its place.
   */
  mergeRecords(
    datasetId: string,
    records: Iterable<NewDatasetRecord> | AsyncIterable<NewDatasetRecord>,
    options?: { readonly updatedBy?: string },
  ): Promise<MergeResult>;
  /** Makes a version without these records; ids of no record are ignored. Throws as {@link mergeRecords}. */
  deleteRecords(
    datasetId: string,
    recordIds: readonly string[],
    options?: { readonly updatedBy?: string },
  ): Promise<DeletedRecords>;
  /** Latest first. */
  listVersions(datasetId: string): Promise<DatasetVersion[]>;
  /** Resolves to `undefined` if the dataset has no such version. */
  getVersion(datasetId: string, version: number): Promise<DatasetVersion | undefined>;
  /**
   * The records of one version in the order in which they were first merged, read page by page.
   *
   * @throws {AssayError} `not-found` for a version that is not there, `conflict` when the dataset is
   *   deleted while it is read.
   */
  records(datasetId: string, query?: RecordQuery): AsyncIterable<DatasetRecord>;
  /**
   * One page of {@link records}: 1000 unless said, at most 50 000. A token stays with the version of
   * the first page.
   */
  listRecords(
    datasetId: string,
    query?: RecordQuery & { readonly maxResults?: number; readonly pageToken?: string },
  ): Promise<Page<DatasetRecord>>;
}
