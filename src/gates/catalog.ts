import { AssayError, type FingerprintAspects } from "../core/index.ts";
import { closestNames } from "./closest-names.ts";
import type { MetricGate, RowsGate } from "./gate.ts";

/** A scorer, as far as gates need to know it. */
export interface GateScorer {
  readonly name: string;
  /** E.g. `relevance/v1`. */
  readonly key: string;
  readonly scale?: readonly [low: number, high: number];
  readonly greaterIsBetter?: boolean;
  readonly fingerprint?: string;
  /** What the fingerprint is of. */
  readonly aspects?: FingerprintAspects;
}

/** A metric that gates can name. */
export interface GateMetric {
  readonly key: string;
  /** Other names for it. */
  readonly aliases?: readonly string[];
  /** Absent for latency and cost, and for metrics of all rows together. */
  readonly scorer?: GateScorer;
  /** `mean`, `p90` …; of scorers' scores. */
  readonly aggregation?: string;
}

/** What gates of one evaluation can be about. */
export interface GateCatalog {
  readonly metrics: readonly GateMetric[];
  readonly scorers: readonly GateScorer[];
}

/**
 * The metric that a gate names: by its key, by an alias, or shortened while only one can be meant
 * (`relevance` for `relevance/v1/mean`, `toxicity/max` for `toxicity/v1/max`).
 *
 * @throws {AssayError} `invalid-argument` naming the gate; with the closest names where there is none, with
 *   all that it may mean where there are several.
 */
export function findMetric(
  { metrics }: GateCatalog,
  { text, metric }: Pick<MetricGate, "text" | "metric">,
): GateMetric {
  const exact = metrics.find(({ key, aliases = [] }) => key === metric || aliases.includes(metric));
  if (exact !== undefined) return exact;
  const meant = metrics.filter((one) => shortNames(one).includes(metric));
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  if (only !== undefined) {
    const names = meant.map(({ key }) => key).join(" or ");
    throw new AssayError(
      "invalid-argument",
      `Gate "${text}": ${metric} may mean ${names}; write which`,
    );
  }
  throw unknown(
    text,
    metric,
    "the metric",
    metrics.flatMap(allNames),
    metrics.map(({ key }) => key),
  );
}

/** The scorer that a gate on rows names, by key or by a name that only one has. */
export function findScorer(
  { scorers }: GateCatalog,
  { text, scorer }: Pick<RowsGate, "text" | "scorer">,
): GateScorer {
  const found = scorers.filter(({ key, name }) => key === scorer || name === scorer);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only !== undefined) {
    throw new AssayError(
      "invalid-argument",
      `Gate "${text}": ${scorer} may mean ${found.map(({ key }) => key).join(" or ")}; write which`,
    );
  }
  const names = scorers.flatMap(({ key, name }) => [key, name]);
  throw unknown(text, scorer, "the scorer", names, [...new Set(scorers.map(({ key }) => key))]);
}

function shortNames({ key, scorer, aggregation }: GateMetric): string[] {
  if (scorer === undefined)
    return key === "latency/mean" ? ["latency"] : key === "cost/total" ? ["cost"] : [];
  if (aggregation === undefined) return [];
  const bare = aggregation === "mean" ? [scorer.name, scorer.key] : [];
  return [...bare, `${scorer.name}/${aggregation}`, `${scorer.key}/${aggregation}`];
}

const allNames = (metric: GateMetric) => [
  metric.key,
  ...(metric.aliases ?? []),
  ...shortNames(metric),
];

function unknown(
  gate: string,
  name: string,
  what: string,
  names: readonly string[],
  all: readonly string[],
): AssayError {
  const close = closestNames(name, names);
  const shown = all.slice(0, 12).join(", ") + (all.length > 12 ? ", …" : "");
  const advice =
    close.length > 0 ? `Did you mean ${close.join(" or ")}?` : `There are ${shown || "none"}`;
  return new AssayError(
    "invalid-argument",
    `Gate "${gate}": ${what} ${name} is not measured here. ${advice}`,
  );
}
