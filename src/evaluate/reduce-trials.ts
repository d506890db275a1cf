import {
  counted,
  type Reduction,
  readReducers,
  type Scorer,
  withoutAbsent,
} from "../core/index.ts";
import type { Evidence } from "../gates/index.ts";
import { mean, median, passAtK, passHatK } from "../stats/index.ts";
import type { EvaluateOptions } from "./options.ts";
import { intervalOfRows, type ScoreColumn } from "./score-column.ts";

/** What an evaluation says of trials. */
export type TrialOptions = Pick<EvaluateOptions, "trialReducer" | "passThreshold" | "trials">;

/** What a scorer's trials are reduced to beside their mean: what it says itself, else what the evaluation does. */
export function reductionsOf({ scorer }: Scorer, options: TrialOptions): Reduction[] {
  return readReducers(scorer.trialReducer ?? options.trialReducer, options.trials ?? 1);
}

/**
 * Where a trial begins to pass: what the scorer or the evaluation says, else the best end of the scale;
 * `undefined` where neither is known.
 *
 * @param isRate - Whether every verdict was yes or no.
 */
function passThresholdOf(
  { scorer }: Scorer,
  { passThreshold }: TrialOptions,
  isRate: boolean,
): number | undefined {
  const given = scorer.passThreshold ?? passThreshold;
  if (given !== undefined) return given;
  const [low, high] = isRate ? [0, 1] : (scorer.scale ?? []);
  return scorer.greaterIsBetter === false ? low : high;
}

interface Reduced {
  readonly evidence: Evidence;
  /** What else must be known to read it, in words. */
  readonly notes: readonly string[];
}

/**
 * The mean over the rows of what their trials are reduced to, with an interval that rests on the rows.
 *
 * @param key - Of the metric, for the notes.
 */
export function reduceTrials(
  column: ScoreColumn,
  reduction: Reduction,
  scorer: Scorer,
  options: TrialOptions,
  { key, isRate }: { readonly key: string; readonly isRate: boolean },
): Reduced {
  if (column.values.length === 0) return { evidence: {}, notes: [] };
  const isGreaterBetter = scorer.scorer.greaterIsBetter !== false;
  const threshold = passThresholdOf(scorer, options, isRate);
  if ("k" in reduction && threshold === undefined) {
    const advice = `${key} is not known: say with passThreshold which scores pass`;
    return { evidence: {}, notes: [advice] };
  }
  const passes = (value: number) =>
    isGreaterBetter ? value >= (threshold as number) : value <= (threshold as number);
  const rows: number[] = [];
  let left = 0;
  for (const trials of column.rows()) {
    const value =
      "k" in reduction
        ? passed(reduction, trials.filter(passes).length, trials.length, options.trials ?? 1)
        : spread(reduction.kind, trials, isGreaterBetter);
    if (value === undefined) left += 1;
    else rows.push(value);
  }
  const values = Float64Array.from(rows);
  const isBinary = isRate || reduction.kind === "at_least";
  const scale = "k" in reduction || isRate ? ([0, 1] as const) : scorer.scorer.scale;
  const areWhole = values.every((value) => value === 0 || value === 1);
  const evidence = withoutAbsent<Evidence>({
    estimate: mean(values),
    interval: intervalOfRows(values, scale, { isRate: isBinary && areWhole }),
    n: values.length,
  });
  const rowsLeft = counted(left, "row");
  return {
    evidence,
    notes: left === 0 ? [] : [`${key} leaves out ${rowsLeft} with too few scored trials`],
  };
}

/** @returns `undefined` where the trials that have no score could decide. */
function passed(
  { kind, k }: Extract<Reduction, { k: number }>,
  passes: number,
  scored: number,
  trials: number,
): number | undefined {
  if (kind === "at_least") {
    if (passes >= k) return 1;
    return passes + trials - scored >= k ? undefined : 0;
  }
  if (scored < k) return undefined;
  return kind === "pass_at" ? passAtK(scored, passes, k) : passHatK(scored, passes, k);
}

function spread(
  kind: "median" | "mode" | "max" | "min",
  trials: Float64Array,
  isGreaterBetter: boolean,
): number | undefined {
  switch (kind) {
    case "max":
      return trials.reduce((a, b) => Math.max(a, b));
    case "min":
      return trials.reduce((a, b) => Math.min(a, b));
    case "median":
      return median(trials);
    case "mode":
      return mode(trials, isGreaterBetter);
  }
}

/** Of several that are as frequent the worst: half the votes are no majority for the better one. */
function mode(trials: Float64Array, isGreaterBetter: boolean): number {
  const counts = new Map<number, number>();
  for (const value of trials) counts.set(value, (counts.get(value) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const modes = [...counts].flatMap(([value, count]) => (count === most ? [value] : []));
  return isGreaterBetter ? Math.min(...modes) : Math.max(...modes);
}
