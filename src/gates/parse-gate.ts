import { AssayError } from "../core/index.ts";

export const OPERATORS = [">=", "<=", ">", "<", "=="] as const;
export type Operator = (typeof OPERATORS)[number];

/** A condition on one metric. */
export interface Gate {
  /** As written. */
  readonly text: string;
  readonly metric: string;
  readonly operator: Operator;
  /** In the metric's own unit: fractions for rates, seconds for latencies, US dollars for cost. */
  readonly threshold: number;
  /** Written with `%`: makes sense for values in [0, 1] alone. */
  readonly isPercent: boolean;
}

const SHAPE =
  /^\s*(?<metric>[^\s<>=!]+)\s*(?<operator>>=|<=|==|=|>|<)\s*(?<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(?<unit>%|s|ms|usd)?\s*$/i;

/**
 * Parses `<metric> <operator> <number>[unit]`, e.g. `relevance/v1/mean >= 4` or `latency/p90 <= 800ms`.
 *
 * @throws {AssayError} `invalid-argument` naming what was expected; also for a latency or cost without its unit.
 */
export function parseGate(text: string): Gate {
  const groups = SHAPE.exec(text)?.groups;
  if (groups === undefined) {
    throw new AssayError(
      "invalid-argument",
      `Expected a gate like "relevance/v1/mean >= 4" (metric, one of ${OPERATORS.join(" ")}, number), got "${text}"`,
    );
  }
  const metric = groups.metric as string;
  const operator = (groups.operator === "=" ? "==" : groups.operator) as Operator;
  const unit = groups.unit?.toLowerCase();
  checkUnit(metric, unit, text);
  // Divided, not multiplied by 0.01: 57 % has to be the number that 0.57 is.
  const threshold = Number(groups.number) / unitsPerOne(unit);
  return { text: text.trim(), metric, operator, threshold, isPercent: unit === "%" };
}

function checkUnit(metric: string, unit: string | undefined, text: string): void {
  const units = metric.startsWith("latency/")
    ? ["s", "ms"]
    : metric.startsWith("cost/")
      ? ["usd"]
      : undefined;
  if (units === undefined ? unit === undefined || unit === "%" : units.includes(unit ?? "")) return;
  const expected = units === undefined ? "no unit or %" : `the unit ${units.join(" or ")}`;
  throw new AssayError("invalid-argument", `Expected ${expected} behind the number in "${text}"`);
}

function unitsPerOne(unit: string | undefined): number {
  return unit === "%" ? 100 : unit === "ms" ? 1000 : 1;
}
