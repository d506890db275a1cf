import type { GateCounts, Interval, Verdict } from "../core/index.ts";
import { inWords, type MetricGate, metricName, type Operator } from "./gate.ts";

/** How numbers of a metric are written: 4.21, 84 %, 1.8 s, $1.25. */
export type Quantity = "number" | "percent" | "seconds" | "dollars";

export function quantityOf({ metric, bound }: Pick<MetricGate, "metric" | "bound">): Quantity {
  const [name] = metric.split("/");
  if (name === "latency") return "seconds";
  if (name === "cost") return "dollars";
  return bound.isPercent ? "percent" : "number";
}

export function format(value: number, quantity: Quantity = "number"): string {
  const scaled = quantity === "percent" ? 100 * value : value;
  const text = Number.isInteger(scaled) ? String(scaled) : String(Number(scaled.toPrecision(4)));
  if (quantity === "percent") return `${text} %`;
  if (quantity === "seconds") return `${text} s`;
  return quantity === "dollars" ? `$${text}` : text;
}

/** `95 % sure: 4.09 to 4.33`. */
export function intervalWords({ lower, upper, level }: Interval, quantity: Quantity): string {
  const sure = `${Number((100 * level).toFixed(1))} % interval`;
  return `${sure} ${format(lower, quantity)} to ${format(upper, quantity)}`;
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
    clusters !== undefined && `in ${clusters} groups of rows`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** `must be at least 4`. */
export function demandWords(operator: Operator, threshold: number, quantity: Quantity): string {
  return `must be ${inWords(operator)} ${format(threshold, quantity)}`;
}

const SIGNS: { readonly [operator in Operator]: string } = {
  ">=": "≥",
  ">": ">",
  "<=": "≤",
  "<": "<",
  "==": "=",
};

/** `relevance 4.21 ± 0.12 ≥ 4 (n=200): pass`. */
export function titleOf(
  gate: MetricGate,
  facts: {
    readonly estimate?: number | undefined;
    readonly interval?: Interval | undefined;
    readonly n?: number | undefined;
  },
  threshold: number,
  outcome: string,
): string {
  const quantity = quantityOf(gate);
  const name = metricName({ ...gate, metric: shortName(gate.metric) });
  const { estimate, interval, n } = facts;
  const value = estimate === undefined ? "not measured" : format3(estimate, quantity);
  const half = interval && (interval.upper - interval.lower) / 2;
  const around = half === undefined ? "" : ` ± ${format3(half, quantity)}`;
  const rests = n === undefined ? "" : ` (n=${n})`;
  const bound =
    gate.bound.kind === "baseline"
      ? baselineWords(gate.bound, quantity)
      : format(threshold, quantity);
  return `${name} ${value}${around} ${SIGNS[gate.operator]} ${bound}${rests}: ${outcome}`;
}

function baselineWords(bound: Extract<MetricGate["bound"], { kind: "baseline" }>, q: Quantity) {
  const factor = bound.factor === 1 ? "" : `${bound.factor} × `;
  const sign = bound.offset < 0 ? "−" : "+";
  const offset = bound.offset === 0 ? "" : ` ${sign} ${format(Math.abs(bound.offset), q)}`;
  return `${factor}baseline${offset}`;
}

/** A title is no table: three digits. */
function format3(value: number, quantity: Quantity): string {
  return format(Number(value.toPrecision(3)), quantity);
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
