import { setImmediate } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import { addUsage } from "../../../core/index.ts";
import type { ResultCounts, ScoreCounts, ScoreValues, UnknownCosts } from "../../ports/index.ts";
import type { Schema } from "../schema.ts";
import { toUsage, USAGE_SUMS } from "../usage-columns.ts";
import { NumberColumn } from "./number-column.ts";

const PAGE_SIZE = 5_000;

/** A place in the order of rows and their trials. */
interface Place {
  readonly ordinal: number;
  readonly trial: number;
}

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

  async unknownCosts(runId: string): Promise<UnknownCosts> {
    const isSilent = sql<boolean>`input_tokens is null and output_tokens is null`;
    const { silent, all } = await this.#database
      .selectFrom("results")
      .innerJoin("runs", "runs.id", "results.run")
      .select(({ fn }) => [
        fn.countAll<number>().as("all"),
        fn.countAll<number>().filterWhere(isSilent).as("silent"),
      ])
      .where("runs.run_id", "=", runId)
      .where("error", "is", null)
      .where("cost", "is", null)
      .executeTakeFirstOrThrow();
    const { judges } = await this.#database
      .selectFrom("calls")
      .innerJoin("runs", "runs.id", "calls.run")
      .select(({ fn }) => fn.countAll<number>().as("judges"))
      .where("runs.run_id", "=", runId)
      .where("calls.error", "is", null)
      .where("cached", "is", null)
      .where("cost", "is", null)
      .where("model", "not like", "offline:/%")
      .executeTakeFirstOrThrow();
    return { unpriced: all - silent, silent, judges };
  }

  async countScores(runId: string, scorer: string): Promise<ScoreCounts> {
    const rows = await this.#verdicts(runId, scorer)
      .select(({ fn }) => ["scores.kind", "scores.reason", fn.countAll<number>().as("count")])
      .groupBy(["scores.kind", "scores.reason"])
      .execute();
    const counts = { scored: 0, failed: 0, notApplicable: 0 };
    for (const row of rows) counts[countOf(row)] += row.count;
    return counts;
  }

  async scoreValues(runId: string, scorer: string): Promise<ScoreValues> {
    const [ordinals, values] = [new NumberColumn(), new NumberColumn()];
    const counts = { scored: 0, failed: 0, notApplicable: 0 };
    let isRate = true;
    const known = await this.#database
      .selectFrom("scorers")
      .innerJoin("runs", "runs.id", "scorers.run")
      .select(["scorers.id", "scorers.run"])
      .where("runs.run_id", "=", runId)
      .where("scorers.key", "=", scorer)
      .executeTakeFirst();
    if (known !== undefined) {
      const query = this.#database
        .selectFrom("results")
        .innerJoin("scores", "scores.result_id", "results.id")
        .select([
          "results.ordinal",
          "results.trial",
          "scores.value",
          "scores.kind",
          "scores.reason",
        ])
        .where("results.run", "=", known.run)
        .where("scores.scorer_id", "=", known.id)
        .where("scores.part", "=", 0)
        .orderBy("results.ordinal")
        .orderBy("results.trial")
        .limit(PAGE_SIZE);
      for await (const rows of inPages((last) => query.where(behind(last)).execute())) {
        for (const row of rows) {
          counts[countOf(row)] += 1;
          if (row.value === null) continue;
          ordinals.push(row.ordinal);
          values.push(row.value);
          isRate &&= row.kind !== "n";
        }
      }
    }
    const numbers = values.toArray();
    return {
      ordinals: ordinals.toArray(),
      values: numbers,
      counts,
      isRate: isRate && numbers.length > 0,
    };
  }

  async rowGroups(runId: string): Promise<ReadonlyMap<number, string>> {
    const groups = new Map<number, string>();
    const query = this.#database
      .selectFrom("results")
      .innerJoin("runs", "runs.id", "results.run")
      .select(["ordinal", "trial", "row_group"])
      .where("runs.run_id", "=", runId)
      .where("row_group", "is not", null)
      .orderBy("ordinal")
      .orderBy("trial")
      .limit(PAGE_SIZE);
    for await (const rows of inPages((last) => query.where(behind(last)).execute())) {
      for (const { ordinal, row_group } of rows) groups.set(ordinal, row_group as string);
    }
    return groups;
  }

  async latencies(runId: string): Promise<Float64Array> {
    const latencies = new NumberColumn();
    const query = this.#database
      .selectFrom("results")
      .innerJoin("runs", "runs.id", "results.run")
      .select(["ordinal", "trial", "latency_ms"])
      .where("runs.run_id", "=", runId)
      .where("error", "is", null)
      .where("latency_ms", "is not", null)
      .orderBy("ordinal")
      .orderBy("trial")
      .limit(PAGE_SIZE);
    for await (const rows of inPages((last) => query.where(behind(last)).execute())) {
      for (const row of rows) latencies.push(row.latency_ms as number);
    }
    return latencies.toArray();
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

/** What a verdict counts as. */
function countOf({ kind, reason }: { kind: string; reason: string | null }): keyof ScoreCounts {
  if (kind !== "u") return "scored";
  return reason === "not-applicable" ? "notApplicable" : "failed";
}

/** The rows of a query in order, page by page: a million at once are objects of hundreds of megabytes. */
async function* inPages<Row extends Place>(
  page: (last: Place) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  let last: Place = { ordinal: -1, trial: 0 };
  for (;;) {
    const rows = await page(last);
    yield rows;
    if (rows.length < PAGE_SIZE) return;
    // SQLite answers at once: without a turn of the event loop, seconds would pass before a signal is heard.
    await setImmediate();
    last = rows.at(-1) as Row;
  }
}

function behind({ ordinal, trial }: Place) {
  return sql<boolean>`(results.ordinal, results.trial) > (${ordinal}, ${trial})`;
}
