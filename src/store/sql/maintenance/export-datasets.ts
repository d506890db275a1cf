import { type Kysely, type RawBuilder, sql } from "kysely";
import { REGISTERED_DATASET } from "../../../core/index.ts";
import type { ExportedRow } from "../../ports/index.ts";
import type { DatasetRow } from "../datasets/dataset-rows.ts";
import type { SqlEngine } from "../engine.ts";
import type { Schema } from "../schema.ts";
import { DATASET_TABLE_NAMES, DATASET_TABLES, type DatasetTable } from "./dataset-tables.ts";
import { type Row, withoutNull } from "./exported-row.ts";

const PAGE_SIZE = 1_000;

/**
 * The registered datasets that the runs of an experiment name or that are linked to it, with all their
 * versions. What somebody is writing is in no version yet and stays out.
 */
export async function* exportDatasets(
  engine: SqlEngine,
  reads: Kysely<Schema>,
  experimentId: number,
): AsyncGenerator<ExportedRow> {
  const datasets = await datasetsOf(engine, reads, experimentId);
  for (const table of DATASET_TABLE_NAMES) {
    for (const [at, dataset] of datasets.entries()) {
      for await (const row of rowsOf(reads, table, dataset, experimentId)) {
        yield { table, row: withoutNull(inExport(table, row, at + 1, dataset)) };
      }
    }
  }
}

async function datasetsOf(
  { expressions }: SqlEngine,
  reads: Kysely<Schema>,
  experimentId: number,
): Promise<DatasetRow[]> {
  const inputs = await reads
    .selectFrom("input_datasets")
    .select("source")
    .where("experiment_id", "=", experimentId)
    .where("source_type", "=", REGISTERED_DATASET)
    .execute();
  const ids = new Set(inputs.map(({ source }) => idIn(source)));
  return (
    reads
      .selectFrom("datasets")
      .selectAll()
      .where(
        sql<boolean>`(${expressions.isAmong(sql.ref("dataset_id"), [...ids])} or id in
        (select dataset from dataset_experiments where experiment_id = ${experimentId}))`,
      )
      // Not by number: stores number them as they come.
      .orderBy("dataset_id")
      .execute()
  );
}

/** The dataset that the source of an input names; empty for one that names none. */
function idIn(source: string): string {
  try {
    const { dataset_id } = Object(JSON.parse(source)) as { dataset_id?: unknown };
    return typeof dataset_id === "string" ? dataset_id : "";
  } catch {
    return "";
  }
}

async function* rowsOf(
  reads: Kysely<Schema>,
  table: DatasetTable,
  { id, latest_version: latest }: DatasetRow,
  experimentId: number,
): AsyncGenerator<Row> {
  const where = (condition: RawBuilder<unknown>, order = sql``) =>
    sql<Row>`select * from ${sql.table(table)} where ${condition} ${order}`
      .execute(reads)
      .then(({ rows }) => rows);
  if (table === "datasets") yield* await where(sql`id = ${id}`);
  else if (table === "dataset_tags") yield* await where(sql`dataset = ${id}`, sql`order by key`);
  else if (table === "dataset_versions") {
    yield* await where(sql`dataset = ${id} and version <= ${latest}`, sql`order by version`);
  } else if (table === "dataset_experiments") {
    yield* await where(sql`dataset = ${id} and experiment_id = ${experimentId}`);
  } else {
    for (let version = 1; version <= latest; version++) {
      for (let last = -1; ; ) {
        const page = await where(
          sql`dataset = ${id} and from_version = ${version} and ordinal > ${last}`,
          sql`order by ordinal limit ${PAGE_SIZE}`,
        );
        yield* page;
        if (page.length < PAGE_SIZE) break;
        last = page.at(-1)?.ordinal as number;
      }
    }
  }
}

/** The row with the dataset's place for its number, and without what belongs to this database alone. */
function inExport(table: DatasetTable, row: Row, place: number, dataset: DatasetRow): Row {
  const own = new Set(DATASET_TABLES[table].own);
  const kept = Object.fromEntries(Object.entries(row).filter(([column]) => !own.has(column)));
  if (table === "datasets") return { ...kept, id: place };
  const until = row.until_version;
  const isOpen = typeof until === "number" && until > dataset.latest_version;
  return { ...kept, dataset: place, ...(isOpen && { until_version: null }) };
}
