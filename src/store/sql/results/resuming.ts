import { type Selectable, sql } from "kysely";
import { AssayError, type ResultRow } from "../../../core/index.ts";
import type {
  CommittedTrial,
  EvaluationLease,
  EvaluationOutcome,
  EvaluationPlan,
  EvaluationRecord,
  EvaluationStatus,
  UnfinishedEvaluation,
  UnfinishedQuery,
} from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import type { SqlEngine } from "../engine.ts";
import { activeRun } from "../runs/run-rows.ts";
import type { Schema } from "../schema.ts";
import { resultsWithVerdicts } from "./result-pages.ts";

const PAGE_SIZE = 1_000;

type EvaluationRow = Pick<
  Selectable<Schema["evaluations"]>,
  "plan" | "planned_rows" | "status" | "outcome"
>;

export function toRecord(runId: string, row: EvaluationRow): EvaluationRecord {
  const { rows: _, ...plan } = JSON.parse(row.plan) as EvaluationPlan;
  return {
    ...plan,
    runId,
    status: row.status as EvaluationStatus,
    ...(row.planned_rows !== null && { rows: row.planned_rows }),
    ...(row.outcome !== null && { outcome: JSON.parse(row.outcome) as EvaluationOutcome }),
  };
}

export async function unfinishedEvaluations(
  { engine, clock }: SqlContext,
  { experimentId, name, withEnded = false }: UnfinishedQuery,
): Promise<UnfinishedEvaluation[]> {
  const ended: readonly EvaluationStatus[] = withEnded ? ["finished"] : [];
  const now = engine.expressions.now(clock);
  const rows = await engine.reads
    .selectFrom("evaluations")
    .innerJoin("runs", "runs.id", "evaluations.run")
    .select(["runs.id", "runs.run_id", "plan", "planned_rows", "evaluations.status", "outcome"])
    .select(sql<string | null>`case when lease_until > ${now} then worker end`.as("holder"))
    .where("runs.experiment_id", "=", Number(experimentId))
    .where("runs.lifecycle_stage", "=", "active")
    .where("evaluations.status", "in", ["running", "interrupted", "failed", "incomplete", ...ended])
    .orderBy("runs.start_time", "desc")
    .orderBy("runs.id", "desc")
    .execute();
  const found: UnfinishedEvaluation[] = [];
  for (const { id, run_id, holder, ...row } of rows) {
    const record = toRecord(run_id, row);
    if (record.name !== name || !(withEnded || hasRowsLeft(record))) continue;
    const { rows: held } = await sql<{ worker: string }>`select distinct worker from run_chunks
      where run = ${id} and lease_until > ${now}`.execute(engine.reads);
    const workers = held.map(({ worker }) => worker);
    found.push({ ...record, workers: holder === null ? workers : [holder, ...workers] });
  }
  return found;
}

/** An incomplete evaluation has been through its rows, unless a limit stopped it. */
function hasRowsLeft({ status, outcome }: EvaluationRecord): boolean {
  return status !== "incomplete" || outcome?.stop !== undefined;
}

export async function leaseEvaluation(
  { engine, clock }: SqlContext,
  runId: string,
  { worker, ttlMs }: EvaluationLease,
): Promise<EvaluationLease | undefined> {
  const now = engine.expressions.now(clock);
  return engine.transaction(async (transaction) => {
    const run = await activeRun(transaction, runId);
    const { numUpdatedRows } = await transaction
      .updateTable("evaluations")
      .set({ worker, lease_until: sql`${now} + ${ttlMs}` })
      .where("run", "=", run)
      .where(({ or, eb }) =>
        or([eb("worker", "is", null), eb("worker", "=", worker), eb("lease_until", "<=", now)]),
      )
      .executeTakeFirstOrThrow();
    if (numUpdatedRows > 0n) return undefined;
    const held = await transaction
      .selectFrom("evaluations")
      .select("worker")
      .select(sql<number>`lease_until - ${now}`.as("left"))
      .where("run", "=", run)
      .executeTakeFirst();
    if (held === undefined) throw new AssayError("not-found", `Run ${runId} holds no evaluation`);
    return { worker: held.worker ?? "", ttlMs: Math.max(0, held.left) };
  });
}

export async function renewLease(
  { engine, clock }: SqlContext,
  runId: string,
  { worker, ttlMs }: EvaluationLease,
): Promise<boolean> {
  return engine.transaction(async (transaction) => {
    const { numUpdatedRows } = await transaction
      .updateTable("evaluations")
      .set({ lease_until: sql`${engine.expressions.now(clock)} + ${ttlMs}` })
      .where("run", "=", await activeRun(transaction, runId))
      .where("worker", "=", worker)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  });
}

export async function reopenEvaluation({ engine }: SqlContext, runId: string): Promise<void> {
  await engine.transaction(async (transaction) => {
    const run = await activeRun(transaction, runId);
    await transaction
      .updateTable("evaluations")
      .set({ status: "running", outcome: null })
      .where("run", "=", run)
      .execute();
  });
}

export async function* committedTrials(
  { engine }: SqlContext,
  runId: string,
  ordinals?: readonly number[],
): AsyncGenerator<CommittedTrial> {
  const run = await activeRun(engine.reads, runId);
  const keys = new Map(
    (
      await engine.reads
        .selectFrom("scorers")
        .select(["id", "key"])
        .where("run", "=", run)
        .execute()
    ).map(({ id, key }) => [id, key]),
  );
  for await (const page of trialPages(engine, run, ordinals)) {
    const scored = await scorersOf(
      engine,
      page.map(({ id }) => id),
    );
    for (const { id, row_key, ordinal, trial, failed } of page) {
      yield {
        resultId: id,
        rowKey: row_key,
        ordinal,
        trial,
        hasFailed: Boolean(failed),
        scorers: (scored.get(id) ?? []).map((scorer) => keys.get(scorer) ?? ""),
      };
    }
  }
}

interface TrialRow {
  readonly id: number;
  readonly row_key: string;
  readonly ordinal: number;
  readonly trial: number;
  readonly failed: number | boolean;
}

/** The trials of a run in row order, or at once those of a few rows, each found by the index. */
async function* trialPages(
  engine: SqlEngine,
  run: number,
  ordinals: readonly number[] | undefined,
): AsyncGenerator<readonly TrialRow[]> {
  const trials = engine.reads
    .selectFrom("results")
    .select(["id", "row_key", "ordinal", "trial", sql<number>`error is not null`.as("failed")])
    .where("run", "=", run)
    .orderBy("ordinal")
    .orderBy("trial");
  if (ordinals !== undefined) {
    yield await trials.where(engine.expressions.isAmong(sql.ref("ordinal"), ordinals)).execute();
    return;
  }
  let last: Pick<TrialRow, "ordinal" | "trial"> = { ordinal: -1, trial: 0 };
  for (;;) {
    const page = await trials
      .where(sql<boolean>`(ordinal, trial) > (${last.ordinal}, ${last.trial})`)
      .limit(PAGE_SIZE)
      .execute();
    yield page;
    if (page.length < PAGE_SIZE) return;
    last = page.at(-1) ?? last;
  }
}

async function scorersOf(
  engine: SqlEngine,
  resultIds: readonly number[],
): Promise<ReadonlyMap<number, number[]>> {
  const scorers = new Map<number, number[]>();
  if (resultIds.length === 0) return scorers;
  const rows = await engine.reads
    .selectFrom("scores")
    .select(["result_id", "scorer_id"])
    .where(engine.expressions.isAmong(sql.ref("result_id"), resultIds))
    .where("part", "=", 0)
    .execute();
  for (const { result_id, scorer_id } of rows) {
    const known = scorers.get(result_id);
    if (known === undefined) scorers.set(result_id, [scorer_id]);
    else known.push(scorer_id);
  }
  return scorers;
}

export async function getResult(
  { engine }: SqlContext,
  runId: string,
  resultId: number,
): Promise<ResultRow | undefined> {
  const run = await activeRun(engine.reads, runId);
  const rows = await engine.reads
    .selectFrom("results")
    .selectAll()
    .where("id", "=", resultId)
    .where("run", "=", run)
    .execute();
  const [row] = await resultsWithVerdicts(engine, rows);
  return row;
}
