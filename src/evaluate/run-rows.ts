import { flushTraces } from "../tracing/index.ts";
import type { Reached } from "./finish-run.ts";
import type { TrialContext } from "./predict.ts";
import { Progressing } from "./progressing.ts";
import type { Trial } from "./run-trial.ts";
import { isWhole, runTrials } from "./run-trials.ts";
import { stopSignal } from "./stop-signal.ts";

/** Runs every trial of every row that is not committed yet, in the order of the data. */
export async function runRows(context: TrialContext): Promise<Omit<Reached, "durationMs">> {
  const { plan, store, runId, spending, committed } = context;
  const { signal } = plan.options;
  const progress = new Progressing(context, { completed: 0, failed: committed?.failed ?? 0 });
  const stop = stopSignal(plan.options);
  let digest: string | undefined;
  // A digest takes a pass over every row: it is left out where it is known.
  const source = plan.source.rows(
    plan.digest === undefined
      ? (totals) => {
          digest = totals.digest;
        }
      : undefined,
  );
  const most = plan.rows ?? plan.options.limit;
  const read = { rows: 0 };
  const trials = trialsOf(context, source, progress, read, most);
  const hasEnded = await runTrials(context, trials, progress, stop).finally(() => stop.end());
  await flushTraces();
  const rows = plan.rows ?? read.rows;
  if (plan.rows === undefined) await store.results.setPlannedRows(runId, rows);
  const isAll = hasEnded || progress.completed === (most ?? Number.NaN) * plan.trials;
  const isStopped = progress.givenUp > 0 || (!isAll && signal?.aborted === true);
  const late = stop.reason();
  const limit = isStopped || !isAll ? (late ?? spending.stop) : undefined;
  return { rows, isCut: isStopped && late === undefined, digest, stop: limit };
}

/** Every trial in order; those that are committed whole are counted and left out. */
async function* trialsOf(
  { plan, committed }: TrialContext,
  source: AsyncIterable<Trial["row"]>,
  progress: Progressing,
  read: { rows: number },
  most: number | undefined,
): AsyncGenerator<Trial> {
  const { facts } = plan;
  try {
    for await (const row of source) {
      read.rows += 1;
      facts?.add(row);
      const done = await committed?.of(row);
      for (let trial = 0; trial < plan.trials; trial++) {
        const known = done?.get(trial);
        if (known === undefined) yield { row, trial };
        else if (isWhole(plan, known)) progress.completed += 1;
        else yield { row, trial, committed: known };
      }
      // Data that grew since it was counted is cut off there: its run is the run of what was counted.
      if (read.rows === most) return;
    }
  } finally {
    await committed?.end();
  }
}
