import type { Kysely, Transaction } from "kysely";
import { AssayError, isAssayError, scorerKey } from "../../core/index.ts";
import type {
  EvaluationOutcome,
  EvaluationPlan,
  EvaluationRecord,
  EvaluationStatus,
  NewResult,
  NewScore,
  ResultQuery,
  ResultStore,
} from "../ports.ts";
import type { GroupCommit } from "./group-commit.ts";
import { compileInserts, type ResultInserts } from "./result-inserts.ts";
import { resultPages } from "./result-pages.ts";
import { ResultStatistics } from "./result-statistics.ts";
import { activeRun } from "./runs.ts";
import type { Schema } from "./schema.ts";
import { toColumns } from "./score-columns.ts";
import { usageColumns } from "./usage-columns.ts";

/** Integer names inside the database. */
interface Evaluation {
  readonly run: number;
  readonly scorers: ReadonlyMap<string, number>;
}

export class SqlResultStore extends ResultStatistics implements ResultStore {
  readonly #database: Kysely<Schema>;
  readonly #commits: GroupCommit;
  readonly #inserts: ResultInserts;
  /** The evaluations being written, looked up once each. */
  readonly #open = new Map<string, Promise<Evaluation>>();

  constructor(database: Kysely<Schema>, commits: GroupCommit) {
    super(database);
    this.#database = database;
    this.#commits = commits;
    this.#inserts = compileInserts(database);
  }

  async beginEvaluation(runId: string, plan: EvaluationPlan): Promise<void> {
    await this.#database.transaction().execute(async (transaction) => {
      const run = await activeRun(transaction, runId);
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto("evaluations")
        .values({
          run,
          plan: JSON.stringify(plan),
          planned_rows: plan.rows ?? null,
          status: "running",
          outcome: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 0n) {
        throw new AssayError(
          "already-exists",
          `Run ${runId} already holds an evaluation; a run has one. Begin another run.`,
        );
      }
      for (const scorer of plan.scorers) {
        const greater_is_better = scorer.greaterIsBetter === false ? 0 : 1;
        await transaction
          .insertInto("scorers")
          .values({ run, key: scorerKey(scorer), greater_is_better })
          .execute();
      }
    });
  }

  async setPlannedRows(runId: string, rows: number): Promise<void> {
    const { run } = await this.#evaluation(runId);
    await this.#database
      .updateTable("evaluations")
      .set({ planned_rows: rows })
      .where("run", "=", run)
      .execute();
  }

  async commitResult(runId: string, result: NewResult): Promise<number> {
    const { run } = await this.#evaluation(runId);
    const { ordinal, trial } = result;
    const query = this.#inserts.result({
      run,
      ordinal,
      trial,
      row_key: result.rowKey,
      inputs: JSON.stringify(result.inputs),
      expectations: JSON.stringify(result.expectations),
      outputs: "outputs" in result.outcome ? JSON.stringify(result.outcome.outputs) : null,
      error: "error" in result.outcome ? result.outcome.error : null,
      latency_ms: result.latencyMs ?? null,
      ...usageColumns(result.usage),
      trace_id: result.traceId ?? null,
    });
    try {
      return await this.#commits.enqueue(async (transaction) => {
        const { insertId } = await transaction.executeQuery(query);
        return Number(insertId);
      });
    } catch (cause) {
      if (!isAssayError(cause, "already-exists")) throw cause;
      const message = `Run ${runId} already has a result of row ${ordinal}, trial ${trial}`;
      throw new AssayError("already-exists", message, { cause });
    }
  }

  async commitScore(runId: string, score: NewScore): Promise<void> {
    const { run, scorers } = await this.#evaluation(runId);
    const scorer_id = scorers.get(score.scorer);
    if (scorer_id === undefined) {
      throw new AssayError("internal", `Run ${runId} has no scorer ${score.scorer} in its plan`);
    }
    await this.#commits.enqueue(async (transaction) => {
      const call_id = await this.#writeCalls(transaction, run, score);
      for (const [part, verdict] of score.scores.entries()) {
        const { resultId: result_id } = score;
        const row = { result_id, scorer_id, part, call_id, ...toColumns(verdict) };
        await transaction.executeQuery(this.#inserts.score(row));
      }
    });
  }

  async finishEvaluation(runId: string, outcome: EvaluationOutcome): Promise<void> {
    const { run } = await this.#evaluation(runId);
    await this.#commits.drained();
    await this.#database
      .updateTable("evaluations")
      .set({ status: outcome.status, outcome: JSON.stringify(outcome) })
      .where("run", "=", run)
      .execute();
    this.#open.delete(runId);
  }

  async getEvaluation(runId: string): Promise<EvaluationRecord | undefined> {
    const row = await this.#database
      .selectFrom("evaluations")
      .innerJoin("runs", "runs.id", "evaluations.run")
      .select(["plan", "planned_rows", "evaluations.status", "outcome"])
      .where("runs.run_id", "=", runId)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const { rows: _, ...plan } = JSON.parse(row.plan) as EvaluationPlan;
    return {
      ...plan,
      runId,
      status: row.status as EvaluationStatus,
      ...(row.planned_rows !== null && { rows: row.planned_rows }),
      ...(row.outcome !== null && { outcome: JSON.parse(row.outcome) as EvaluationOutcome }),
    };
  }

  listResults(runId: string, query: ResultQuery = {}) {
    return resultPages(this.#database, runId, query);
  }

  async #writeCalls(
    transaction: Transaction<Schema>,
    run: number,
    score: NewScore,
  ): Promise<number | null> {
    let last: number | null = null;
    for (const call of score.calls ?? []) {
      const { insertId } = await transaction.executeQuery(
        this.#inserts.call({
          run,
          model: call.model,
          answered_by: call.answeredBy ?? null,
          reply: call.reply,
          latency_ms: call.latencyMs,
          ...usageColumns(call.usage),
        }),
      );
      last = Number(insertId);
    }
    return last;
  }

  /** @throws {AssayError} `not-found` before {@link beginEvaluation}, `conflict` for a deleted run. */
  #evaluation(runId: string): Promise<Evaluation> {
    const open = this.#open.get(runId);
    if (open !== undefined) return open;
    const found = this.#findEvaluation(runId);
    this.#open.set(runId, found);
    found.catch(() => this.#open.delete(runId));
    return found;
  }

  async #findEvaluation(runId: string): Promise<Evaluation> {
    const run = await activeRun(this.#database, runId);
    const begun = await this.#database
      .selectFrom("evaluations")
      .select("run")
      .where("run", "=", run)
      .executeTakeFirst();
    if (begun === undefined) throw new AssayError("not-found", `Run ${runId} holds no evaluation`);
    const scorers = await this.#database
      .selectFrom("scorers")
      .select(["id", "key"])
      .where("run", "=", run)
      .execute();
    return { run, scorers: new Map(scorers.map(({ key, id }) => [key, id])) };
  }
}
