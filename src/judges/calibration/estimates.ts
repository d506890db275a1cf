import { withoutAbsent } from "../../core/index.ts";
import {
  clusteredMean,
  labelsNeeded,
  mean,
  momentsOf,
  pairedDifference,
  populationVariance,
} from "../../stats/index.ts";
import type { LabelledPair } from "./labels.ts";

/** Of means of labels and verdicts; a scale that is none of the judge's is that of medians, and is widened. */
export function biasOf(pairs: readonly LabelledPair[], scale: readonly [number, number]) {
  const people = pairs.map(({ personMean = 0 }) => personMean);
  const judge = pairs.map((pair) => Number(pair.judge));
  const all = [...people, ...judge, ...scale];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  if (!isClustered(pairs)) {
    const found = pairedDifference(judge, people, [low, high]);
    return found && withoutAbsent({ estimate: found.mean, interval: found.interval });
  }
  const differences = judge.map((verdict, i) => verdict - (people[i] as number));
  const clusters = pairs.map(({ cluster }) => cluster);
  const ends = [low - high, high - low];
  const interval = clusteredMean(differences, clusters, undefined, ends)?.interval;
  return withoutAbsent({ estimate: mean(differences) as number, interval });
}

export const clustersOf = (pairs: readonly LabelledPair[]) =>
  new Set(pairs.map(({ cluster }) => cluster)).size;

export const isClustered = (pairs: readonly LabelledPair[]) => clustersOf(pairs) < pairs.length;

/** Labels for an interval of `halfWidth` around the human mean. */
export function neededFor(
  pairs: readonly LabelledPair[],
  [low, high]: readonly [number, number],
  {
    halfWidth = (high - low) / 20,
    unlabelled = [],
  }: {
    readonly halfWidth?: number;
    readonly unlabelled?: readonly (number | boolean)[];
  },
): { readonly halfWidth: number; readonly labels?: number } | undefined {
  const labels = pairs.map(({ personMean = 0 }) => personMean);
  if (momentsOf(labels).m2 === 0) return undefined;
  const effect = isClustered(pairs) ? designEffect(labels, pairs) : 1;
  if (effect === undefined) return undefined;
  const judge = pairs.map((pair) => Number(pair.judge));
  // Without rows that only the judge scored there is no end to how many may be labelled.
  const total = unlabelled.length > 0 ? pairs.length + unlabelled.length : 10_000_000;
  const pilot = unlabelled.length > 0 ? { labels, judge } : { labels, judge: labels.map(() => 0) };
  // Half the width takes four times the labels, and so does a design effect of 4.
  const labelled = labelsNeeded(pilot, halfWidth / Math.sqrt(effect), total);
  return withoutAbsent({ halfWidth, labels: labelled });
}

/**
 * How many times more labels it takes because rows of a cluster are alike, at as many rows a cluster as
 * here: the variance of the mean by clusters over that of independent rows, and at least 1.
 *
 * @returns Undefined for one cluster.
 * @see Kish (1965), Survey Sampling, §5.4.
 */
function designEffect(
  labels: readonly number[],
  pairs: readonly LabelledPair[],
): number | undefined {
  const clustered = clusteredMean(
    labels,
    pairs.map(({ cluster }) => cluster),
  );
  const independent = (populationVariance(labels) as number) / labels.length;
  return clustered && Math.max(1, clustered.standardError ** 2 / independent);
}
