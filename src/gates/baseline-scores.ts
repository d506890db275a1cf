import { AssayError } from "../core/index.ts";
import { type Baseline, baselineValue } from "./baseline.ts";
import { findMetric, type GateCatalog, type GateScorer } from "./catalog.ts";
import type { Gate } from "./gate.ts";

/** A mean of decimals may leave its rows by a last place. */
const SLACK = 1e-9;

/**
 * Checks, before anything is measured, the scores of a baseline that gates are held against: a file can be
 * edited, and merged by halves.
 *
 * @throws {AssayError} `invalid-argument` naming the gate, the baseline and the row that is off the scale, or
 *   the mean that its rows cannot have.
 */
export async function checkBaselineScores(
  gates: readonly Gate[],
  baseline: Baseline | undefined,
  catalog: GateCatalog,
): Promise<void> {
  if (baseline === undefined) return;
  for (const gate of gates) {
    if (gate.kind !== "metric" || gate.bound.kind !== "baseline") continue;
    const metric = findMetric(catalog, gate);
    if (metric.scorer === undefined || metric.aggregation !== "mean") continue;
    const rows = await baseline.rows(metric.scorer.key);
    const problem =
      offScale(rows, metric.scorer) ?? offRows(rows, baselineValue(baseline, metric), metric.key);
    if (problem === undefined) continue;
    throw new AssayError(
      "invalid-argument",
      `Gate "${gate.text}": in the baseline (${baseline.name}) ${problem}. Measure it anew, or correct it`,
    );
  }
}

function offScale(
  rows: ReadonlyMap<string, number>,
  { name, scale }: GateScorer,
): string | undefined {
  if (scale === undefined) return undefined;
  const [low, high] = scale;
  const slack = SLACK * Math.max(Math.abs(low), Math.abs(high));
  for (const [key, value] of rows) {
    if (value >= low - slack && value <= high + slack) continue;
    return `row ${key} has ${value}, outside the scale of ${name}, ${low} to ${high}`;
  }
  return undefined;
}

/** Rows may have had different numbers of trials, so that the mean is theirs with some weights or other. */
function offRows(
  rows: ReadonlyMap<string, number>,
  mean: number | undefined,
  key: string,
): string | undefined {
  if (mean === undefined || rows.size === 0) return undefined;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of rows.values())
    [least, most] = [Math.min(least, value), Math.max(most, value)];
  const slack = SLACK * Math.max(Math.abs(least), Math.abs(most));
  if (mean >= least - slack && mean <= most + slack) return undefined;
  return `${key} is ${mean}, and its rows have from ${least} to ${most}`;
}
