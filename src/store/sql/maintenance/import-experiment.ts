import { sql, type Transaction } from "kysely";
import { AssayError, type Experiment } from "../../../core/index.ts";
import { checkTime } from "../../limits.ts";
import type { ExportedRow } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { experimentName } from "../experiments/new-experiment.ts";
import type { Schema } from "../schema.ts";
import { RowImport } from "./import-rows.ts";
import { purgeExperiment } from "./purge.ts";

type Named = Pick<Experiment, "name" | "creationTime" | "lastUpdateTime">;

/** Makes an experiment of exported rows; resolves to its id. See the port for what it promises. */
export async function importExperiment(
  context: SqlContext,
  experiment: Named,
  rows: AsyncIterable<ExportedRow>,
  finish: (artifactLocation: string) => Promise<void>,
): Promise<number> {
  const { engine } = context;
  const name = experimentName(context, experiment.name);
  checkTime(experiment.creationTime, "creation_time");
  checkTime(experiment.lastUpdateTime, "last_update_time");
  await refuseTaken(context, name);
  const hidden = await makeHidden(context);
  const rowImport = await RowImport.into(context, hidden);
  try {
    await rowImport.write(rows);
    await finish(hidden.location);
    await engine.transaction(async (transaction) => {
      await show(transaction, hidden.id, { ...experiment, name });
      for (const [table, active] of rowImport.active) {
        await transaction
          .updateTable(table)
          .set({ lifecycle_stage: "active" })
          .where(engine.expressions.isAmong(sql.ref("id"), active))
          .execute();
      }
    });
    return hidden.id;
  } catch (error) {
    await rowImport.undo();
    await purgeExperiment(context, hidden.id);
    throw error;
  }
}

/** What an experiment is called while it is being imported. */
export const UNFINISHED_IMPORT = "unfinished import ";

/** An experiment that counts as deleted: should the process die, a `gc` of the next day removes it. */
async function makeHidden({ engine, clock, artifactRoot }: SqlContext) {
  const now = clock.now();
  return engine.transaction(async (transaction) => {
    const { experiment_id: id } = await transaction
      .insertInto("experiments")
      .values({
        name: `${UNFINISHED_IMPORT}${crypto.randomUUID()}`,
        artifact_location: "",
        lifecycle_stage: "deleted",
        deleted_time: now,
        creation_time: now,
        last_update_time: now,
      })
      .returning("experiment_id")
      .executeTakeFirstOrThrow();
    // Of its own: a store that keeps its files below the same root may have the same ids.
    const location = `${artifactRoot}/${id}-${crypto.randomUUID().slice(0, 8)}`;
    await transaction
      .updateTable("experiments")
      .set({ artifact_location: location })
      .where("experiment_id", "=", id)
      .execute();
    return { id, location };
  });
}

async function show(transaction: Transaction<Schema>, id: number, named: Named): Promise<void> {
  const { numUpdatedRows } = await transaction
    .updateTable("experiments")
    .set({
      name: named.name,
      lifecycle_stage: "active",
      deleted_time: null,
      creation_time: named.creationTime,
      last_update_time: named.lastUpdateTime,
    })
    .where("experiment_id", "=", id)
    .where("lifecycle_stage", "=", "deleted")
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return;
  throw new AssayError(
    "conflict",
    "The import took longer than a day, and a garbage collection has taken it for an abandoned one",
  );
}

async function refuseTaken({ engine }: SqlContext, name: string): Promise<void> {
  const taken = await engine.reads
    .selectFrom("experiments")
    .select("lifecycle_stage")
    .where("name", "=", name)
    .executeTakeFirst();
  if (taken === undefined) return;
  const state = taken.lifecycle_stage === "active" ? "" : " (deleted)";
  throw new AssayError(
    "already-exists",
    `Experiment "${name}" is in this store already${state}. Give the import another name with --experiment.`,
  );
}
