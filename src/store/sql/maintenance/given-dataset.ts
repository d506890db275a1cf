import type { Transaction } from "kysely";
import { AssayError } from "../../../core/index.ts";
import type { ExportedRow } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { DATASET_TAGS, putTexts } from "../keyed-texts.ts";
import type { Schema } from "../schema.ts";

/** A registered dataset of an export, with the versions from 1 on. */
export interface GivenDataset {
  readonly row: ExportedRow["row"];
  readonly tags: { [key: string]: string };
  readonly versions: {
    readonly digest: string;
    readonly time: number;
    readonly user: string | null;
  }[];
}

/** A dataset of an export as the store has it. */
export interface KnownDataset {
  /** Its number in the database. */
  readonly id: number;
  /** Whether it was not there. */
  readonly isNew: boolean;
  /** The latest version that it has. */
  readonly latest: number;
}

/**
 * @throws {AssayError} `already-exists` when another dataset has the name, `conflict` when the store has
 *   other records under one of the versions.
 */
export async function findOrMake(context: SqlContext, given: GivenDataset): Promise<KnownDataset> {
  const { row, tags } = given;
  const id = String(row.dataset_id);
  const name = String(row.name);
  const { engine } = context;
  return engine.transaction(async (transaction) => {
    const known = await transaction
      .selectFrom("datasets")
      .select(["id", "dataset_id", "latest_version"])
      .where(({ or, eb }) => or([eb("dataset_id", "=", id), eb("name", "=", name)]))
      .execute();
    const same = known.find((dataset) => dataset.dataset_id === id);
    if (same !== undefined) {
      await checkSame(transaction, same.id, given);
      return { id: same.id, isNew: false, latest: same.latest_version };
    }
    if (known.length > 0) {
      throw new AssayError(
        "already-exists",
        `Another dataset of this store is called "${name}", as one of the export. Import it without its datasets (--without-datasets), or delete that one.`,
      );
    }
    const made = await transaction
      .insertInto("datasets")
      .values({
        dataset_id: id,
        name,
        creation_time: Number(row.creation_time),
        last_update_time: Number(row.last_update_time),
        created_by: textOrNull(row.created_by),
        last_updated_by: textOrNull(row.last_updated_by),
      })
      .returning("id")
      .executeTakeFirstOrThrow();
    await putTexts(engine, transaction, DATASET_TAGS, made.id, tags);
    return { id: made.id, isNew: true, latest: 0 };
  });
}

/** @throws {AssayError} `conflict` when a version holds other records than the export has in it. */
async function checkSame(
  transaction: Transaction<Schema>,
  dataset: number,
  { row, versions }: GivenDataset,
): Promise<void> {
  const known = await transaction
    .selectFrom("dataset_versions")
    .select(["version", "digest"])
    .where("dataset", "=", dataset)
    .execute();
  const other = known.find(({ version, digest }) => {
    const given = versions[version - 1];
    return given !== undefined && given.digest !== digest;
  });
  if (other === undefined) return;
  throw new AssayError(
    "conflict",
    `Version ${other.version} of the dataset "${row.name}" holds other records in this store than in the export. Import it without its datasets (--without-datasets), or delete that dataset.`,
  );
}

export function textOrNull(value: unknown): string | null {
  return value === undefined ? null : String(value);
}
