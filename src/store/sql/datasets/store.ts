import { sql, type Transaction } from "kysely";
import { AssayError, newRunId } from "../../../core/index.ts";
import { checkLength, checkTexts, LENGTHS } from "../../limits.ts";
import type {
  Dataset,
  DatasetRecord,
  DatasetStore,
  DatasetVersion,
  DeletedRecords,
  MergeResult,
  NewDataset,
  NewDatasetRecord,
  Page,
  RecordQuery,
  SearchQuery,
} from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { experimentNumbers } from "../experiments/experiment-numbers.ts";
import { DATASET_TAGS, deleteText, putTexts } from "../keyed-texts.ts";
import type { Schema } from "../schema.ts";
import { countMatches, searchTable } from "../search/index.ts";
import { deleteRecordsFrom } from "./dataset-deletions.ts";
import { VersionDraft } from "./dataset-draft.ts";
import { type MergeCounts, mergeInto } from "./dataset-merge.ts";
import { recordPage, recordPages } from "./dataset-records.ts";
import { removeDataset } from "./dataset-removal.ts";
import { type DatasetRow, datasetRow, noDataset, toDatasets, toVersion } from "./dataset-rows.ts";

export class SqlDatasetStore implements DatasetStore {
  readonly #context: SqlContext;

  constructor(context: SqlContext) {
    this.#context = context;
  }

  async createDataset(given: NewDataset): Promise<Dataset> {
    const { engine, clock, scrubber } = this.#context;
    const name = checkedName(given.name, scrubber.name(given.name));
    checkTexts("tags", given.tags ?? {}, LENGTHS.experimentTagValue);
    const tags = scrubber.texts(given.tags ?? {});
    const user = this.#user(given.createdBy);
    const time = clock.now();
    return engine.transaction(async (transaction) => {
      await checkNameIsFree(transaction, name);
      const row = await transaction
        .insertInto("datasets")
        .values({
          dataset_id: `d-${newRunId()}`,
          name,
          creation_time: time,
          last_update_time: time,
          created_by: user,
          last_updated_by: user,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      await putTexts(engine, transaction, DATASET_TAGS, row.id, tags);
      await this.#link(transaction, row.id, given.experimentIds ?? []);
      return this.#toDataset(row, transaction);
    });
  }

  async getDataset(datasetId: string): Promise<Dataset | undefined> {
    return this.#find("dataset_id", datasetId);
  }

  async getDatasetByName(name: string): Promise<Dataset | undefined> {
    return this.#find("name", name);
  }

  async listDatasets(): Promise<Dataset[]> {
    const { engine } = this.#context;
    const rows = await engine.reads
      .selectFrom("datasets")
      .selectAll()
      .orderBy("creation_time", "desc")
      .orderBy("id", "desc")
      .execute();
    return toDatasets(engine, rows);
  }

  async searchDatasets(query: SearchQuery): Promise<Page<Dataset>> {
    const { items, ...next } = await searchTable(this.#context, "datasets", query);
    return { items: await toDatasets(this.#context.engine, items), ...next };
  }

  async countDatasets(query: SearchQuery): Promise<number> {
    return countMatches(this.#context.engine, "datasets", query);
  }

  async deleteDataset(datasetId: string): Promise<void> {
    await removeDataset(this.#context.engine, datasetId);
  }

  async setDatasetTags(
    datasetId: string,
    tags: { readonly [key: string]: string | null },
  ): Promise<Dataset> {
    const { engine, scrubber } = this.#context;
    const entries = Object.entries(tags);
    const kept = Object.fromEntries(entries.filter((entry) => entry[1] !== null)) as {
      [key: string]: string;
    };
    checkTexts("tags", kept, LENGTHS.experimentTagValue);
    return this.#change(datasetId, async (transaction, { id }) => {
      for (const [key, value] of entries) {
        if (value === null) await deleteText(transaction, DATASET_TAGS, id, key);
      }
      await putTexts(engine, transaction, DATASET_TAGS, id, scrubber.texts(kept));
    });
  }

  async addToExperiments(datasetId: string, experimentIds: readonly string[]): Promise<Dataset> {
    return this.#change(datasetId, (transaction, { id }) =>
      this.#link(transaction, id, experimentIds),
    );
  }

  async removeFromExperiments(
    datasetId: string,
    experimentIds: readonly string[],
  ): Promise<Dataset> {
    const { expressions } = this.#context.engine;
    const numbers = experimentNumbers(experimentIds);
    return this.#change(datasetId, async (transaction, { id }) => {
      await transaction
        .deleteFrom("dataset_experiments")
        .where("dataset", "=", id)
        .where(expressions.isAmong(sql.ref("experiment_id"), numbers))
        .execute();
    });
  }

  async mergeRecords(
    datasetId: string,
    records: Iterable<NewDatasetRecord> | AsyncIterable<NewDatasetRecord>,
    options: { readonly updatedBy?: string } = {},
  ): Promise<MergeResult> {
    return this.#write(
      datasetId,
      options.updatedBy,
      (draft) => mergeInto(draft, this.#context, records),
      ({ inserted, updated }: MergeCounts) => inserted + updated > 0,
    );
  }

  async deleteRecords(
    datasetId: string,
    recordIds: readonly string[],
    options: { readonly updatedBy?: string } = {},
  ): Promise<DeletedRecords> {
    return this.#write(
      datasetId,
      options.updatedBy,
      async (draft) => ({
        deleted: await deleteRecordsFrom(draft, this.#context.engine, recordIds),
      }),
      ({ deleted }) => deleted > 0,
    );
  }

  async listVersions(datasetId: string): Promise<DatasetVersion[]> {
    const { reads } = this.#context.engine;
    const { id } = await datasetRow(reads, datasetId);
    const rows = await reads
      .selectFrom("dataset_versions")
      .selectAll()
      .where("dataset", "=", id)
      .orderBy("version", "desc")
      .execute();
    return rows.map(toVersion);
  }

  async getVersion(datasetId: string, version: number): Promise<DatasetVersion | undefined> {
    const { reads } = this.#context.engine;
    const { id } = await datasetRow(reads, datasetId);
    const row = await reads
      .selectFrom("dataset_versions")
      .selectAll()
      .where("dataset", "=", id)
      .where("version", "=", version)
      .executeTakeFirst();
    return row && toVersion(row);
  }

  records(datasetId: string, query: RecordQuery = {}): AsyncIterable<DatasetRecord> {
    return recordPages(this.#context.engine, datasetId, query);
  }

  async listRecords(
    datasetId: string,
    query: RecordQuery & { readonly maxResults?: number; readonly pageToken?: string } = {},
  ): Promise<Page<DatasetRecord>> {
    return recordPage(this.#context.engine, datasetId, query);
  }

  /** Writes the next version, unless `isNew` says that there is nothing to write. */
  async #write<T extends object>(
    datasetId: string,
    updatedBy: string | undefined,
    work: (draft: VersionDraft) => Promise<T>,
    isNew: (done: T) => boolean,
  ) {
    const draft = await VersionDraft.begin(this.#context, datasetId, this.#user(updatedBy));
    try {
      const done = await work(draft);
      return { ...done, ...(await (isNew(done) ? draft.publish() : draft.release())) };
    } catch (error) {
      await draft.abandon();
      throw error;
    }
  }

  async #change(
    datasetId: string,
    work: (transaction: Transaction<Schema>, row: DatasetRow) => Promise<void>,
  ): Promise<Dataset> {
    const { engine, clock } = this.#context;
    return engine.transaction(async (transaction) => {
      const row = await transaction
        .updateTable("datasets")
        .set({ last_update_time: clock.now() })
        .where("dataset_id", "=", datasetId)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw noDataset(datasetId);
      await work(transaction, row);
      return this.#toDataset(row, transaction);
    });
  }

  async #link(
    transaction: Transaction<Schema>,
    dataset: number,
    experimentIds: readonly string[],
  ): Promise<void> {
    for (const experimentId of new Set(experimentIds)) {
      const [number = -1] = experimentNumbers([experimentId]);
      const known = await transaction
        .selectFrom("experiments")
        .select("experiment_id")
        .where("experiment_id", "=", number)
        .executeTakeFirst();
      if (known === undefined) {
        throw new AssayError("not-found", `No Experiment with id=${experimentId} exists`);
      }
      await transaction
        .insertInto("dataset_experiments")
        .values({ dataset, experiment_id: number })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  }

  async #find(column: "dataset_id" | "name", value: string): Promise<Dataset | undefined> {
    const { reads } = this.#context.engine;
    const row = await reads
      .selectFrom("datasets")
      .selectAll()
      .where(column, "=", value)
      .executeTakeFirst();
    return row && this.#toDataset(row);
  }

  async #toDataset(row: DatasetRow, database?: Transaction<Schema>): Promise<Dataset> {
    const [dataset] = await toDatasets(this.#context.engine, [row], database);
    return dataset as Dataset;
  }

  #user(name: string | undefined): string | null {
    return name === undefined ? null : this.#context.scrubber.name(name);
  }
}

/** @returns `name`, which is what may be stored of the given one. */
function checkedName(given: string, name: string): string {
  if (given.trim() === "") {
    throw new AssayError("invalid-argument", "Expected a name for the dataset, got an empty one");
  }
  checkLength(given, "name", LENGTHS.dataset.name);
  if (!/@\d+$/.test(name)) return name;
  throw new AssayError(
    "invalid-argument",
    `Expected a name that does not end like a version, got "${name}": datasets:/${name} would mean a version of another dataset`,
  );
}

async function checkNameIsFree(transaction: Transaction<Schema>, name: string): Promise<void> {
  const taken = await transaction
    .selectFrom("datasets")
    .select("id")
    .where("name", "=", name)
    .executeTakeFirst();
  if (taken === undefined) return;
  throw new AssayError("already-exists", `Dataset "${name}" already exists`);
}
