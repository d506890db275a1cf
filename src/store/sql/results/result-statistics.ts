import type { Kysely } from "kysely";
import { addUsage } from "../../../core/index.ts";
import type { ResultCounts, ScoreCounts, ScoreValues } from "../../ports/index.ts";
import type { Schema } from "../schema.ts";
import { toUsage, USAGE_SUMS } from "../usage-columns.ts";

/** Counts and values over the committed rows of one run; a run without any gives zeros and empty arrays. */
export class ResultStatistics {
  readonly #database: Kysely<Schema>;

  constructor(database: Kysely<Schema>) {
    this.#database = database;
  }

  async countResults(runId: string): Promise<ResultCounts> {
    const results = await this.#database
      .selectFrom("results")
      .innerJoin("runs", "runs.id", "results.run")
      .select(({ fn }) => [
        fn.countAll<number>().as("completed"),
        fn.count<number>("error").as("failed"),
        ...USAGE_SUMS,
      ])
      .where("runs.run_id", "=", runId)
      .executeTakeFirstOrThrow();
    const calls = await this.#database
      .selectFrom("calls")
      .innerJoin("runs", "runs.id", "calls.run")
      .select(USAGE_SUMS)
      .where("runs.run_id", "=", runId)
      .executeTakeFirstOrThrow();
    return {
      completed: results.completed,
      failed: results.failed,
      usage: addUsage(toUsage(results), toUsage(calls)),
    };
  }

  async countScores(runId: string, scorer: string): Promise<ScoreCounts> {
    const rows = await this.#verdicts(runId, scorer)
      .select(({ fn }) => ["scores.kind", "scores.reason", fn.countAll<number>().as("count")])
      .groupBy(["scores.kind", "scores.reason"])
      .execute();
    const total = (test: (row: (typeof rows)[number]) => boolean) =>
      rows.filter(test).reduce((sum, row) => sum + row.count, 0);
    return {
      scored: total((row) => row.kind !== "u"),
      failed: total((row) => row.kind === "u" && row.reason !== "not-applicable"),
      notApplicable: total((row) => row.kind === "u" && row.reason === "not-applicable"),
    };
  }

  async scoreValues(runId: string, scorer: string): Promise<ScoreValues> {
    const rows = await this.#verdicts(runId, scorer)
      .select(["results.ordinal", "scores.value", "scores.kind"])
      .where("scores.value", "is not", null)
      .orderBy("results.ordinal")
      .orderBy("results.trial")
      .execute();
    return {
      ordinals: Float64Array.from(rows, (row) => row.ordinal),
      values: Float64Array.from(rows, (row) => row.value as number),
      isRate: rows.length > 0 && rows.every((row) => row.kind !== "n"),
    };
  }

  async latencies(runId: string): Promise<Float64Array> {
    const rows = await this.#database
      .selectFrom("results")
      .innerJoin("runs", "runs.id", "results.run")
      .select("latency_ms")
      .where("runs.run_id", "=", runId)
      .where("error", "is", null)
      .where("latency_ms", "is not", null)
      .orderBy("ordinal")
      .orderBy("trial")
      .execute();
    return Float64Array.from(rows, (row) => row.latency_ms as number);
  }

  /** The verdicts on whole rows (part 0) of one scorer. */
  #verdicts(runId: string, scorer: string) {
    return this.#database
      .selectFrom("scores")
      .innerJoin("scorers", "scorers.id", "scores.scorer_id")
      .innerJoin("runs", "runs.id", "scorers.run")
      .innerJoin("results", "results.id", "scores.result_id")
      .where("runs.run_id", "=", runId)
      .where("scorers.key", "=", scorer)
      .where("scores.part", "=", 0);
  }
}
