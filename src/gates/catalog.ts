import { AssayError, type FingerprintAspects } from "../core/index.ts";
import { closestNames } from "./closest-names.ts";
import type { Gate, MetricGate, RowsGate } from "./gate.ts";

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

/**
 * Checks what can be known of gates before anything is measured.
 *
 * @throws {AssayError} `invalid-argument` for an unknown or ambiguous metric, a threshold that no score of the
 *   scale can miss or meet, a percentage of what is no share, and gates that contradict each other.
 */
export function checkGates(
  gates: readonly Gate[],
  catalog: GateCatalog,
  { trials = 1 }: { readonly trials?: number } = {},
): void {
  for (const gate of gates) {
    if (gate.kind === "rows") {
      checkRowsGate(gate, findScorer(catalog, gate), trials);
    } else {
      checkThreshold(gate, findMetric(catalog, gate));
    }
  }
  checkContradictions(gates, catalog);
}

const ON_SCALE: readonly (string | undefined)[] = ["mean", "p90", "min", "max", "median"];

/** From here on a number on a scale of 0 to 1 is a percentage whose sign was forgotten. */
const SMALLEST_PERCENTAGE = 5;

function checkThreshold(gate: MetricGate, { scorer, aggregation }: GateMetric): void {
  const { bound, text } = gate;
  if (gate.slice !== undefined && scorer === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Gate "${text}": ${gate.metric} is of all rows together and has no slices; gate a scorer's metric on the slice`,
    );
  }
  checkPercent(text, bound.isPercent, scorer);
  if (bound.kind === "baseline" || !ON_SCALE.includes(aggregation)) return;
  checkFraction(text, bound.value, scorer);
}

/** 80 % of a 1 to 5 scale is 0.8 to some and 4.2 to others; as 0.8 the gate could never fail. */
function checkPercent(gate: string, isPercent: boolean, scorer: GateScorer | undefined): void {
  const [low, high] = scorer?.scale ?? [0, 1];
  if (!isPercent || (low === 0 && high === 1)) return;
  throw new AssayError(
    "invalid-argument",
    `Gate "${gate}" uses %, but ${scorer?.name} is scored from ${low} to ${high}; give the number on that scale`,
  );
}

/** 80 on a scale of 0 to 1 is a percentage without its sign, 0.8 on one of 1 to 5 a fraction of something else. */
function checkFraction(gate: string, value: number, scorer: GateScorer | undefined): void {
  if (scorer?.scale === undefined) return;
  const [low, high] = scorer.scale;
  const isPercentage = low === 0 && high === 1 && value >= SMALLEST_PERCENTAGE && value <= 100;
  const isFraction = low >= 1 && value > 0 && value < 1;
  if (!isPercentage && !isFraction) return;
  const advice = isPercentage
    ? `Did you mean ${value}%?`
    : "No score is as low, so it could never tell anything; give a number on that scale";
  throw new AssayError(
    "invalid-argument",
    `Gate "${gate}": ${value} is outside the scale of ${scorer.name}, ${low} to ${high}. ${advice}`,
  );
}

function checkRowsGate(gate: RowsGate, scorer: GateScorer, trials: number): void {
  const { text, value, isPercent } = gate;
  if (gate.trials !== undefined && gate.trials.of !== trials) {
    throw new AssayError(
      "invalid-argument",
      `Gate "${text}" speaks of ${gate.trials.of} trials, but each row has ${trials}; set trials (--trials) or change the gate`,
    );
  }
  checkPercent(text, isPercent, scorer);
  if (typeof value === "number") checkFraction(text, value, scorer);
}

/** Two gates on one metric that no value meets. */
function checkContradictions(gates: readonly Gate[], catalog: GateCatalog): void {
  const seen = new Map<string, MetricGate[]>();
  for (const gate of gates) {
    if (gate.kind === "rows" || gate.bound.kind === "baseline") continue;
    const about = `${findMetric(catalog, gate).key} ${JSON.stringify(gate.slice ?? [])}`;
    const others = seen.get(about) ?? [];
    const other = others.find((one) => contradict(one, gate));
    if (other !== undefined) {
      throw new AssayError(
        "invalid-argument",
        `The gates "${other.text}" and "${gate.text}" contradict each other: no value meets both`,
      );
    }
    seen.set(about, [...others, gate]);
  }
}

function contradict(a: MetricGate, b: MetricGate): boolean {
  const [first, second] = [rangeOf(a), rangeOf(b)];
  const low = Math.max(first.low, second.low);
  const high = Math.min(first.high, second.high);
  if (low !== high) return low > high;
  const excludes = (range: ReturnType<typeof rangeOf>) =>
    range.isOpen && (range.low === low || range.high === low);
  return excludes(first) || excludes(second);
}

function rangeOf({ operator, bound }: MetricGate) {
  const value = bound.kind === "value" ? bound.value : Number.NaN;
  const low = operator.startsWith("<") ? Number.NEGATIVE_INFINITY : value;
  const high = operator.startsWith(">") ? Number.POSITIVE_INFINITY : value;
  return { low, high, isOpen: operator === "<" || operator === ">" };
}
