import type { Interval } from "../core/aggregation.ts";
import { expectSameLength } from "./expect-that.ts";
import { DEFAULT_LEVEL, upperProbability } from "./level.ts";
import { mean, type Values } from "./mean.ts";
import { studentTQuantile } from "./student-t-quantile.ts";

/** A mean whose values come in groups that have something in common. */
export interface ClusteredMean {
  readonly mean: number;
  readonly n: number;
  readonly clusters: number;
  readonly standardError: number;
  readonly interval: Interval;
  /** What the interval is made of: centre and standard error, pseudo-values included. */
  readonly basis: {
    readonly mean: number;
    readonly standardError: number;
    readonly degreesOfFreedom: number;
  };
}

/**
 * Mean of values that come in clusters (questions about one document, turns of one conversation):
 * SE = √(C/(C−1) · Σ_c (Σ_{i∈c}(s_i − s̄))²) / n, and Student's t with C − 1 degrees of freedom.
 *
 * Miller's paper leaves C/(C−1) out, Inspect has it; without it few clusters look too certain.
 *
 * @param clusters - To which cluster each value belongs, in the same order.
 * @param pseudo - Values that stand in the interval as clusters of their own and not in the mean: the ends
 *   of the scale, for the same reason as in {@link plusTwoTInterval}.
 * @returns Undefined for fewer than two clusters.
 * @see Miller (2024), Adding Error Bars to Evals, arXiv:2411.00640, §2.2.
 */
export function clusteredMean(
  values: Values,
  clusters: ArrayLike<string | number>,
  level = DEFAULT_LEVEL,
  pseudo: readonly number[] = [],
): ClusteredMean | undefined {
  expectSameLength(values, clusters);
  const names = new Set(Array.from(clusters));
  const centre = mean(values);
  if (names.size < 2 || centre === undefined) return undefined;
  const own = standardErrorOf(values, Array.from(clusters));
  const all = pseudo.length === 0 ? own : withPseudo(values, clusters, pseudo);
  const degreesOfFreedom = names.size + pseudo.length - 1;
  const half = studentTQuantile(upperProbability(level), degreesOfFreedom) * all.standardError;
  return {
    mean: centre,
    n: values.length,
    clusters: names.size,
    standardError: own.standardError,
    interval: {
      lower: pseudo.length === 0 ? all.mean - half : Math.max(all.mean - half, Math.min(...pseudo)),
      upper: pseudo.length === 0 ? all.mean + half : Math.min(all.mean + half, Math.max(...pseudo)),
      level,
      method: "clustered-t",
    },
    basis: { mean: all.mean, standardError: all.standardError, degreesOfFreedom },
  };
}

function withPseudo(
  values: Values,
  clusters: ArrayLike<string | number>,
  pseudo: readonly number[],
) {
  const names = [
    ...Array.from(clusters, (name) => `${typeof name} ${name}`),
    ...pseudo.map((_, index) => `pseudo ${index}`),
  ];
  return standardErrorOf([...values, ...pseudo], names);
}

function standardErrorOf(values: Values, clusters: readonly (string | number)[]) {
  const centre = mean(values) as number;
  const sums = new Map<string | number, number>();
  for (let i = 0; i < values.length; i += 1) {
    const name = clusters[i] as string | number;
    sums.set(name, (sums.get(name) ?? 0) + (values[i] as number) - centre);
  }
  const squares = [...sums.values()].reduce((total, sum) => total + sum * sum, 0);
  const correction = sums.size / (sums.size - 1);
  return { mean: centre, standardError: Math.sqrt(correction * squares) / values.length };
}
