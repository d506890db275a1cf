import { setImmediate as nextTurn } from "node:timers/promises";
import { sql, type Transaction } from "kysely";
import type { JsonObject } from "../../../core/index.ts";
import type { DataPlan, EvaluationPlan } from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { insertRows } from "../engine.ts";
import { activeRun } from "../runs/run-rows.ts";
import type { Schema } from "../schema.ts";
import { toUsage, USAGE_SUMS } from "../usage-columns.ts";
import { CALL_INSERT } from "./result-inserts.ts";
import { committedTrials } from "./resuming.ts";

/** Results that one statement or one short transaction changes. */
const CHUNK = 500;

/** In place of the model of a call: results that were made again, with all that they used. */
const DISCARDED = "discarded results";

interface Move {
  readonly id: number;
  readonly ordinal: number;
}

/** Writes anew which data an evaluation is of. */
export async function replan(context: SqlContext, runId: string, data: DataPlan): Promise<void> {
  await context.engine.transaction(async (transaction) =>
    writeDataPlan(context, transaction, await activeRun(transaction, runId), data),
  );
}

export async function discardResult(
  context: SqlContext,
  runId: string,
  resultId: number,
): Promise<void> {
  await deleteResults(context, await activeRun(context.engine.reads, runId), [resultId]);
}

export async function discardFailures(context: SqlContext, runId: string): Promise<void> {
  const { engine } = context;
  const run = await activeRun(engine.reads, runId);
  const failed = await engine.reads
    .selectFrom("results")
    .select("id")
    .where("run", "=", run)
    .where("error", "is not", null)
    .execute();
  await deleteResults(
    context,
    run,
    failed.map(({ id }) => id),
  );
  const unscored = await engine.reads
    .selectFrom("scores")
    .innerJoin("results", "results.id", "scores.result_id")
    .select(["result_id", "scorer_id"])
    .where("results.run", "=", run)
    .where("part", "=", 0)
    .where("kind", "=", "u")
    .where("reason", "!=", "not-applicable")
    .execute();
  for (const chunk of chunksOf(unscored)) {
    await engine.transaction(async (transaction) => {
      for (const { result_id, scorer_id } of chunk) {
        await transaction
          .deleteFrom("scores")
          .where("result_id", "=", result_id)
          .where("scorer_id", "=", scorer_id)
          .execute();
      }
    });
  }
}

export async function moveResults(
  context: SqlContext,
  runId: string,
  ordinals: ReadonlyMap<string, number>,
  data?: DataPlan,
): Promise<void> {
  const { engine } = context;
  const run = await activeRun(engine.reads, runId);
  const gone: number[] = [];
  const moved: Move[] = [];
  for await (const { resultId, rowKey, ordinal } of committedTrials(context, runId)) {
    const now = ordinals.get(rowKey);
    if (now === undefined) gone.push(resultId);
    else if (now !== ordinal) moved.push({ id: resultId, ordinal: now });
  }
  await deleteResults(context, run, gone);
  // At once with what the plan says: half of it would belong to no data at all, not even after the next attempt.
  await engine.transaction(async (transaction) => {
    // In two steps, because a row may move to where another one has not moved away from yet.
    await moveAll(
      transaction,
      moved.map(({ id, ordinal }) => ({ id, ordinal: -1 - ordinal })),
    );
    await moveAll(transaction, moved);
    if (data !== undefined) await writeDataPlan(context, transaction, run, data);
  });
}

async function moveAll(transaction: Transaction<Schema>, moves: readonly Move[]): Promise<void> {
  for (const chunk of chunksOf(moves)) {
    const places = chunk.map(({ id, ordinal }) => sql`(${sql.lit(id)}, ${sql.lit(ordinal)})`);
    await sql`with moved(id, ordinal) as (values ${sql.join(places)})
      update results set ordinal = moved.ordinal from moved where results.id = moved.id`.execute(
      transaction,
    );
    // SQLite answers at once: the lease is renewed meanwhile, and signals are heard.
    await nextTurn();
  }
}

async function writeDataPlan(
  { scrubber }: SqlContext,
  transaction: Transaction<Schema>,
  run: number,
  { rows, dataset, configuration }: DataPlan,
): Promise<void> {
  const { plan } = await transaction
    .selectFrom("evaluations")
    .select("plan")
    .where("run", "=", run)
    .executeTakeFirstOrThrow();
  const { rows: _, ...kept } = JSON.parse(plan) as EvaluationPlan;
  const changed = { ...kept, ...(rows !== undefined && { rows }), dataset, configuration };
  await transaction
    .updateTable("evaluations")
    .set({ plan: scrubber.record(changed as unknown as JsonObject), planned_rows: rows ?? null })
    .where("run", "=", run)
    .execute();
}

/** What they used stays among the calls of the run: it was paid for. */
async function deleteResults(
  { engine }: SqlContext,
  run: number,
  ids: readonly number[],
): Promise<void> {
  for (const chunk of chunksOf(ids)) {
    await engine.transaction(async (transaction) => {
      const usage = await transaction
        .selectFrom("results")
        .select(USAGE_SUMS)
        .where("id", "in", chunk)
        .executeTakeFirstOrThrow();
      if (Object.keys(toUsage(usage)).length > 0) {
        const [id = 0] = await engine.reserveIds(transaction, "calls", 1);
        const { input_tokens, output_tokens, cost } = usage;
        const used = [input_tokens, output_tokens, cost];
        const call = [id, run, DISCARDED, null, "", 0, ...used, null, null, null, null];
        await insertRows(engine, transaction, CALL_INSERT, [call]);
      }
      await transaction.deleteFrom("scores").where("result_id", "in", chunk).execute();
      await transaction.deleteFrom("results").where("id", "in", chunk).execute();
    });
  }
}

function* chunksOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += CHUNK) yield items.slice(start, start + CHUNK);
}
