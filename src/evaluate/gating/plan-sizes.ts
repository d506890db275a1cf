import { AssayError, scorerKey, withoutAbsent } from "../../core/index.ts";
import {
  momentsOf,
  optimalTrials,
  rowsForPrecision,
  rowsToDetect,
  sampleVariance,
  trialVariance,
} from "../../stats/index.ts";
import type { TrackingStore } from "../../store/index.ts";
import { ScoreColumn } from "../score-column.ts";
import { findBaseline } from "./find-baseline.ts";
import { rowKeys, rowMeans } from "./gated-run.ts";

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
}

/** Rows and trials of a plan, and what they would cost at the price of the pilot. */
export interface Size {
  readonly rows: number;
  readonly trials: number;
  /** US dollars; absent where the pilot's cost is not known. */
  readonly cost?: number;
}

const TRIALS = [1, 3, 5, 10];

/**
 * How many rows and trials a wanted precision or difference needs, from a run that is there.
 *
 * @throws {AssayError} `not-found` or `invalid-argument` for a run that says nothing of it.
 */
export async function planSizes(
  store: TrackingStore,
  runId: string,
  options: SizeOptions = {},
): Promise<SizePlan> {
  const record = await store.results.getEvaluation(runId);
  if (record === undefined) {
    throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
  }
  const known = record.scorers.map((scorer) => scorerKey(scorer));
  const wanted = options.scorer;
  const key =
    wanted === undefined
      ? known.at(-1)
      : known.find((one) => one === wanted || one.split("/")[0] === wanted);
  if (key === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Run ${runId.slice(0, 12)} has no scorer "${wanted}". Its scorers: ${known.join(", ")}`,
    );
  }
  const scorer = record.scorers[known.indexOf(key)];
  const column = await store.results.scoreValues(runId, key);
  const { ordinals, means } = rowMeans(column);
  const spread = sampleVariance(momentsOf(means));
  if (spread === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Run ${runId.slice(0, 12)} has ${means.length} scored rows of ${key}; a pilot needs two or more`,
    );
  }
  const trials = trialVariance(new ScoreColumn(column.values, column.ordinals).rows());
  const differences = await differencesOf(
    store,
    runId,
    key,
    { ordinals, means },
    options,
    record.name,
  );
  const { usage, completed } = await store.results.countResults(runId);
  const price = usage.cost === undefined || completed === 0 ? undefined : usage.cost / completed;
  const size = (rows: number, count: number): Size =>
    withoutAbsent({
      rows,
      trials: count,
      cost: price === undefined ? undefined : price * rows * count,
    });
  const counts = trials === undefined ? [record.trials] : TRIALS;
  // Without trials to tell noise from rows, all variance is the rows'.
  const deviation = (count: number) =>
    Math.sqrt(trials === undefined ? spread : trials.between + trials.within / count);
  const [low, high] = scorer?.scale ?? [];
  const halfWidth =
    options.halfWidth ?? (low !== undefined && high !== undefined ? (high - low) / 20 : undefined);
  const { difference, power = 0.8 } = options;
  return withoutAbsent<SizePlan>({
    scorer: key,
    pilot: withoutAbsent({
      rows: means.length,
      trials: record.trials,
      standardDeviation: Math.sqrt(spread),
      differenceDeviation: differences,
      withinVariance: trials?.within,
      betweenVariance: trials?.between,
    }),
    precision:
      halfWidth === undefined
        ? undefined
        : {
            halfWidth,
            sizes: counts.map((count) =>
              size(rowsForPrecision(deviation(count), halfWidth), count),
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
              const sd = differences ?? Math.SQRT2 * deviation(count);
              return size(rowsToDetect(sd, difference, { power, isTwoSided: false }), count);
            }),
          },
    optimalTrials:
      trials === undefined || trials.between === 0 ? undefined : optimalTrials(trials, 1, 1),
  });
}

/** Standard deviation of the rows' differences to another run. */
async function differencesOf(
  store: TrackingStore,
  runId: string,
  key: string,
  { ordinals, means }: { readonly ordinals: readonly number[]; readonly means: Float64Array },
  { baseline: wanted }: SizeOptions,
  name: string,
): Promise<number | undefined> {
  if (wanted === undefined) return undefined;
  const baseline = await findBaseline(wanted, { store: async () => store, options: {}, name });
  const theirs = await baseline.rows(key);
  const keys = await rowKeys(store.results, runId);
  const differences = ordinals.flatMap((ordinal, index) => {
    const was = theirs.get(keys.get(ordinal) ?? "");
    return was === undefined ? [] : [(means[index] as number) - was];
  });
  const variance = sampleVariance(momentsOf(differences));
  if (variance !== undefined) return Math.sqrt(variance);
  throw new AssayError(
    "invalid-argument",
    `Run ${runId.slice(0, 12)} and its baseline (${baseline.name}) have ${differences.length} scored rows in common; two or more are needed`,
  );
}
