import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import type { SqlEngine } from "../engine.ts";
import { noDataset } from "./dataset-rows.ts";

/** Records per transaction. */
const CHUNK = 1_000;

/**
 * Removes a dataset: in one transaction from everybody's sight, and then record by record. Records that
 * a process left behind when it was ended are removed by the next one that deletes a dataset.
 *
 * @throws {AssayError} `not-found`.
 */
export async function removeDataset(engine: SqlEngine, datasetId: string): Promise<void> {
  await engine.transaction(async (transaction) => {
    // First of all, because a version must not be published meanwhile.
    const row = await transaction
      .updateTable("datasets")
      .set({ writer: "" })
      .where("dataset_id", "=", datasetId)
      .returning("id")
      .executeTakeFirst();
    if (row === undefined) throw noDataset(datasetId);
    for (const table of ["dataset_tags", "dataset_experiments", "dataset_versions"] as const) {
      await transaction.deleteFrom(table).where("dataset", "=", row.id).execute();
    }
    await transaction.deleteFrom("datasets").where("id", "=", row.id).execute();
    await transaction.insertInto("dataset_removals").values({ dataset: row.id }).execute();
  });
  const removed = await engine.reads.selectFrom("dataset_removals").selectAll().execute();
  for (const { dataset } of removed) await removeRecords(engine, dataset);
}

async function removeRecords(engine: SqlEngine, dataset: number): Promise<void> {
  for (;;) {
    const rows = await engine.reads
      .selectFrom("dataset_records")
      .select("id")
      .where("dataset", "=", dataset)
      .limit(CHUNK)
      .execute();
    if (rows.length === 0) break;
    const ids = rows.map((row) => row.id);
    await engine.transaction((transaction) =>
      transaction
        .deleteFrom("dataset_records")
        .where(engine.expressions.isAmong(sql.ref("id"), ids))
        .execute(),
    );
    await nextTurn();
  }
  await engine.transaction((transaction) =>
    transaction.deleteFrom("dataset_removals").where("dataset", "=", dataset).execute(),
  );
}
