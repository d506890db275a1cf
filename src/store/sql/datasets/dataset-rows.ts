import { type Kysely, type Selectable, sql } from "kysely";
import { AssayError, sha256, withoutAbsent } from "../../../core/index.ts";
import type { Dataset, DatasetVersion } from "../../ports/index.ts";
import type { SqlEngine } from "../engine.ts";
import { DATASET_TAGS, textsOf } from "../keyed-texts.ts";
import type { Schema } from "../schema.ts";

export type DatasetRow = Selectable<Schema["datasets"]>;

type VersionRow = Selectable<Schema["dataset_versions"]>;

/** What a dataset holds before anything is merged into it. */
export const NO_ROWS = { version: 0, digest: sha256("[]"), rowCount: 0 } as const;

/** @throws {AssayError} `not-found`. */
export async function datasetRow(database: Kysely<Schema>, datasetId: string): Promise<DatasetRow> {
  const row = await database
    .selectFrom("datasets")
    .selectAll()
    .where("dataset_id", "=", datasetId)
    .executeTakeFirst();
  if (row === undefined) throw noDataset(datasetId);
  return row;
}

export function noDataset(datasetId: string): AssayError {
  return new AssayError("not-found", `No dataset with id ${datasetId} exists`);
}

/** Datasets with their tags, experiments and latest versions: three queries, however many datasets. */
export async function toDatasets(
  engine: SqlEngine,
  rows: readonly DatasetRow[],
  database: Kysely<Schema> = engine.reads,
): Promise<Dataset[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const tags = await textsOf(engine, database, DATASET_TAGS, ids);
  const links = await database
    .selectFrom("dataset_experiments")
    .selectAll()
    .where(engine.expressions.isAmong(sql.ref("dataset"), ids))
    .orderBy("experiment_id")
    .execute();
  const experiments = Map.groupBy(links, (link) => link.dataset);
  const versions = await latestVersions(engine, database, ids);
  return rows.map((row) => {
    const { version, digest, rowCount } = versions.get(row.id) ?? NO_ROWS;
    const used = experiments.get(row.id) ?? [];
    return withoutAbsent<Dataset>({
      datasetId: row.dataset_id,
      name: row.name,
      tags: tags.get(row.id) ?? {},
      experimentIds: used.map((link) => String(link.experiment_id)),
      version,
      digest,
      rowCount,
      createdTime: row.creation_time,
      lastUpdateTime: row.last_update_time,
      createdBy: row.created_by ?? undefined,
      lastUpdatedBy: row.last_updated_by ?? undefined,
    });
  });
}

export function toVersion(row: VersionRow): DatasetVersion {
  return withoutAbsent<DatasetVersion>({
    version: row.version,
    digest: row.digest,
    rowCount: row.row_count,
    createdTime: row.creation_time,
    createdBy: row.created_by ?? undefined,
  });
}

/** @throws {AssayError} `not-found` naming the versions there are. */
export async function versionRow(
  engine: SqlEngine,
  dataset: DatasetRow,
  version: number,
): Promise<VersionRow> {
  const row = await engine.reads
    .selectFrom("dataset_versions")
    .selectAll()
    .where("dataset", "=", dataset.id)
    .where("version", "=", version)
    .executeTakeFirst();
  if (row !== undefined) return row;
  throw noVersion(dataset.name, version, dataset.latest_version);
}

function noVersion(name: string, version: number, latest: number): AssayError {
  const known =
    latest === 0
      ? "nothing was merged into it yet"
      : `it has ${latest === 1 ? "version 1" : `versions 1 to ${latest}`}`;
  return new AssayError("not-found", `The dataset "${name}" has no version ${version}; ${known}`);
}

async function latestVersions(
  { expressions }: SqlEngine,
  database: Kysely<Schema>,
  ids: readonly number[],
): Promise<Map<number, DatasetVersion>> {
  const rows = await database
    .selectFrom("dataset_versions")
    .innerJoin("datasets", (join) =>
      join
        .onRef("datasets.id", "=", "dataset_versions.dataset")
        .onRef("datasets.latest_version", "=", "dataset_versions.version"),
    )
    .selectAll("dataset_versions")
    .where(expressions.isAmong(sql.ref("datasets.id"), ids))
    .execute();
  return new Map(rows.map((row) => [row.dataset, toVersion(row)]));
}
