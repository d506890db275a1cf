import type { GateCounts, Interval, Verdict } from "../core/index.ts";
import { clearOfRounding, inWords, type MetricGate, metricName, type Operator } from "./gate.ts";

/** How numbers of a metric are written: 4.21, 84 %, 1.8 s, $1.25. */
export type Quantity = "number" | "percent" | "seconds" | "dollars";

export function quantityOf({ metric, bound }: Pick<MetricGate, "metric" | "bound">): Quantity {
  const [name] = metric.split("/");
  if (name === "latency") return "seconds";
  if (name === "cost") return "dollars";
  return bound.isPercent ? "percent" : "number";
}

const DIGITS = 4;

export function format(value: number, quantity: Quantity = "number", digits = DIGITS): string {
  if (quantity === "seconds" && Math.abs(value) < 1 && value !== 0) {
    return `${digitsOf(1000 * value, digits)} ms`;
  }
  const text = digitsOf(quantity === "percent" ? 100 * value : value, digits);
  if (quantity === "percent") return `${text} %`;
  if (quantity === "seconds") return `${text} s`;
  return quantity === "dollars" ? `$${text}` : text;
}

function digitsOf(value: number, digits: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
}

/** A threshold is shown as it was given; more would show how doubles keep it. */
const GIVEN_DIGITS = 12;

/** Digits of a double at most. */
const ALL_DIGITS = 17;

/** With as many digits as it takes to see on which side of the threshold it is: 3.9999, not 4, beside 4. */
export function formatBeside(
  given: number,
  threshold: number,
  quantity: Quantity = "number",
  digits = DIGITS,
): string {
  const value = clearOfRounding(given, threshold);
  if (value === threshold) return format(value, quantity, digits);
  const beside = format(threshold, quantity, GIVEN_DIGITS);
  for (let count = digits; count < ALL_DIGITS; count += 1) {
    const text = format(value, quantity, count);
    const shown = text === beside ? threshold : Number(value.toPrecision(count));
    if (Math.sign(shown - threshold) === Math.sign(value - threshold)) return text;
  }
  return format(value, quantity, ALL_DIGITS);
}

/** `95 % interval 4.09 to 4.33`. */
export function intervalWords(interval: Interval, quantity: Quantity, threshold: number): string {
  const level = Number((100 * interval.level).toFixed(1));
  return `${level} % interval ${boundsWords(interval, quantity, threshold)}`;
}

function boundsWords(
  { lower, upper }: Interval,
  quantity: Quantity,
  threshold: number,
  digits = DIGITS,
): string {
  const [low, high] = [lower, upper].map((x) => formatBeside(x, threshold, quantity, digits));
  return `${low} to ${high}`;
}

/** `198 scored, 1 failed, 1 missing`; what there is none of is left out. */
export function countWords({
  scored,
  failed,
  missing,
  notApplicable,
  clusters,
}: GateCounts): string {
  const parts = [
    `${scored} scored`,
    failed > 0 && `${failed} failed`,
    missing > 0 && `${missing} missing`,
    notApplicable > 0 && `${notApplicable} not applicable`,
    clusters !== undefined && `in ${clusters} groups of rows${fewWords(clusters)}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** Fewer groups than this say little of how others differ. */
const ENOUGH_GROUPS = 10;

function fewWords(clusters: number): string {
  return clusters < ENOUGH_GROUPS ? ` (intervals are rough below ${ENOUGH_GROUPS})` : "";
}

/** `must be at least 4`. */
export function demandWords(operator: Operator, threshold: number, quantity: Quantity): string {
  return `must be ${inWords(operator)} ${format(threshold, quantity, GIVEN_DIGITS)}`;
}

const SIGNS: { readonly [operator in Operator]: string } = {
  ">=": "≥",
  ">": ">",
  "<=": "≤",
  "<": "<",
  "==": "=",
};

/** A title is no table. */
const TITLE_DIGITS = 3;

/** `relevance 4.21 ± 0.12 ≥ 4 (n=200): pass`; bounds instead of ± where they are not as far on either side. */
export function titleOf(
  gate: MetricGate,
  facts: {
    readonly estimate?: number | undefined;
    readonly interval?: Interval | undefined;
    readonly n?: number | undefined;
    /** What a baseline had. */
    readonly baseline?: number | undefined;
  },
  threshold: number,
  outcome: string,
): string {
  const quantity = quantityOf(gate);
  const name = metricName({ ...gate, metric: shortName(gate.metric) });
  const { estimate, interval, n, baseline } = facts;
  const value =
    estimate === undefined
      ? "not measured"
      : formatBeside(estimate, threshold, quantity, TITLE_DIGITS);
  const around =
    estimate === undefined || interval === undefined
      ? ""
      : aroundWords(estimate, interval, quantity, threshold);
  const rests = [
    baseline !== undefined && `baseline ${format(baseline, quantity, TITLE_DIGITS)}`,
    n !== undefined && `n=${n}`,
  ].filter(Boolean);
  const behind = rests.length === 0 ? "" : ` (${rests.join(", ")})`;
  const bound =
    gate.bound.kind === "baseline"
      ? baselineWords(gate.bound, quantity)
      : format(threshold, quantity, GIVEN_DIGITS);
  return `${name} ${value}${around} ${SIGNS[gate.operator]} ${bound}${behind}: ${outcome}`;
}

/** How far the middle of an interval may be from the estimate for ±, as a share of the half width. */
const CENTRED = 0.1;

function aroundWords(
  estimate: number,
  interval: Interval,
  quantity: Quantity,
  threshold: number,
): string {
  const half = (interval.upper - interval.lower) / 2;
  const isCentred =
    Math.abs((interval.upper + interval.lower) / 2 - estimate) <= CENTRED * half * (1 + 1e-9);
  return isCentred
    ? ` ± ${format(half, quantity, TITLE_DIGITS)}`
    : ` (${boundsWords(interval, quantity, threshold, TITLE_DIGITS)})`;
}

function baselineWords(bound: Extract<MetricGate["bound"], { kind: "baseline" }>, q: Quantity) {
  const factor = bound.factor === 1 ? "" : `${bound.factor} × `;
  const sign = bound.offset < 0 ? "−" : "+";
  const offset = bound.offset === 0 ? "" : ` ${sign} ${format(Math.abs(bound.offset), q)}`;
  return `${factor}baseline${offset}`;
}

/** Without the version and the mean, which go without saying. */
export function shortName(metric: string): string {
  return metric.replace(/\/v\d+(?=\/|$)/, "").replace(/\/mean$/, "");
}

/** `pass`, `too close to call, taken as pass`. */
export function outcomeWords(verdict: Verdict, decision: string): string {
  return verdict === decision ? decision : `too close to call, taken as ${decision}`;
}

/** `3 %`, `under 1 %`. */
export function chanceWords(chance: number): string {
  const percent = Math.round(100 * chance);
  return percent < 1 ? "under 1 %" : `${percent} %`;
}
