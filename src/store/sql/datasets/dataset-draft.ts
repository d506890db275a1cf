import { setTimeout as delay } from "node:timers/promises";
import { sql, type Transaction, type UpdateObject } from "kysely";
import { AssayError, newRunId } from "../../../core/index.ts";
import type { ChangedVersion } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import type { Schema } from "../schema.ts";
import { contentOf } from "./dataset-records.ts";
import { type DatasetRow, datasetRow, NO_ROWS, versionRow } from "./dataset-rows.ts";

/** How long a writer that says nothing keeps the others out, and how often it says something. */
const LEASE_MS = 10_000;
const BEAT_MS = 2_500;

/** How long a writer waits for its turn. */
const PATIENCE_MS = 10 * 60_000;

/** Ordinals per transaction in which a broken-off draft is removed. */
const WINDOW = 2_000;

/** Who made a version and when, and what it must hold. */
interface VersionElsewhere {
  readonly time: number;
  readonly user: string | null;
  readonly digest?: string;
}

type DatasetUpdate = UpdateObject<Schema, "datasets", "datasets">;

/**
 * The next version of a dataset while it is being written. Its lines are committed in small
 * transactions, so that nobody waits long for the database, and are seen by no reader until
 * {@link publish} makes the version, in one short transaction.
 *
 * One process writes at a time: the row of the dataset names the writer, and every transaction of a draft
 * makes sure that it still does. A writer that died is followed by the next one after 10 s, which removes
 * what was left. Clocks of machines that are apart only change how soon that happens.
 */
export class VersionDraft {
  /** The dataset's number in the database. */
  readonly dataset: number;
  readonly version: number;
  /** When the change was asked for, in milliseconds since the epoch. */
  readonly time: number;
  readonly user: string | null;
  readonly #context: SqlContext;
  readonly #row: DatasetRow;
  readonly #writer: string;
  readonly #beat: NodeJS.Timeout;

  private constructor(context: SqlContext, row: DatasetRow, writer: string, user: string | null) {
    this.#context = context;
    this.#row = row;
    this.#writer = writer;
    this.dataset = row.id;
    this.version = row.latest_version + 1;
    this.time = context.clock.now();
    this.user = user;
    const beat = () => context.engine.transaction((transaction) => this.#hold(transaction, {}));
    // Whoever lost the dataset learns it from the next write.
    this.#beat = setInterval(() => void beat().catch(() => undefined), BEAT_MS).unref();
  }

  /** Begins when no other process or caller writes this dataset any more. */
  static async begin(
    context: SqlContext,
    datasetId: string,
    user: string | null,
  ): Promise<VersionDraft> {
    const writer = newRunId();
    const deadline = context.clock.monotonic() + PATIENCE_MS;
    for (;;) {
      const row = await datasetRow(context.engine.reads, datasetId);
      const isFree = row.writer === "" || row.writer_until < context.clock.now();
      if (isFree && (await take(context, row, writer))) {
        const draft = new VersionDraft(context, row, writer, user);
        if (row.writer !== "") await draft.#takeOver();
        return draft;
      }
      if (context.clock.monotonic() > deadline) {
        throw new AssayError(
          "conflict",
          `Others have been writing to the dataset "${row.name}" for ${PATIENCE_MS / 60_000} minutes; try again later`,
        );
      }
      await delay(5 + Math.random() * 45);
    }
  }

  /** Runs `work`, as {@link SqlEngine.transaction} does, while the dataset is this draft's. */
  async change<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.#context.engine.transaction(async (transaction) => {
      await this.#hold(transaction, {});
      return work(transaction);
    });
  }

  /** Ids ascend, so that the index on them grows at its end. */
  newRecordId(ordinal: number): string {
    const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");
    return `dr-${hex(this.time, 12)}${hex(ordinal, 8)}${this.#writer.slice(0, 12)}`;
  }

  /**
   * Makes the version; readers see it from now on.
   *
   * @param as - What it is called elsewhere, for one that was made there.
   * @throws {AssayError} `invalid-argument` when it is not what it was there.
   */
  async publish(as: VersionElsewhere = this): Promise<ChangedVersion> {
    const { dataset, version } = this;
    const { time, user } = as;
    const { engine } = this.#context;
    const { digest, rowCount } = await contentOf(engine, dataset, version);
    if (as.digest !== undefined && as.digest !== digest) {
      throw new AssayError(
        "invalid-argument",
        `The records of version ${version} of the dataset "${this.#row.name}" have the digest ${digest}, expected ${as.digest}`,
      );
    }
    await engine.transaction(async (transaction) => {
      await this.#hold(transaction, {
        latest_version: version,
        last_update_time: time,
        last_updated_by: user,
        writer: "",
      });
      const made = { creation_time: time, created_by: user };
      await transaction
        .insertInto("dataset_versions")
        .values({ dataset, version, digest, row_count: rowCount, ...made })
        .execute();
    });
    clearInterval(this.#beat);
    return { version, digest };
  }

  /** Gives up a draft that holds nothing new; resolves to the version there is. */
  async release(): Promise<ChangedVersion> {
    clearInterval(this.#beat);
    const { engine } = this.#context;
    await engine.transaction((transaction) => this.#hold(transaction, { writer: "" }));
    const { latest_version: version } = this.#row;
    if (version === 0) return { version, digest: NO_ROWS.digest };
    const { digest } = await versionRow(engine, this.#row, version);
    return { version, digest };
  }

  /** Removes what was written. Never throws: the reason to give up comes first, and the next writer removes the rest. */
  async abandon(): Promise<void> {
    const undo = async () => {
      await this.#removeLines();
      await this.release();
    };
    await Promise.allSettled([undo()]);
    clearInterval(this.#beat);
  }

  async #takeOver(): Promise<void> {
    try {
      await this.#removeLines();
    } catch (error) {
      clearInterval(this.#beat);
      throw error;
    }
  }

  /** Takes every line of this version back, a window of ordinals at a time. */
  async #removeLines(): Promise<void> {
    const { dataset, version } = this;
    const last = await lastOrdinal(this.#context.engine.reads, dataset);
    for (let start = 0; start <= last; start += WINDOW) {
      await this.change(async (transaction) => {
        const isInside = sql<boolean>`dataset = ${dataset} and ordinal >= ${start} and ordinal < ${start + WINDOW}`;
        await transaction
          .deleteFrom("dataset_records")
          .where(isInside)
          .where("from_version", "=", version)
          .execute();
        await transaction
          .updateTable("dataset_records")
          .set({ until_version: null })
          .where(isInside)
          .where("until_version", "=", version)
          .execute();
      });
    }
  }

  /** Changes the dataset's row, which also keeps other writers waiting until the transaction ends. */
  async #hold(transaction: Transaction<Schema>, change: DatasetUpdate): Promise<void> {
    const { numUpdatedRows } = await transaction
      .updateTable("datasets")
      .set({ writer_until: this.#context.clock.now() + LEASE_MS, ...change })
      .where("id", "=", this.dataset)
      .where("writer", "=", this.#writer)
      .executeTakeFirst();
    if (numUpdatedRows === 1n) return;
    // Throws when the dataset is gone.
    const { name } = await datasetRow(transaction, this.#row.dataset_id);
    throw new AssayError(
      "conflict",
      `Writing to the dataset "${name}" stood still for over ${LEASE_MS / 1000} s, and another process went on in its place. Nothing of it was kept; do it again.`,
    );
  }
}

/** -1 for a dataset that never had a record. */
export async function lastOrdinal(
  database: Pick<Transaction<Schema>, "selectFrom">,
  dataset: number,
): Promise<number> {
  const row = await database
    .selectFrom("dataset_records")
    .select("ordinal")
    .where("dataset", "=", dataset)
    .orderBy("ordinal", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.ordinal ?? -1;
}

/** Whether the dataset is as `row` says and now has this writer. */
async function take(
  { engine, clock }: SqlContext,
  row: DatasetRow,
  writer: string,
): Promise<boolean> {
  const { numUpdatedRows } = await engine.transaction((transaction) =>
    transaction
      .updateTable("datasets")
      .set({ writer, writer_until: clock.now() + LEASE_MS })
      .where("id", "=", row.id)
      .where("writer", "=", row.writer)
      .where("writer_until", "=", row.writer_until)
      .where("latest_version", "=", row.latest_version)
      .executeTakeFirst(),
  );
  return numUpdatedRows === 1n;
}
