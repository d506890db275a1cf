import type { Interval } from "../../core/index.ts";
import type { Evidence } from "../../gates/index.ts";
import { clusteredMean } from "../../stats/index.ts";
import { type GateColumn, groupOf, rowMeans } from "./gated-run.ts";

/** A mean whose interval goes by the groups that rows belong to: none where those do not tell how others differ. */
export interface GroupedMean {
  readonly evidence: Evidence;
  readonly interval?: Interval;
  /** How many; absent without an interval. */
  readonly clusters?: number;
}

/**
 * The evidence of a mean with the interval of grouped rows in the place of that of independent ones.
 *
 * @param groups - By ordinal, of the rows that belong to one; at least one.
 */
export function groupedMean(
  { interval: _ofIndependentRows, ...mean }: Evidence,
  column: Pick<GateColumn, "ordinals" | "values">,
  groups: ReadonlyMap<number, string>,
  scale: readonly [low: number, high: number] | undefined,
): GroupedMean {
  const { ordinals, means } = rowMeans(column);
  const names = ordinals.map((ordinal) => groupOf({ groups }, ordinal));
  const found = clusteredMean(means, names, 0.95, scale ?? []);
  if (found === undefined || found.interval.lower === found.interval.upper) {
    const noInterval = "its groups of rows say nothing of how others differ";
    return { evidence: { ...mean, noInterval } };
  }
  const { interval, clusters } = found;
  return { evidence: { ...mean, interval }, interval, clusters };
}
