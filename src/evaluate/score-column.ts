import type { Aggregation, Interval, ScorerOptions } from "../core/index.ts";
import { withoutAbsent } from "../core/index.ts";
import type { Evidence } from "../gates/index.ts";
import {
  aggregate,
  momentsOf,
  orderFreeMoments,
  plusTwoTInterval,
  quantileInterval,
  tInterval,
  wilsonInterval,
} from "../stats/index.ts";
import type { ScoreValues } from "../store/index.ts";

/** Numbers of a run in row order, with what aggregations of them share. */
export class ScoreColumn {
  readonly values: Float64Array;
  /** `values[i]` belongs to row `ordinals[i]`; absent where that does not matter. */
  readonly #ordinals: Float64Array | undefined;
  #sorted: Float64Array | undefined;
  #rowMeans: Float64Array | undefined;

  constructor(values: Float64Array, ordinals?: Float64Array) {
    this.values = values;
    this.#ordinals = ordinals;
  }

  /** Sorted once, for all aggregations that need it. */
  get sorted(): Float64Array {
    this.#sorted ??= this.values.toSorted();
    return this.#sorted;
  }

  /** The mean of each row's trials: repetitions of a row are not new evidence about the population. */
  get rowMeans(): Float64Array {
    this.#rowMeans ??= this.#means();
    return this.#rowMeans;
  }

  /** The values of each row's trials, in row order; views, not copies. */
  *rows(): Generator<Float64Array> {
    const { values } = this;
    const ordinals = this.#ordinals;
    for (let start = 0; start < values.length; ) {
      let end = start + 1;
      while (ordinals !== undefined && end < values.length && ordinals[end] === ordinals[start]) {
        end += 1;
      }
      yield values.subarray(start, end);
      start = end;
    }
  }

  #means(): Float64Array {
    const { values } = this;
    const ordinals = this.#ordinals;
    if (ordinals?.some((ordinal, index) => ordinal === ordinals[index - 1]) !== true) return values;
    const means = new Float64Array(values.length);
    let rows = 0;
    for (const trials of this.rows()) {
      means[rows] = trials.reduce((sum, value) => sum + value, 0) / trials.length;
      rows += 1;
    }
    return means.subarray(0, rows);
  }
}

/** The numbers of a scorer; none where some of its verdicts are words, which a mean would leave out silently. */
export function numbersOf(scores: ScoreValues): ScoreValues {
  const { values, ordinals, counts } = scores;
  const isMixed = values.length < counts.scored;
  return isMixed
    ? { ...scores, values: values.subarray(0, 0), ordinals: ordinals.subarray(0, 0), isRate: false }
    : scores;
}

/** @param isRate - Whether every verdict was yes or no. */
export function meanEvidence(
  column: ScoreColumn,
  scorer: Pick<ScorerOptions, "scale" | "source">,
  isRate: boolean,
): Evidence {
  const { values } = column;
  if (values.length === 0) return {};
  const estimate = aggregate("mean", values);
  const rate = isRate || isPassOrFail(scorer, values);
  const rows = column.rowMeans;
  const interval = intervalOfRows(rows, rate ? [0, 1] : scorer.scale, {
    isRate: rate && rows.length === values.length,
  });
  const noInterval =
    interval !== undefined
      ? undefined
      : rows.length === 1
        ? "one row says nothing of how others differ"
        : `all ${rows.length} rows score the same, which says nothing of how others differ; a scale of the scorer would`;
  return withoutAbsent<Evidence>({ estimate, interval, noInterval, n: values.length });
}

/** The interval of a mean over rows, one value each; undefined where they do not tell how others differ. */
export function intervalOfRows(
  rows: Float64Array,
  scale: readonly [number, number] | undefined,
  { isRate = false } = {},
): Interval | undefined {
  if (rows.length === 0) return undefined;
  if (isRate) {
    const passes = rows.reduce((sum, value) => sum + value, 0);
    return wilsonInterval(passes, rows.length);
  }
  const moments = orderFreeMoments(rows);
  if (scale !== undefined) return plusTwoTInterval(moments, scale);
  // Without bounds, t would be sure of everything.
  return areEqual(rows) ? undefined : tInterval(moments);
}

const areEqual = (values: Float64Array) => values.every((value) => value === values[0]);

/** A judge with two labels, worth 0 and 1, gives a rate as well, though its verdicts are numbers. */
function isPassOrFail(
  { scale, source }: Pick<ScorerOptions, "scale" | "source">,
  values: Float64Array,
): boolean {
  const isUnit = scale?.[0] === 0 && scale[1] === 1;
  return source?.kind === "judge" && isUnit && values.every((value) => value === 0 || value === 1);
}

/**
 * Any aggregation but the mean of scores.
 *
 * @param isRepeated - Whether rows have several trials: these intervals take every value for a new piece
 *   of evidence, which repetitions of a row are not.
 * @throws what a caller's own aggregation throws, and for one that gives no number.
 */
export function aggregateEvidence(
  aggregation: Aggregation,
  column: ScoreColumn,
  isRepeated: boolean,
): Evidence {
  const { values } = column;
  const n = values.length;
  if (n === 0) return {};
  if (typeof aggregation === "function") {
    const estimate: unknown = aggregation([...values]);
    if (typeof estimate === "number") return { estimate, n };
    throw new TypeError(`expected a number, got ${typeof estimate}`);
  }
  const estimate = aggregate(aggregation, values, () => column.sorted);
  const interval = isRepeated ? undefined : intervalOf(aggregation, column);
  const noInterval = isRepeated
    ? "rows with several trials give this metric no interval"
    : undefined;
  return withoutAbsent<Evidence>({ estimate, interval, noInterval, n });
}

function intervalOf(aggregation: string, column: ScoreColumn): Interval | undefined {
  switch (aggregation) {
    case "mean":
      return areEqual(column.values) ? undefined : tInterval(momentsOf(column.values));
    case "p90":
      return quantileInterval(column.sorted, 0.9);
    case "median":
      return quantileInterval(column.sorted, 0.5);
    default:
      return undefined;
  }
}
