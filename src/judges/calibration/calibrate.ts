import {
  AssayError,
  completedSample,
  type Interval,
  type Scorer,
  scorerKey,
  type Usage,
  withoutAbsent,
} from "../../core/index.ts";
import {
  type AltTest,
  type AltTestOptions,
  altTest,
  type ConfusionTable,
  krippendorffAlpha,
  type PredictionPowered,
  predictionPoweredMean,
  wilsonInterval,
} from "../../stats/index.ts";
import { type Agreement, agreementOf, tableOf } from "./agreement.ts";
import { biasOf, clustersOf, isClustered, neededFor } from "./estimates.ts";
import { isExample } from "./held-out.ts";
import { type AskOptions, type JudgedRows, judgeRows } from "./judge-rows.ts";
import {
  checkOnScale,
  type LabelledPair,
  type LabelledRow,
  type LabelValue,
  readLabels,
} from "./labels.ts";

/** How a judge is held against people. */
export interface CalibrateOptions extends AskOptions {
  /** The judge's scores of rows without labels: they make the human-equivalent mean narrower. */
  readonly unlabelled?: readonly (number | boolean)[];
  /** Half width of the interval that `labelsNeeded` is about; default a twentieth of the scale. */
  readonly halfWidth?: number;
  /** Of the alternative annotator test. */
  readonly altTest?: AltTestOptions;
  /** Asks the judge again with the sides exchanged, and turns its verdict back: for pairwise judges. */
  readonly swap?: {
    readonly sample: (row: LabelledRow) => LabelledRow;
    readonly verdict: (value: LabelValue) => LabelValue;
  };
  /** Of the bootstrap; default 0. */
  readonly seed?: number;
  /** Of the bootstrap; default 2 000. */
  readonly resamples?: number;
}

/** How far a judge agrees with people, on rows that it was not tuned on. */
export interface Calibration {
  /** E.g. `relevance/v1`. */
  readonly judge: string;
  readonly fingerprint?: string;
  readonly model?: string;
  readonly counts: {
    /** Rows with a label. */
    readonly labelled: number;
    /** Of these, shown to the judge as examples, or marked as tuned on: left out of everything below. */
    readonly tuned: number;
    /** Of the rest, with a verdict of the judge and of people: what is compared. */
    readonly compared: number;
    /** Annotators divided evenly. */
    readonly tied: number;
    /** Without a verdict of the judge, by reason. */
    readonly unscored: { readonly [reason: string]: number };
  };
  readonly agreement: Agreement;
  /** People's verdicts (rows) against the judge's (columns); absent for many different values. */
  readonly confusion?: ConfusionTable;
  /** Mean of judge − people: above 0 the judge is lenient. Absent for words. */
  readonly bias?: { readonly estimate: number; readonly interval?: Interval };
  /** How far people agree among themselves, which no judge can be held to exceed. */
  readonly people?: { readonly annotators: number; readonly krippendorffAlpha?: number };
  /** Absent with fewer than two annotators of thirty rows each. */
  readonly altTest?: AltTest;
  /** Share of verdicts that stay the same when the sides are exchanged. */
  readonly consistency?: { readonly estimate: number; readonly interval: Interval };
  /** The mean that people would have given over all rows; absent without `unlabelled` scores. */
  readonly humanEquivalent?: PredictionPowered;
  /** For an interval of `halfWidth`; `labels` is absent where all rows would not do. */
  readonly labelsNeeded?: { readonly halfWidth: number; readonly labels?: number };
  /** Rows on which judge and people differ, the farthest first; at most 20. */
  readonly disagreements: readonly {
    readonly id: string;
    readonly person: number | string;
    readonly judge: number | string;
  }[];
  /** Of the calls that were made. */
  readonly usage: Usage;
  /** What else must be known to read it. */
  readonly notes: readonly string[];
}

/** Fewer held-out rows than this say little. */
const ENOUGH = 50;

/**
 * Holds a judge against labels that people gave: agreement with intervals, bias, whether it may replace a
 * person, and what people would have said over all rows.
 *
 * Rows that the judge is shown as examples, or that are marked `split: "train"`, are left out: agreement on
 * what a judge was tuned on is not calibration.
 *
 * @throws {AssayError} `invalid-argument` when no row is held out or none has a verdict of both, and for a
 *   label off the judge's scale, before the judge is asked; what the judge throws for every row, e.g. `configuration` for a missing key.
 */
export async function calibrate(
  given: Scorer,
  rows: readonly LabelledRow[],
  options: CalibrateOptions = {},
): Promise<Calibration> {
  const judge = await prepared(given, rows, options);
  const { tunedOn = [], scale, fingerprint, source } = judge.scorer;
  const heldOut = rows
    .map((row, index) => ({ row, index }))
    .filter(({ row }) => row.split !== "train" && !isExample(completedSample(row), tunedOn));
  const tuned = rows.length - heldOut.length;
  if (heldOut.length === 0) throw nothingHeldOut(rows.length);
  if (scale !== undefined) checkOnScale(heldOut, scale, scorerKey(judge.scorer));
  const found = await judgeRows(judge, heldOut, options);
  const { pairs, isNumeric, tied } = readLabels(found.judged);
  if (pairs.length < 2) throw nothingCompared(found);
  const range = isNumeric ? (scale ?? rangeOf(pairs)) : undefined;
  return withoutAbsent<Calibration>({
    judge: scorerKey(judge.scorer),
    fingerprint,
    model: source?.kind === "judge" ? source.model : undefined,
    counts: {
      labelled: rows.length,
      tuned,
      compared: pairs.length,
      tied,
      unscored: found.unscored,
    },
    agreement: agreementOf(pairs, isNumeric, options),
    confusion: tableOf(pairs),
    bias: range && biasOf(pairs, range),
    people: peopleOf(pairs, isNumeric),
    altTest: altTest(
      pairs.map(({ judge: verdict, people }) => ({ judge: verdict, people })),
      { alignment: isNumeric && !isBinary(pairs) ? "rmse" : "accuracy", ...options.altTest },
    ),
    consistency: await consistencyOf(judge, found, options),
    humanEquivalent: isNumeric ? equivalentOf(pairs, options.unlabelled) : undefined,
    labelsNeeded: range && neededFor(pairs, range, options),
    disagreements: disagreementsOf(pairs),
    usage: found.usage,
    notes: notesOf(pairs, tuned, options),
  });
}

/** With its model found, where it is to be asked. */
async function prepared(
  judge: Scorer,
  rows: readonly LabelledRow[],
  { environment = { env: process.env }, swap }: CalibrateOptions,
): Promise<Scorer> {
  const isAsked = swap !== undefined || rows.some(({ verdict }) => verdict === undefined);
  return (isAsked && (await judge.scorer.prepare?.(environment, judge))) || judge;
}

function nothingHeldOut(labelled: number): AssayError {
  const why =
    labelled === 0
      ? "There are no labelled rows"
      : `All ${labelled} labelled rows served to tune the judge (its examples, or split: "train")`;
  return new AssayError(
    "invalid-argument",
    `${why}. Agreement on those is no calibration: label rows that the judge was not tuned on, ${ENOUGH} or more.`,
  );
}

function nothingCompared({ judged, unscored }: JudgedRows): AssayError {
  const reasons = Object.entries(unscored).map(([reason, count]) => `${reason} ${count}`);
  const lost = reasons.length > 0 ? ` (${reasons.join(", ")})` : "";
  return new AssayError(
    "invalid-argument",
    `Expected at least two held-out rows with a label and a verdict of the judge, got ${judged.length}${lost}.`,
  );
}

const isBinary = (pairs: readonly LabelledPair[]) =>
  pairs.every(({ person, judge }) => [person, judge].every((value) => value === 0 || value === 1));

function rangeOf(pairs: readonly LabelledPair[]): readonly [number, number] | undefined {
  const values = pairs.flatMap(({ person, judge }) => [Number(person), Number(judge)]);
  const range = [Math.min(...values), Math.max(...values)] as const;
  return range[0] < range[1] ? range : undefined;
}

function peopleOf(pairs: readonly LabelledPair[], isNumeric: boolean): Calibration["people"] {
  const names = new Set(pairs.flatMap(({ people }) => Object.keys(people)));
  if (names.size < 2) return undefined;
  const level = isNumeric && !isBinary(pairs) ? "interval" : "nominal";
  const units = pairs.map(({ people }) => [...names].map((name) => people[name]));
  return withoutAbsent({
    annotators: names.size,
    krippendorffAlpha: krippendorffAlpha(units, level),
  });
}

async function consistencyOf(
  judge: Scorer,
  { judged }: JudgedRows,
  { swap, ...ask }: CalibrateOptions,
): Promise<Calibration["consistency"]> {
  if (swap === undefined) return undefined;
  const exchanged = judged.map(({ row, index }) => {
    const { verdict: _known, ...asked } = swap.sample(row);
    return { row: asked, index };
  });
  const second = await judgeRows(judge, exchanged, ask);
  const first = new Map(judged.map(({ index, verdict }) => [index, verdict]));
  const same = second.judged.filter(
    ({ index, verdict }) => swap.verdict(verdict) === first.get(index),
  ).length;
  const n = second.judged.length;
  return n === 0 ? undefined : { estimate: same / n, interval: wilsonInterval(same, n) };
}

function equivalentOf(
  pairs: readonly LabelledPair[],
  unlabelled: readonly (number | boolean)[] | undefined,
): PredictionPowered | undefined {
  if (unlabelled === undefined || unlabelled.length === 0) return undefined;
  return predictionPoweredMean({
    labels: pairs.map(({ personMean = 0 }) => personMean),
    judge: pairs.map(({ judge }) => Number(judge)),
    unlabelled: unlabelled.map(Number),
  });
}

function disagreementsOf(pairs: readonly LabelledPair[]): Calibration["disagreements"] {
  const distance = ({ person, judge }: LabelledPair) =>
    typeof person === "number" && typeof judge === "number" ? Math.abs(person - judge) : 1;
  return pairs
    .filter(({ person, judge }) => person !== judge)
    .toSorted((a, b) => distance(b) - distance(a))
    .slice(0, 20)
    .map(({ id, person, judge }) => ({ id, person, judge }));
}

function notesOf(
  pairs: readonly LabelledPair[],
  tuned: number,
  { unlabelled = [] }: CalibrateOptions,
): string[] {
  const notes: string[] = [];
  if (tuned > 0) {
    notes.push(`${tuned} labelled rows served to tune the judge and are left out`);
  }
  if (pairs.length < ENOUGH) {
    notes.push(`${pairs.length} rows are compared; intervals are wide below ${ENOUGH}`);
  }
  const clusters = clustersOf(pairs);
  if (isClustered(pairs) && unlabelled.length > 0) {
    notes.push("the human-equivalent mean takes rows as independent, in spite of the clusters");
  }
  if (isClustered(pairs) && clusters < 10) {
    notes.push(`rows belong to ${clusters} clusters only: intervals are rough below 10`);
  }
  return notes;
}
