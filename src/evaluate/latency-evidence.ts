import type { Evidence } from "../gates/index.ts";
import { LATENCY_METRICS } from "./metric-keys.ts";
import { aggregateEvidence, ScoreColumn } from "./score-column.ts";

/**
 * The metrics of latency, with their intervals.
 *
 * @param milliseconds - Of each result whose model answered.
 */
export function latencyEvidence(
  milliseconds: Float64Array,
  isRepeated: boolean,
): Map<string, Evidence> {
  const seconds = new ScoreColumn(milliseconds.map((ms) => ms / 1000));
  const names = ["mean", "p90"] as const;
  return new Map(
    names.map((name) => [LATENCY_METRICS[name], aggregateEvidence(name, seconds, isRepeated)]),
  );
}
