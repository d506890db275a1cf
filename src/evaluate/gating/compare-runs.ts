import {
  AssayError,
  type Interval,
  type RowChange,
  type Run,
  withoutAbsent,
} from "../../core/index.ts";
import { checkSameScale } from "../../gates/baseline.ts";
import { checkSameMeasure, detectableDifference, type GateScorer } from "../../gates/index.ts";
import {
  type ClusteredMean,
  clusteredMean,
  holmAdjusted,
  mcnemarTest,
  momentsOf,
  pairedDifference,
  studentTDistribution,
} from "../../stats/index.ts";
import type { TrackingStore } from "../../store/index.ts";
import { numbersOf } from "../score-column.ts";
import { dataOfRecord, findBaseline } from "./find-baseline.ts";
import { rowKeys, rowMeans } from "./gated-run.ts";
import { catalogOfRecord, groupsOf } from "./stored-run.ts";

/** How a run compares with another by one scorer, on the rows that both scored. */
export interface ScorerComparison {
  readonly scorer: string;
  /** Over the pairs. */
  readonly candidate: number;
  readonly baseline: number;
  readonly pairs: number;
  /** Mean of candidate − baseline with a 95 % interval. */
  readonly difference: number;
  readonly interval?: Interval;
  /** Two-sided, adjusted by Holm over all scorers; McNemar's exact test for verdicts of pass and fail. */
  readonly p?: number;
  /** What the rows show at 5 %; in the direction in which the scorer's scores are good. */
  readonly verdict: "better" | "worse" | "no difference shown";
  readonly improved: number;
  readonly regressed: number;
  /** Smallest difference that so many rows show in four of five cases. */
  readonly detectable?: number;
  /** Rows that got worse, the most first. */
  readonly worst: readonly RowChange[];
  readonly onlyCandidate: readonly string[];
  readonly onlyBaseline: readonly string[];
}

/** What {@link compareRuns} may be told. */
export interface CompareOptions {
  /** Only this scorer, by key or name. */
  readonly scorer?: string;
  readonly allowMismatch?: boolean;
  readonly baseDir?: string;
}

/** Two runs, scorer by scorer. */
export interface RunComparison {
  readonly candidate: string;
  /** What the baseline is called. */
  readonly baseline: string;
  readonly scorers: readonly ScorerComparison[];
}

/**
 * Compares a run with a baseline (a run, `@alias`, `branch:main`, a file) on the rows that both have.
 *
 * @throws {AssayError} `not-found` for a run that is not there; `invalid-argument` for other data or another
 *   judge, unless `allowMismatch`, and where no scorer is in both.
 */
export async function compareRuns(
  store: TrackingStore,
  runId: string,
  wanted: string,
  options: CompareOptions = {},
): Promise<RunComparison> {
  const record = await store.results.getEvaluation(runId);
  const run = await store.runs.getRun(runId);
  if (record === undefined || run === undefined) {
    throw new AssayError("not-found", `There is no evaluation in run ${runId}`);
  }
  const where = { store: async () => store, options, name: record.name };
  const baseline = await findBaseline(wanted, where);
  const catalog = catalogOfRecord(record, run as Run);
  const chosen = catalog.scorers.filter(
    ({ key, name }) =>
      baseline.scorers.some((other) => other.key === key) &&
      (options.scorer === undefined || options.scorer === key || options.scorer === name),
  );
  if (chosen.length === 0) {
    const theirs = baseline.scorers.map(({ key }) => key).join(", ") || "none";
    throw new AssayError(
      "invalid-argument",
      `There is no scorer to compare by: the baseline (${baseline.name}) has ${theirs}, the run ${catalog.scorers.map(({ key }) => key).join(", ")}`,
    );
  }
  checkSameScale(chosen, baseline);
  if (options.allowMismatch !== true) {
    checkSameMeasure({ data: dataOfRecord(record), scorers: chosen }, baseline);
  }
  const keys = await rowKeys(store.results, runId);
  const groups = await groupsOf(store, record);
  const compared: (Omit<ScorerComparison, "verdict"> & { readonly isGreaterBetter: boolean })[] =
    [];
  for (const scorer of chosen) {
    const { ordinals, means } = rowMeans(
      numbersOf(await store.results.scoreValues(runId, scorer.key)),
    );
    const rows = ordinals.map((ordinal, index) => ({
      key: keys.get(ordinal) ?? "",
      cluster: groups.get(ordinal),
      value: means[index] as number,
    }));
    compared.push(compareScorer(scorer, rows, await baseline.rows(scorer.key)));
  }
  return {
    candidate: `run ${runId.slice(0, 12)}`,
    baseline: baseline.name,
    scorers: withVerdicts(compared),
  };
}

interface ScoredRow {
  readonly key: string;
  readonly cluster: string | undefined;
  readonly value: number;
}

function compareScorer(
  scorer: GateScorer,
  rows: readonly ScoredRow[],
  theirs: ReadonlyMap<string, number>,
) {
  const isGreaterBetter = scorer.greaterIsBetter !== false;
  const both = rows.filter(({ key }) => theirs.has(key));
  const now = both.map(({ value }) => value);
  const before = both.map(({ key }) => theirs.get(key) as number);
  const differences = now.map((value, i) => value - (before[i] as number));
  const isBinary = [...now, ...before].every((value) => value === 0 || value === 1);
  const scale = scorer.scale ?? (isBinary ? ([0, 1] as const) : undefined);
  const found = pairedDifference(now, before, scale);
  const changes = both
    .map(
      ({ key, value }, i): RowChange => ({
        rowKey: key,
        before: before[i] as number,
        after: value,
      }),
    )
    .filter((change) => change.after !== change.before);
  const isWorse = ({ before: was, after }: RowChange) =>
    isGreaterBetter ? after < was : after > was;
  const regressed = changes.filter(isWorse);
  const improved = changes.length - regressed.length;
  const ends = scale && ([scale[0] - scale[1], scale[1] - scale[0]] as const);
  const isClustered = both.some(({ cluster }) => cluster !== undefined);
  const clustered = isClustered
    ? clusteredMean(
        differences,
        both.map(({ cluster, key }) => cluster ?? key),
        0.95,
        ends ?? [],
      )
    : undefined;
  const known = new Set(rows.map(({ key }) => key));
  const tested = isBinary && !isClustered ? undefined : ends;
  return withoutAbsent({
    isGreaterBetter,
    scorer: scorer.key,
    candidate: averageOf(now),
    baseline: averageOf(before),
    pairs: both.length,
    difference: averageOf(differences),
    interval: withWidth(isClustered ? clustered?.interval : found?.interval),
    p: isClustered
      ? clustered && pOf(clustered.basis)
      : isBinary
        ? mcnemarTest(regressed.length, improved).p
        : (found?.pTwoSided ?? pOfSame(changes.length, both.length)),
    improved,
    regressed: regressed.length,
    detectable:
      both.length < 2
        ? undefined
        : detectableDifference(
            momentsOf(differences),
            withoutAbsent({
              ends: tested,
              clustered,
              isTwoSided: true,
            }),
          ),
    worst: regressed
      .toSorted((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
      .slice(0, 10),
    onlyCandidate: rows.filter(({ key }) => !theirs.has(key)).map(({ key }) => key),
    onlyBaseline: [...theirs.keys()].filter((key) => !known.has(key)),
  });
}

/** One without width would claim to know everything. */
const withWidth = (interval: Interval | undefined) =>
  interval?.lower === interval?.upper ? undefined : interval;

function pOf({ mean, standardError, degreesOfFreedom }: ClusteredMean["basis"]) {
  if (standardError === 0) return undefined;
  return 2 * studentTDistribution(-Math.abs(mean / standardError), degreesOfFreedom);
}

/** Of differences that are all the same: that all have one sign by chance, as in the sign test. */
const pOfSame = (changed: number, pairs: number) =>
  changed === 0 || changed < pairs ? undefined : Math.min(1, 2 * 0.5 ** pairs);

const averageOf = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** A difference is shown where the interval leaves out 0, and the adjusted p agrees. */
function withVerdicts(
  compared: readonly (Omit<ScorerComparison, "verdict"> & { readonly isGreaterBetter: boolean })[],
): ScorerComparison[] {
  const known = compared.flatMap(({ p }) => p ?? []);
  const adjusted = holmAdjusted(known).values();
  return compared.map(({ isGreaterBetter, ...one }) => {
    const p = one.p === undefined ? undefined : (adjusted.next().value as number);
    const { interval, difference } = one;
    const leavesOutZero = interval !== undefined && (interval.lower > 0 || interval.upper < 0);
    const isShown = p === undefined ? leavesOutZero : p <= 0.05 && (leavesOutZero || !interval);
    const isBetter = difference > 0 === isGreaterBetter;
    const verdict = !isShown ? "no difference shown" : isBetter ? "better" : "worse";
    return { ...one, ...(p !== undefined && { p }), verdict };
  });
}
