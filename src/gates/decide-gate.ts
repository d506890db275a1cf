import type { Decision, GateResult, Interval, Verdict } from "../core/index.ts";
import type { Gate } from "./parse-gate.ts";

/** What is known of a metric. */
export interface Evidence {
  /** Absent when nothing was measured. */
  readonly estimate?: number;
  readonly interval?: Interval;
  /** How many values it rests on. */
  readonly n?: number;
}

/**
 * Decides a gate: the verdict by the interval, the decision by the point estimate.
 *
 * @param strict - Passes only what the verdict passes: an open verdict fails.
 */
export function decideGate(gate: Gate, evidence: Evidence, strict = false): GateResult {
  const { estimate, interval } = evidence;
  const base = { gate: gate.text, threshold: gate.threshold };
  if (estimate === undefined) {
    const message = `${gate.metric} was not measured; demanded ${demand(gate)}`;
    return { ...base, verdict: "undecided", decision: "fail", message };
  }
  const verdict = interval === undefined ? "undecided" : verdictOf(gate, interval);
  // The sample's own mean decides on this dataset, whatever the interval says of other questions.
  const isPassed = strict ? verdict === "pass" : holds(gate, estimate);
  return {
    ...base,
    verdict,
    decision: isPassed ? "pass" : "fail",
    estimate,
    ...(interval !== undefined && { interval }),
    message: message(gate, evidence, verdict, strict),
  };
}

function holds({ operator, threshold }: Gate, value: number): boolean {
  switch (operator) {
    case ">=":
      return value >= threshold;
    case ">":
      return value > threshold;
    case "<=":
      return value <= threshold;
    case "<":
      return value < threshold;
    case "==":
      return value === threshold;
  }
}

function verdictOf(gate: Gate, { lower, upper }: Interval): Verdict {
  const ends = [lower, upper].map((value) => holds(gate, value));
  if (gate.operator === "==") {
    if (lower === upper) return ends[0] ? "pass" : "fail";
    return gate.threshold < lower || gate.threshold > upper ? "fail" : "undecided";
  }
  return ends.every(Boolean) ? "pass" : ends.some(Boolean) ? "undecided" : "fail";
}

function message(
  gate: Gate,
  { estimate, interval, n }: Evidence,
  verdict: Verdict,
  strict: boolean,
): string {
  const level = interval && `${Math.round(interval.level * 100)} %`;
  const facts = [
    interval && `${level} [${format(interval.lower)}, ${format(interval.upper)}]`,
    n !== undefined && `n = ${n}`,
  ].filter(Boolean);
  const behind = facts.length > 0 ? ` (${facts.join(", ")})` : "";
  const why = interval === undefined ? "no interval for this metric" : "too close to call";
  const how = strict ? "strict demands the whole interval" : "decided by the point estimate";
  const doubt = verdict === "undecided" ? `; ${why}, ${how}` : "";
  return `${gate.metric} = ${format(estimate as number)}${behind}, demanded ${demand(gate)}${doubt}`;
}

function demand({ operator, threshold }: Gate): string {
  return `${operator} ${format(threshold)}`;
}

function format(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}

/** The verdict over several gates: fail if any fails, undecided if any is open. */
export function overallVerdict(results: readonly GateResult[]): Verdict | undefined {
  return overall(results.map((result) => result.verdict));
}

export function overallDecision(results: readonly GateResult[]): Decision | undefined {
  return overall(results.map((result) => result.decision));
}

function overall<T extends Verdict>(values: readonly T[]): T | undefined {
  return (["fail", "undecided", "pass"] as const).find((value) =>
    (values as readonly string[]).includes(value),
  ) as T | undefined;
}
