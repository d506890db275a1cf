import { discardTraces, flushTraces } from "../tracing/index.ts";
import type { Reached } from "./finish-run.ts";
import { forEachConcurrently } from "./for-each.ts";
import type { Plan } from "./plan.ts";
import { type TrialContext, wasGivenUp } from "./predict.ts";
import { trialKey } from "./resume-run.ts";
import { runTrial, type Trial } from "./run-trial.ts";
import { StaticTrials } from "./static-rows.ts";

/** Rows and trials so far, as they are seen while the run goes on; totals are read from the store. */
class Progressing {
  rows = 0;
  completed: number;
  failed: number;
  givenUp = 0;
  readonly #context: TrialContext;

  constructor(context: TrialContext) {
    this.#context = context;
    this.completed = 0;
    this.failed = context.committed?.failed ?? 0;
  }

  done(answered: boolean): void {
    this.completed += 1;
    if (!answered) this.failed += 1;
    const { plan, spending } = this.#context;
    const { completed, failed } = this;
    plan.options.onProgress?.({ kind: "row", completed, failed, usage: spending.usage });
  }
}

/** Runs every trial of every row that is not committed yet. */
export async function runRows(context: TrialContext): Promise<Omit<Reached, "durationMs">> {
  const { plan, store, runId, spending } = context;
  const { signal, limit } = plan.options;
  const progress = new Progressing(context);
  const stop = stopSignal(context);
  let digest: string | undefined;
  // A digest takes a pass over every row: it is left out where it is known.
  const source = plan.source.rows(
    plan.digest === undefined
      ? (totals) => {
          digest = totals.digest;
        }
      : undefined,
  );
  const trials = trialsOf(context, source, progress, plan.rows ?? limit);
  const fixed = isStatic(plan)
    ? new StaticTrials(context, (answered) => progress.done(answered))
    : undefined;
  const givenUp = (error: unknown) => {
    if (!wasGivenUp(error, signal)) throw error;
    progress.givenUp += 1;
  };
  const run =
    fixed === undefined
      ? (trial: Trial) => runOne(context, trial, progress, stop).catch(givenUp)
      : (trial: Trial) => fixed.run(trial)?.catch(givenUp);
  const working = () => forEachConcurrently(trials, plan.concurrency, run, stop.signal);
  // What scorers of static rows do is part of no trace; of other rows it is said one by one.
  const all = fixed === undefined ? working() : discardTraces(working);
  const hasEnded = await all.finally(async () => {
    stop.end();
    await fixed?.settled();
  });
  fixed?.check();
  await flushTraces();
  const most = plan.rows ?? limit;
  const rows = plan.rows ?? progress.rows;
  if (plan.rows === undefined) await store.results.setPlannedRows(runId, rows);
  const isWhole = hasEnded || progress.completed === (most ?? Number.NaN) * plan.trials;
  const isCut = progress.givenUp > 0 || (!isWhole && signal?.aborted === true);
  return { rows, isCut, digest, stop: isWhole ? undefined : (stop.reason() ?? spending.stop) };
}

async function runOne(
  context: TrialContext,
  trial: Trial,
  progress: Progressing,
  stop: Stop,
): Promise<void> {
  const { spending } = context;
  spending.begin();
  progress.done(await runTrial(context, trial).finally(() => spending.end()));
  if (spending.stop !== undefined) stop.now();
}

/** Every trial in order; those that are committed whole are counted and left out. */
async function* trialsOf(
  { plan, committed }: TrialContext,
  source: AsyncIterable<Trial["row"]>,
  progress: Progressing,
  most: number | undefined,
): AsyncGenerator<Trial> {
  for await (const row of source) {
    progress.rows += 1;
    for (let trial = 0; trial < plan.trials; trial++) {
      const known = committed?.trials.get(trialKey(row.rowKey, trial));
      if (known === undefined) yield { row, trial };
      else if (isWhole(plan, known)) progress.completed += 1;
      else yield { row, trial, committed: known };
    }
    // Data that grew since it was counted is cut off there: its run is the run of what was counted.
    if (progress.rows === most) return;
  }
}

function isWhole({ scorers }: Plan, { scorers: done }: { scorers: readonly string[] }): boolean {
  return done.length >= scorers.length;
}

/** Outputs made beforehand, scored by plain code: nothing that is paid for. */
function isStatic({ predictor, scorers }: Plan): boolean {
  return predictor === undefined && scorers.every(({ scorer }) => scorer.source?.kind !== "judge");
}

interface Stop {
  /** Aborted when no further row may be begun. */
  readonly signal: AbortSignal;
  now(): void;
  /** Why the run's own time was up; absent otherwise. */
  reason(): string | undefined;
  end(): void;
}

/** The caller's signal, the run's deadline and its spending limits as one. */
function stopSignal({ plan: { options } }: TrialContext): Stop {
  const { signal, runTimeoutMs } = options;
  const controller = new AbortController();
  const now = () => controller.abort();
  let isLate = false;
  const timer =
    runTimeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          isLate = true;
          now();
        }, runTimeoutMs);
  if (signal?.aborted) now();
  signal?.addEventListener("abort", now, { once: true });
  return {
    signal: controller.signal,
    now,
    reason: () => (isLate ? `stopped after ${runTimeoutMs} ms (runTimeoutMs)` : undefined),
    end: () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", now);
    },
  };
}
