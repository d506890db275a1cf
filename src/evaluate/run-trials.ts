import { isAssayError, scorerKey } from "../core/index.ts";
import { discardTraces } from "../tracing/index.ts";
import { isOverColumns } from "./column-metrics.ts";
import { forEachConcurrently } from "./for-each.ts";
import type { Plan } from "./plan.ts";
import { type TrialContext, wasGivenUp } from "./predict.ts";
import type { Progressing } from "./progressing.ts";
import { runTrial, type Trial } from "./run-trial.ts";
import { StaticTrials } from "./static-rows.ts";
import { abandon, type Stop } from "./stop-signal.ts";

/** What becomes of trials. */
export interface TrialEnds {
  /** It is committed whole. */
  done(ordinal: number, answered: boolean): void;
  /** Another worker has committed it, or a part of it. */
  contested?(ordinal: number): void;
}

/** Runs trials as they come, as many at a time as the plan says; resolves to whether they came to their end. */
export async function runTrials(
  context: TrialContext,
  trials: AsyncIterable<Trial>,
  progress: Progressing,
  stop: Stop,
  listener?: TrialEnds,
): Promise<boolean> {
  const { plan, isShared } = context;
  const ends: TrialEnds = {
    done: (ordinal, answered) => {
      progress.done(answered);
      listener?.done(ordinal, answered);
    },
    contested: (ordinal) => listener?.contested?.(ordinal),
  };
  const fixed = isStatic(plan) ? new StaticTrials(context, ends) : undefined;
  const failed = (trial: Trial) => (error: unknown) => {
    if (isShared && isAssayError(error, "already-exists")) {
      ends.contested?.(trial.row.ordinal);
    } else if (wasGivenUp(error, plan.options.signal)) {
      progress.givenUp += 1;
    } else {
      // It concerns every row: those that wait for their turn would only fail of it one by one.
      abandon(plan.options.signal);
      throw error;
    }
  };
  let isSpent = false;
  const begin = (trial: Trial) => {
    if (context.spending.stop === undefined) return runOne(context, trial, ends, stop);
    isSpent = true;
    stop.now();
    return Promise.resolve();
  };
  const run =
    fixed === undefined
      ? (trial: Trial) => begin(trial).catch(failed(trial))
      : (trial: Trial) => fixed.run(trial)?.catch(failed(trial));
  const working = () => forEachConcurrently(trials, plan.concurrency, run, stop.signal);
  // What scorers of static rows do is part of no trace; of other rows it is said one by one.
  const all = fixed === undefined ? working() : discardTraces(working);
  const hasEnded = await all.finally(() => fixed?.settled());
  fixed?.check();
  return hasEnded && !isSpent;
}

async function runOne(
  context: TrialContext,
  trial: Trial,
  ends: TrialEnds,
  stop: Stop,
): Promise<void> {
  const { spending } = context;
  spending.begin();
  const answered = await runTrial(context, trial).finally(() => spending.end());
  ends.done(trial.row.ordinal, answered);
  if (spending.stop !== undefined) stop.now();
}

/** Outputs made beforehand, scored by plain code: nothing that is paid for. */
export function isStatic({ predictor, scorers }: Plan): boolean {
  return predictor === undefined && scorers.every(({ scorer }) => scorer.source?.kind !== "judge");
}

/** Whether nothing of a committed trial is lacking. */
export function isWhole({ scorers }: Plan, done: { readonly scorers: readonly string[] }): boolean {
  return scorers.every(
    (scorer) => isOverColumns(scorer) || done.scorers.includes(scorerKey(scorer.scorer)),
  );
}
