import { AssayError, withoutAbsent } from "../core/index.ts";
import type {
  Dataset,
  DatasetRecord,
  DatasetStore,
  DatasetVersion,
  DeletedRecords,
  MergeResult,
  RecordQuery,
} from "../store/ports/index.ts";
import type { RawData } from "./raw-data.ts";
import { type RecordOptions, recordsOf } from "./registered-records.ts";
import type { DatasetReference } from "./registered-reference.ts";

export interface MergeRecordsOptions extends RecordOptions {
  /** Who does it. */
  readonly updatedBy?: string;
}

/**
 * A dataset in a tracking store, or one version of it. Version, digest and row count are those it had
 * when it was fetched or last changed through this object.
 */
export class RegisteredDataset implements DatasetReference {
  readonly #store: DatasetStore;
  #dataset: Dataset;
  readonly #pinned: DatasetVersion | undefined;

  /** @param pinned - The version that is meant; without it, whatever is the latest. */
  constructor(store: DatasetStore, dataset: Dataset, pinned?: DatasetVersion) {
    this.#store = store;
    this.#dataset = dataset;
    this.#pinned = pinned;
  }

  get datasetId(): string {
    return this.#dataset.datasetId;
  }

  get name(): string {
    return this.#dataset.name;
  }

  get tags(): { readonly [key: string]: string } {
    return this.#dataset.tags;
  }

  get experimentIds(): readonly string[] {
    return this.#dataset.experimentIds;
  }

  /** Counts from 1; 0 while nothing was merged. */
  get version(): number {
    return (this.#pinned ?? this.#dataset).version;
  }

  /** sha256 of the canonical JSON of all rows; see {@link DatasetVersion.digest}. */
  get digest(): string {
    return (this.#pinned ?? this.#dataset).digest;
  }

  get rowCount(): number {
    return (this.#pinned ?? this.#dataset).rowCount;
  }

  get pinnedVersion(): number | undefined {
    return this.#pinned?.version;
  }

  /**
   * Adds rows, and changes the records that have the same inputs; all or none. Makes a version unless
   * nothing is new. See {@link DatasetStore.mergeRecords}.
   *
   * @param data - Rows as `evaluate` takes them, flat ones too; a file; another registered dataset.
   * @throws {AssayError} `invalid-argument` for rows that cannot be used, `conflict` for an object that
   *   stands for one version.
   */
  async mergeRecords(
    data: RawData | DatasetReference,
    options: MergeRecordsOptions = {},
  ): Promise<MergeResult> {
    this.#checkOpen();
    const { updatedBy, ...reading } = options;
    const records = recordsOf(data, this.#store, reading);
    const by = withoutAbsent<{ updatedBy?: string }>({ updatedBy });
    const merged = await this.#store.mergeRecords(this.datasetId, records, by);
    await this.#refresh();
    return merged;
  }

  /** Makes a version without the records with these ids (`dr-…`); ids of no record are ignored. */
  async deleteRecords(
    recordIds: readonly string[],
    options: { readonly updatedBy?: string } = {},
  ): Promise<DeletedRecords> {
    this.#checkOpen();
    const deleted = await this.#store.deleteRecords(this.datasetId, recordIds, options);
    await this.#refresh();
    return deleted;
  }

  /** The records in order, read page by page: of this version, or of the latest. */
  records(): AsyncIterable<DatasetRecord> {
    const query = withoutAbsent<RecordQuery>({ version: this.pinnedVersion });
    return this.#store.records(this.datasetId, query);
  }

  /** Latest first. */
  async versions(): Promise<DatasetVersion[]> {
    return this.#store.listVersions(this.datasetId);
  }

  /** Sets tags of the dataset; `null` deletes one. */
  async setTags(tags: { readonly [key: string]: string | null }): Promise<void> {
    this.#dataset = await this.#store.setDatasetTags(this.datasetId, tags);
  }

  async deleteTag(key: string): Promise<void> {
    await this.setTags({ [key]: null });
  }

  async addToExperiments(experimentIds: readonly string[]): Promise<void> {
    this.#dataset = await this.#store.addToExperiments(this.datasetId, experimentIds);
  }

  async removeFromExperiments(experimentIds: readonly string[]): Promise<void> {
    this.#dataset = await this.#store.removeFromExperiments(this.datasetId, experimentIds);
  }

  toJSON(): Dataset {
    const { version, digest, rowCount } = this;
    return { ...this.#dataset, version, digest, rowCount };
  }

  async #refresh(): Promise<void> {
    this.#dataset = (await this.#store.getDataset(this.datasetId)) ?? this.#dataset;
  }

  #checkOpen(): void {
    if (this.#pinned === undefined) return;
    throw new AssayError(
      "conflict",
      `This is version ${this.version} of the dataset "${this.name}", which never changes. Get the dataset without a version to change it`,
    );
  }
}
