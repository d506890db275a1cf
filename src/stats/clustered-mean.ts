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
    /** Values that it rests on; a pseudo-value counts as many as a cluster has on average. */
    readonly n: number;
  };
}

/** What the values of one cluster come to; counted from an origin, so that values all alike have no spread. */
interface Cluster {
  readonly size: number;
  readonly sum: number;
}

/**
 * Mean of values that come in clusters (questions about one document, turns of one conversation):
 * SE = √(C/(C−1) · Σ_c (Σ_{i∈c}(s_i − s̄))²) / n, and Student's t with C − 1 degrees of freedom.
 *
 * Miller's paper leaves C/(C−1) out, Inspect has it; without it few clusters look too certain.
 *
 * @param clusters - To which cluster each value belongs, in the same order.
 * @param pseudo - Values that stand in the interval as clusters of their own and not in the mean: the ends
 *   of the scale, for the same reason as in {@link plusTwoTInterval}. Each is as large as a cluster is on
 *   average: of a single row it would buy a degree of freedom and weigh next to nothing.
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
  const origin = values[0] ?? 0;
  const own = clustersOf(values, clusters, origin);
  if (own.length < 2) return undefined;
  const size = values.length / own.length;
  const ends = pseudo.map((value) => ({ size, sum: size * (value - origin) }));
  const { standardError } = estimateOf(own, origin);
  const basis = estimateOf([...own, ...ends], origin);
  const half = studentTQuantile(upperProbability(level), basis.degreesOfFreedom);
  const [lower, upper] = [-1, 1].map((side) => basis.mean + side * half * basis.standardError);
  const isBounded = pseudo.length > 0;
  return {
    mean: mean(values) as number,
    n: values.length,
    clusters: own.length,
    standardError,
    interval: {
      lower: isBounded ? Math.max(lower as number, Math.min(...pseudo)) : (lower as number),
      upper: isBounded ? Math.min(upper as number, Math.max(...pseudo)) : (upper as number),
      level,
      method: "clustered-t",
    },
    basis,
  };
}

function clustersOf(values: Values, names: ArrayLike<string | number>, origin: number): Cluster[] {
  const found = new Map<string | number, Cluster>();
  for (let i = 0; i < values.length; i += 1) {
    const name = names[i] as string | number;
    const { size, sum } = found.get(name) ?? { size: 0, sum: 0 };
    found.set(name, { size: size + 1, sum: sum + ((values[i] as number) - origin) });
  }
  return [...found.values()];
}

function estimateOf(clusters: readonly Cluster[], origin: number): ClusteredMean["basis"] {
  const n = clusters.reduce((total, { size }) => total + size, 0);
  const centre = clusters.reduce((total, { sum }) => total + sum, 0) / n;
  const squares = clusters.reduce((total, { size, sum }) => total + (sum - size * centre) ** 2, 0);
  const degreesOfFreedom = clusters.length - 1;
  const correction = clusters.length / degreesOfFreedom;
  const standardError = Math.sqrt(correction * squares) / n;
  return { mean: origin + centre, standardError, degreesOfFreedom, n };
}
