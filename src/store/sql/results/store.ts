import {
  AssayError,
  isAssayError,
  type JsonObject,
  type Scrubber,
  scorerKey,
} from "../../../core/index.ts";
import type {
  CallQuery,
  DataPlan,
  EvaluationLease,
  EvaluationOutcome,
  EvaluationPlan,
  EvaluationRecord,
  NewResult,
  NewScore,
  NewVerdicts,
  ResultQuery,
  ResultStore,
  UnfinishedQuery,
} from "../../ports/index.ts";
import type { SqlContext } from "../context.ts";
import { activeRun } from "../runs/run-rows.ts";
import { callPages } from "./call-pages.ts";
import { callTotals, judgedTraces, partMeans } from "./judge-statistics.ts";
import { discardFailures, discardResult, moveResults, replan } from "./moving.ts";
import { resultPages } from "./result-pages.ts";
import { ResultStatistics } from "./result-statistics.ts";
import {
  type ResultValues,
  resultRow,
  type ScoreValues,
  scoreValues,
  sizeOfResult,
  sizeOfScores,
  writeResults,
  writeScores,
} from "./result-writer.ts";
import {
  committedTrials,
  getResult,
  leaseEvaluation,
  renewLease,
  reopenEvaluation,
  toRecord,
  unfinishedEvaluations,
} from "./resuming.ts";

/** Integer names inside the database. */
interface Evaluation {
  readonly runId: string;
  readonly run: number;
  readonly scorers: ReadonlyMap<string, number>;
}

export class SqlResultStore extends ResultStatistics implements ResultStore {
  readonly #context: SqlContext;
  readonly #writeResults: (results: readonly ResultValues[]) => Promise<number[]>;
  readonly #writeScores: (scores: readonly ScoreValues[]) => Promise<undefined[]>;
  /** The evaluations being written, looked up once each. */
  readonly #open = new Map<string, Promise<Evaluation>>();

  constructor(context: SqlContext) {
    super(context.engine.reads);
    this.#context = context;
    const { commits } = context;
    this.#writeResults = commits.channel({
      apply: (transaction, results) => writeResults(context, transaction, results),
      sizeOf: sizeOfResult,
    });
    this.#writeScores = commits.channel({
      apply: (transaction, scores) => writeScores(context, transaction, scores),
      sizeOf: sizeOfScores,
    });
  }

  async beginEvaluation(runId: string, plan: EvaluationPlan): Promise<void> {
    const { engine, scrubber } = this.#context;
    await engine.transaction(async (transaction) => {
      const run = await activeRun(transaction, runId);
      const { numInsertedOrUpdatedRows } = await transaction
        .insertInto("evaluations")
        .values({
          run,
          plan: scrubber.record(plan as unknown as JsonObject),
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
    await this.#context.engine.transaction((transaction) =>
      transaction
        .updateTable("evaluations")
        .set({ planned_rows: rows })
        .where("run", "=", run)
        .execute(),
    );
  }

  async commitResult(runId: string, result: NewResult): Promise<number> {
    const [id] = await this.commitResults(runId, [result]);
    return id as number;
  }

  async commitResults(runId: string, results: readonly NewResult[]): Promise<number[]> {
    const evaluation = await this.#evaluation(runId);
    try {
      const values = results.map((result) => this.#resultValues(evaluation, result));
      const ready = values.filter((value) => "row" in value);
      return await this.#writeResults(
        ready.length === values.length ? ready : await Promise.all(values),
      );
    } catch (cause) {
      if (!isAssayError(cause, "already-exists")) throw cause;
      const rows = results.map(({ ordinal, trial }) => `row ${ordinal}, trial ${trial}`);
      const which = rows.length === 1 ? rows[0] : `one of ${rows.at(0)} to ${rows.at(-1)}`;
      const message = `Run ${runId} already has a result of ${which}`;
      throw new AssayError("already-exists", message, { cause });
    }
  }

  async commitScore(runId: string, score: NewScore): Promise<void> {
    await this.commitScores(runId, [score]);
  }

  async commitScores(runId: string, scores: readonly NewScore[]): Promise<void> {
    const evaluation = await this.#evaluation(runId);
    await this.#writeScores(
      scores.map((score) => this.#scoreValues(evaluation, score, score.resultId)),
    );
  }

  #resultValues(evaluation: Evaluation, result: NewResult): ResultValues | Promise<ResultValues> {
    const row = resultRow(this.#context, evaluation.run, result);
    const scores = (result.scores ?? []).map((score) => this.#scoreValues(evaluation, score));
    return "then" in row ? row.then((made) => ({ row: made, scores })) : { row, scores };
  }

  #scoreValues({ runId, run, scorers }: Evaluation, score: NewVerdicts, resultId?: number) {
    const scorerId = scorers.get(score.scorer);
    if (scorerId !== undefined) return scoreValues(this.#context, run, scorerId, score, resultId);
    const message = `Run ${runId} has no scorer ${score.scorer} in its plan`;
    throw new AssayError("internal", message);
  }

  async finishEvaluation(
    runId: string,
    outcome: EvaluationOutcome,
    worker?: string,
  ): Promise<void> {
    const { engine, commits, scrubber } = this.#context;
    const { run } = await this.#evaluation(runId);
    await commits.drained();
    const { numUpdatedRows } = await engine.transaction((transaction) =>
      transaction
        .updateTable("evaluations")
        .set({
          status: outcome.status,
          outcome: scrubber.record(shownOutcome(outcome, scrubber)),
        })
        .where("run", "=", run)
        .$if(worker !== undefined, (query) => query.where("worker", "=", worker ?? ""))
        .executeTakeFirstOrThrow(),
    );
    if (numUpdatedRows === 0n) {
      throw new AssayError("conflict", `Run ${runId} was taken over by another process`);
    }
    this.#open.delete(runId);
  }

  async getEvaluation(runId: string): Promise<EvaluationRecord | undefined> {
    const row = await this.#context.engine.reads
      .selectFrom("evaluations")
      .innerJoin("runs", "runs.id", "evaluations.run")
      .select(["plan", "planned_rows", "evaluations.status", "outcome"])
      .where("runs.run_id", "=", runId)
      .executeTakeFirst();
    return row && toRecord(runId, row);
  }

  unfinishedEvaluations(query: UnfinishedQuery) {
    return unfinishedEvaluations(this.#context, query);
  }

  leaseEvaluation(runId: string, lease: EvaluationLease) {
    return leaseEvaluation(this.#context, runId, lease);
  }

  renewLease(runId: string, lease: EvaluationLease) {
    return renewLease(this.#context, runId, lease);
  }

  reopenEvaluation(runId: string) {
    return reopenEvaluation(this.#context, runId);
  }

  committedTrials(runId: string, ordinals?: readonly number[]) {
    return committedTrials(this.#context, runId, ordinals);
  }

  getResult(runId: string, resultId: number) {
    return getResult(this.#context, runId, resultId);
  }

  discardResult(runId: string, resultId: number) {
    return discardResult(this.#context, runId, resultId);
  }

  discardFailures(runId: string) {
    return discardFailures(this.#context, runId);
  }

  moveResults(runId: string, ordinals: ReadonlyMap<string, number>, data?: DataPlan) {
    return moveResults(this.#context, runId, ordinals, data);
  }

  replan(runId: string, data: DataPlan) {
    return replan(this.#context, runId, data);
  }

  judgedTraces(traceIds: readonly string[], scorer: string) {
    return judgedTraces(this.#context.engine.reads, traceIds, scorer);
  }

  callTotals(runId: string) {
    return callTotals(this.#context.engine.reads, runId);
  }

  listCalls(runId: string, query: CallQuery = {}) {
    return callPages(this.#context.engine, runId, query);
  }

  partMeans(runId: string, scorer: string, parts: readonly string[]) {
    return partMeans(this.#context.engine.reads, runId, scorer, parts);
  }

  listResults(runId: string, query: ResultQuery = {}) {
    return resultPages(this.#context.engine, runId, query);
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
    const run = await activeRun(this.#context.engine.reads, runId);
    const begun = await this.#context.engine.reads
      .selectFrom("evaluations")
      .select("run")
      .where("run", "=", run)
      .executeTakeFirst();
    if (begun === undefined) throw new AssayError("not-found", `Run ${runId} holds no evaluation`);
    const scorers = await this.#context.engine.reads
      .selectFrom("scorers")
      .select(["id", "key"])
      .where("run", "=", run)
      .execute();
    return { runId, run, scorers: new Map(scorers.map(({ key, id }) => [key, id])) };
  }
}

/** Problems and notes quote what rows said; the rest is the run's own record. */
function shownOutcome(outcome: EvaluationOutcome, { text }: Scrubber): JsonObject {
  const { problems, notes } = outcome;
  return {
    ...(outcome as unknown as JsonObject),
    problems: problems.map(text),
    ...(notes !== undefined && { notes: notes.map(text) }),
  };
}
