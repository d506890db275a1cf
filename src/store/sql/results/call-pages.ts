import { withoutAbsent } from "../../../core/index.ts";
import type { CallQuery, KeptCall } from "../../ports/index.ts";
import type { SqlEngine } from "../engine.ts";
import { toUsage } from "../usage-columns.ts";

const PAGE_SIZE = 500;

/** The calls of a run's judges, a page at a time. */
export async function* callPages(
  { reads }: SqlEngine,
  runId: string,
  { scorer, limit = Number.POSITIVE_INFINITY }: CallQuery,
): AsyncGenerator<KeptCall> {
  let last = -1;
  for (let left = limit; left > 0; ) {
    const size = Math.min(PAGE_SIZE, left);
    const rows = await reads
      .selectFrom("calls")
      .innerJoin("runs", "runs.id", "calls.run")
      .leftJoin("scorers", "scorers.id", "calls.scorer_id")
      .selectAll("calls")
      .select("scorers.key")
      .where("runs.run_id", "=", runId)
      .where("calls.id", ">", last)
      .$if(scorer !== undefined, (calls) => calls.where("scorers.key", "=", scorer as string))
      .orderBy("calls.id")
      .limit(size)
      .execute();
    for (const row of rows) {
      const usage = toUsage(row);
      yield withoutAbsent<KeptCall>({
        scorer: row.key ?? undefined,
        model: row.model,
        answeredBy: row.answered_by ?? undefined,
        reply: row.reply,
        latencyMs: row.latency_ms,
        usage: Object.keys(usage).length > 0 ? usage : undefined,
        attempts: row.attempts ?? undefined,
        error: row.error ?? undefined,
        isCached: row.cached === 1 ? true : undefined,
      });
    }
    if (rows.length < size) return;
    last = rows.at(-1)?.id ?? last;
    left -= size;
  }
}
