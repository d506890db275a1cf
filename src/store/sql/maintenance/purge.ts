import { type RawBuilder, sql, type Transaction } from "kysely";
import type { SqlContext } from "../context.ts";
import type { Schema } from "../schema.ts";
import { inExperiment, OWNED_TABLE_NAMES } from "./owned-tables.ts";

/** Rows per transaction where there may be millions, so that others get their turn at writing. */
const CHUNK = 2_000;

type Numbered = "results" | "traces" | "calls";

/** Removes a run with its results, traces and all else that is its own; what was logged of it elsewhere stays. */
export async function purgeRun(context: SqlContext, run: number): Promise<void> {
  const isOfRun = sql<boolean>`run = ${run}`;
  await purgeTraces(context, isOfRun);
  await inChunks(context, "results", isOfRun, async (transaction, results) => {
    await remove(
      transaction,
      "scores",
      context.engine.expressions.isAmong(sql.ref("result_id"), results),
    );
  });
  await inChunks(context, "calls", isOfRun);
  await context.engine.transaction(async (transaction) => {
    for (const table of [
      "scorers",
      "evaluations",
      "run_models",
      "run_input_tags",
      "run_inputs",
      "run_latest_metrics",
      "run_metrics",
      "run_params",
      "run_tags",
      "logged_model_metrics",
      "assessments",
    ] as const) {
      await remove(transaction, table, isOfRun);
    }
    await transaction
      .updateTable("logged_models")
      .set({ source_run: null })
      .where("source_run", "=", run)
      .execute();
    await remove(transaction, "runs", sql`id = ${run}`);
  });
}

/** Removes a logged model with what was logged of it. */
export async function purgeModel({ engine }: SqlContext, model: number): Promise<void> {
  await engine.transaction(async (transaction) => {
    for (const table of [
      "run_models",
      "logged_model_metrics",
      "logged_model_params",
      "logged_model_tags",
    ] as const) {
      await remove(transaction, table, sql`model = ${model}`);
    }
    await remove(transaction, "logged_models", sql`id = ${model}`);
  });
}

/** Removes an experiment with all that is in it. */
export async function purgeExperiment(context: SqlContext, experimentId: number): Promise<void> {
  const { engine } = context;
  await purgeTraces(context, sql`experiment_id = ${experimentId}`);
  const runs = await engine.reads
    .selectFrom("runs")
    .select("id")
    .where("experiment_id", "=", experimentId)
    .execute();
  for (const { id } of runs) await purgeRun(context, id);
  await engine.transaction(async (transaction) => {
    for (const table of OWNED_TABLE_NAMES.toReversed()) {
      await remove(transaction, table, inExperiment(table, experimentId));
    }
    await remove(transaction, "dataset_experiments", sql`experiment_id = ${experimentId}`);
    await remove(transaction, "experiments", sql`experiment_id = ${experimentId}`);
  });
}

async function purgeTraces(context: SqlContext, condition: RawBuilder<boolean>): Promise<void> {
  await inChunks(context, "traces", condition, async (transaction, traces) => {
    const isOfTrace = context.engine.expressions.isAmong(sql.ref("trace"), traces);
    for (const table of ["assessments", "spans", "trace_tags", "trace_metadata"] as const) {
      await remove(transaction, table, isOfTrace);
    }
  });
}

/** Removes rows a chunk at a time, each with what `removeOwned` takes away before it. */
async function inChunks(
  { engine }: SqlContext,
  table: Numbered,
  condition: RawBuilder<boolean>,
  removeOwned?: (transaction: Transaction<Schema>, ids: readonly number[]) => Promise<void>,
): Promise<void> {
  for (;;) {
    const removed = await engine.transaction(async (transaction) => {
      const rows = await transaction
        .selectFrom(table)
        .select("id")
        .where(condition)
        .orderBy("id")
        .limit(CHUNK)
        .execute();
      const ids = rows.map((row) => row.id);
      await removeOwned?.(transaction, ids);
      await remove(transaction, table, engine.expressions.isAmong(sql.ref("id"), ids));
      return ids.length;
    });
    if (removed < CHUNK) return;
  }
}

async function remove(
  transaction: Transaction<Schema>,
  table: keyof Schema,
  condition: RawBuilder<boolean>,
): Promise<void> {
  await sql`delete from ${sql.table(table)} where ${condition}`.execute(transaction);
}
