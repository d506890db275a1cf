import { AssayError, scorerKey, withoutAbsent } from "../../core/index.ts";
import { momentsOf, optimalTrials, sampleVariance, trialVariance } from "../../stats/index.ts";
import type { EvaluationRecord, TrackingStore } from "../../store/index.ts";
import { ScoreColumn } from "../score-column.ts";
import { findBaseline } from "./find-baseline.ts";
import { type GateColumn, rowKeys, rowMeans } from "./gated-run.ts";
import { designEffect, rowsForDifference, rowsForHalfWidth } from "./row-needs.ts";
import { groupsOf } from "./stored-run.ts";

/** What is wanted of the next evaluation. */
export interface SizeOptions {
  /** By key or name; default the last scorer. */
  readonly scorer?: string;
  /** The mean is to be known to ± this. */
  readonly halfWidth?: number;
  /** The smallest difference to a baseline that is to be seen. */
  readonly difference?: number;
  /** Another run of the same rows: how much differences of rows vary. */
  readonly baseline?: string;
  /** Default 0.8. */
  readonly power?: number;
}

/** What a pilot run says of sizes. */
export interface SizePlan {
  readonly scorer: string;
  readonly pilot: {
    readonly rows: number;
    readonly trials: number;
    readonly standardDeviation: number;
    /** Of the differences to the baseline; absent without one. */
    readonly differenceDeviation?: number;
    /** Absent unless rows have several trials. */
    readonly withinVariance?: number;
    readonly betweenVariance?: number;
    /** Documents or conversations that its rows belong to; absent where they stand alone. */
    readonly groups?: number;
    /** How many rows of groups tell as much as one that stands alone; absent without groups. */
    readonly designEffect?: number;
  };
  /** For the wanted precision, by number of trials. */
  readonly precision?: { readonly halfWidth: number; readonly sizes: readonly Size[] };
  /** For the wanted difference, one-sided at 5 %. */
  readonly detection?: {
    readonly difference: number;
    readonly power: number;
    readonly isPaired: boolean;
    readonly sizes: readonly Size[];
  };
  /** Trials that give the smallest error for the same money; absent unless rows have several. */
  readonly optimalTrials?: number;
  /** Why the sizes are to be taken with care, one line each. */
  readonly notes: readonly string[];
}

/** Rows and trials of a plan, and what they would cost at the price of the pilot. */
export interface Size {
  readonly rows: number;
  readonly trials: number;
  /** US dollars; absent where the pilot's cost is not known. */
  readonly cost?: number;
}

const TRIALS = [1, 3, 5, 10];

/** Rows of a pilot, or groups of them, from which on its spread is worth something. */
const FEW = 10;

/**
 * How many rows and trials a wanted precision or difference needs, from a run that is there, by the intervals
 * and tests that gates use.
 *
 * @throws {AssayError} `not-found` or `invalid-argument` for a run that says nothing of it.
 */
export async function planSizes(
  store: TrackingStore,
  runId: string,
  options: SizeOptions = {},
): Promise<SizePlan> {
  for (const name of ["halfWidth", "difference"] as const) {
    const value = options[name];
    if (value === undefined || (value > 0 && value < Number.POSITIVE_INFINITY)) continue;
    throw new AssayError("invalid-argument", `Expected ${name} to be above 0, got ${value}`);
  }
  const record = await store.results.getEvaluation(runId);
  if (record === undefined) {
    throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
  }
  const { key, scale: declared } = scorerOf(record, options.scorer);
  const column = await store.results.scoreValues(runId, key);
  const scale = declared ?? (column.isRate ? ([0, 1] as const) : undefined);
  const pilot = await pilotOf(store, record, column, scale, key);
  const { spread, trials, effect } = pilot;
  const differences = await differencesOf(store, record, key, pilot, options);
  const { usage, completed } = await store.results.countResults(runId);
  const price = usage.cost === undefined || completed === 0 ? undefined : usage.cost / completed;
  const size = (alone: number, count: number, worth = effect ?? 1): Size => {
    const rows = Math.ceil(alone * worth - 1e-9);
    const cost = price === undefined ? undefined : price * rows * count;
    return withoutAbsent({ rows, trials: count, cost });
  };
  const counts = trials === undefined ? [record.trials] : TRIALS;
  // Without trials to tell noise from rows, all variance is the rows'.
  const variance = (count: number) =>
    trials === undefined ? spread : trials.between + trials.within / count;
  const halfWidth = options.halfWidth ?? (scale && (scale[1] - scale[0]) / 20);
  const { difference, power = 0.8 } = options;
  const ends = scale && ([scale[0] - scale[1], scale[1] - scale[0]] as const);
  return withoutAbsent<SizePlan>({
    scorer: key,
    pilot: withoutAbsent({
      rows: pilot.means.length,
      trials: record.trials,
      standardDeviation: Math.sqrt(spread),
      differenceDeviation: differences && Math.sqrt(differences.variance),
      withinVariance: trials?.within,
      betweenVariance: trials?.between,
      groups: pilot.groups,
      designEffect: effect,
    }),
    precision:
      halfWidth === undefined
        ? undefined
        : {
            halfWidth,
            sizes: counts.map((count) =>
              size(
                rowsForHalfWidth({ mean: pilot.mean, variance: variance(count), scale }, halfWidth),
                count,
              ),
            ),
          },
    detection:
      difference === undefined
        ? undefined
        : {
            difference,
            power,
            isPaired: differences !== undefined,
            sizes: (differences === undefined ? counts : [record.trials]).map((count) => {
              // Of two runs that have nothing in common, which is the most that they may vary.
              const varies = differences?.variance ?? 2 * variance(count);
              return size(
                rowsForDifference(varies, ends, difference, power),
                count,
                differences?.effect,
              );
            }),
          },
    optimalTrials:
      trials === undefined || trials.between === 0 ? undefined : optimalTrials(trials, 1, 1),
    notes: notesOf(pilot, scale !== undefined),
  });
}

function scorerOf({ runId, scorers }: EvaluationRecord, wanted: string | undefined) {
  const known = scorers.map((scorer) => ({ key: scorerKey(scorer), scale: scorer.scale }));
  const found =
    wanted === undefined
      ? known.at(-1)
      : known.find(({ key }) => key === wanted || key.split("/")[0] === wanted);
  if (found !== undefined) return found;
  throw new AssayError(
    "invalid-argument",
    `Run ${runId.slice(0, 12)} has no scorer "${wanted}". Its scorers: ${known.map(({ key }) => key).join(", ")}`,
  );
}

/** What the pilot's scores tell of rows to come. */
interface Pilot {
  readonly ordinals: readonly number[];
  readonly means: Float64Array;
  readonly mean: number;
  /** Variance of the rows. */
  readonly spread: number;
  readonly trials: ReturnType<typeof trialVariance>;
  /** The group of each row, in the order of `means`; absent where they stand alone. */
  readonly names?: readonly string[];
  readonly groups?: number;
  readonly effect?: number;
}

async function pilotOf(
  store: TrackingStore,
  record: EvaluationRecord,
  column: GateColumn,
  scale: readonly [number, number] | undefined,
  key: string,
): Promise<Pilot> {
  const { ordinals, means } = rowMeans(column);
  const run = `Run ${record.runId.slice(0, 12)}`;
  const moments = momentsOf(means);
  const spread = sampleVariance(moments);
  if (spread === undefined) {
    throw new AssayError(
      "invalid-argument",
      `${run} has ${means.length} scored rows of ${key}; a pilot needs two or more`,
    );
  }
  if (spread === 0 && scale === undefined) {
    throw new AssayError(
      "invalid-argument",
      `${run}: all ${means.length} rows of ${key} score the same, and it has no scale, so nothing is known of how others differ; take another pilot`,
    );
  }
  const known = await groupsOf(store, record);
  const names =
    known.size === 0
      ? undefined
      : ordinals.map((ordinal) => known.get(ordinal) ?? `row ${ordinal}`);
  return withoutAbsent<Pilot>({
    ordinals,
    means,
    mean: moments.mean,
    spread,
    trials: trialVariance(new ScoreColumn(column.values, column.ordinals).rows()),
    names,
    groups: names && new Set(names).size,
    effect: names && designEffect(means, names, run),
  });
}

function notesOf({ means, groups, spread }: Pilot, hasScale: boolean): string[] {
  const few = groups ?? means.length;
  const notes: string[] = [];
  if (spread === 0 && hasScale) {
    notes.push(
      `all ${means.length} rows score the same: the sizes are what the intervals need at the least, and more if other rows differ`,
    );
  }
  if (few < FEW) {
    const what = groups === undefined ? "rows" : "groups of rows";
    notes.push(`a pilot of ${few} ${what} tells little of how others differ; ${FEW} or more would`);
  }
  return notes;
}

/** How the rows' differences to another run vary. */
async function differencesOf(
  store: TrackingStore,
  { runId, name }: EvaluationRecord,
  key: string,
  { ordinals, means, names }: Pilot,
  { baseline: wanted }: SizeOptions,
): Promise<{ readonly variance: number; readonly effect?: number } | undefined> {
  if (wanted === undefined) return undefined;
  const baseline = await findBaseline(wanted, { store: async () => store, options: {}, name });
  const theirs = await baseline.rows(key);
  const keys = await rowKeys(store.results, runId);
  const differences: number[] = [];
  const groups: string[] = [];
  for (const [index, ordinal] of ordinals.entries()) {
    const was = theirs.get(keys.get(ordinal) ?? "");
    if (was === undefined) continue;
    differences.push((means[index] as number) - was);
    if (names !== undefined) groups.push(names[index] as string);
  }
  const variance = sampleVariance(momentsOf(differences));
  if (variance === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Run ${runId.slice(0, 12)} and its baseline (${baseline.name}) have ${differences.length} scored rows in common; two or more are needed`,
    );
  }
  const run = `Run ${runId.slice(0, 12)}`;
  return withoutAbsent({
    variance,
    effect: names && designEffect(differences, groups, run),
  });
}
