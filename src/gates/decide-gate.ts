import type { Decision, GateCounts, GateResult, Interval, Verdict } from "../core/index.ts";
import { withoutAbsent } from "../core/index.ts";
import { flipChance } from "../stats/index.ts";
import { clearOfRounding, holds, type MetricGate, metricName } from "./gate.ts";
import {
  chanceWords,
  countWords,
  demandWords,
  format,
  formatBeside,
  intervalWords,
  outcomeWords,
  type Quantity,
  quantityOf,
  titleOf,
} from "./wording.ts";

/** What is known of a metric. */
export interface Evidence {
  /** Absent when nothing was measured. */
  readonly estimate?: number;
  readonly interval?: Interval;
  /** Why there is none, where more than the kind of the metric is the reason. */
  readonly noInterval?: string;
  /** How many values it rests on. */
  readonly n?: number;
  readonly counts?: GateCounts;
  readonly worstCase?: { readonly lower: number; readonly upper: number };
  readonly rerunStandardError?: number;
}

/**
 * Decides a gate against a number: the verdict by the interval, the decision by the point estimate.
 *
 * @param strict - Passes only what the verdict passes: an open verdict fails.
 */
export function decideGate(gate: MetricGate, evidence: Evidence, strict = false): GateResult {
  const { interval, n, counts, worstCase, rerunStandardError } = evidence;
  const threshold = gate.bound.kind === "value" ? gate.bound.value : Number.NaN;
  const estimate = evidence.estimate && clearOfRounding(evidence.estimate, threshold);
  const quantity = quantityOf(gate);
  const base = withoutAbsent({ gate: gate.text, threshold, counts });
  if (estimate === undefined) {
    const message = `${metricName(gate)} was not measured; it ${demandWords(gate.operator, threshold, quantity)}`;
    const title = titleOf(gate, evidence, threshold, "fail");
    return { ...base, verdict: "undecided", decision: "fail", title, message };
  }
  // What a run cost is counted, and speaks of that run alone.
  const known = quantity === "dollars" ? { lower: estimate, upper: estimate } : interval;
  const verdict = known === undefined ? "undecided" : verdictOf(gate, threshold, known);
  // The sample's own mean decides on this dataset, whatever the interval says of other questions.
  const isPassed = strict ? verdict === "pass" : holds(gate.operator, estimate, threshold);
  const decision = isPassed ? "pass" : "fail";
  const chance =
    rerunStandardError === undefined
      ? undefined
      : flipChance(estimate, threshold, rerunStandardError);
  return withoutAbsent<GateResult>({
    ...base,
    verdict,
    decision,
    estimate,
    interval,
    worstCase,
    rerunStandardError,
    flipChance: chance,
    title: titleOf(gate, { estimate, interval, n }, threshold, outcomeWords(verdict, decision)),
    message: [
      `${metricName(gate)} is ${formatBeside(estimate, threshold, quantity)}${restWords(evidence, threshold, quantity)}`,
      `it ${demandWords(gate.operator, threshold, quantity)}: ${outcome(gate, { ...evidence, estimate }, verdict, strict)}`,
      ...worstWords(gate, { ...evidence, estimate }, threshold, quantity),
      ...rerunWords(rerunStandardError, chance, quantity),
    ].join("; "),
  });
}

/** What an interval says of a condition. */
export function verdictOf(
  { operator }: Pick<MetricGate, "operator">,
  threshold: number,
  { lower, upper }: Pick<Interval, "lower" | "upper">,
): Verdict {
  const ends = [lower, upper].map((value) => holds(operator, value, threshold));
  if (operator === "==") {
    if (lower === upper) return ends[0] ? "pass" : "fail";
    return threshold < lower || threshold > upper ? "fail" : "undecided";
  }
  return ends.every(Boolean) ? "pass" : ends.some(Boolean) ? "undecided" : "fail";
}

function restWords(
  { interval, n, counts }: Evidence,
  threshold: number,
  quantity: Quantity,
): string {
  const facts = [
    interval && intervalWords(interval, quantity, threshold),
    counts === undefined ? n !== undefined && `n = ${n}` : countWords(counts),
  ].filter(Boolean);
  return facts.length > 0 ? ` (${facts.join("; ")})` : "";
}

function outcome(
  { operator, bound }: MetricGate,
  { estimate, interval, noInterval = "no interval for this metric" }: Evidence,
  verdict: Verdict,
  strict: boolean,
): string {
  if (verdict !== "undecided") return verdict === "pass" ? "clearly met" : "clearly missed";
  const threshold = bound.kind === "value" ? bound.value : Number.NaN;
  const here = holds(operator, estimate as number, threshold) ? "met" : "missed";
  const doubt =
    interval === undefined ? noInterval : "too close to call for other rows of this kind";
  return strict
    ? `${here} here, but ${doubt}, and strict demands proof`
    : `${here} here, but ${doubt}`;
}

function worstWords(
  { operator }: MetricGate,
  { estimate, worstCase, counts }: Evidence,
  threshold: number,
  quantity: Quantity,
): string[] {
  if (worstCase === undefined || counts === undefined) return [];
  const isLowWorse = operator.startsWith(">");
  const worst = isLowWorse ? worstCase.lower : worstCase.upper;
  const stays =
    holds(operator, worst, threshold) === holds(operator, estimate as number, threshold);
  const lacking = counts.failed + counts.missing;
  const rows = lacking === 1 ? "the result" : `the ${lacking} results`;
  return [
    `with the worst score for ${rows} without one it would be ${formatBeside(worst, threshold, quantity)}, ${stays ? "which changes nothing" : "which would miss it"}`,
  ];
}

function rerunWords(
  error: number | undefined,
  chance: number | undefined,
  quantity: Quantity,
): string[] {
  if (error === undefined || chance === undefined) return [];
  return [
    `another run on these rows would differ by about ${format(Number(error.toPrecision(2)), quantity)}, and come out on the other side with a chance of ${chanceWords(chance)}`,
  ];
}

/** The verdict over several gates: fail if any fails, undecided if any is open. */
export function overallVerdict(
  results: readonly Pick<GateResult, "verdict">[],
): Verdict | undefined {
  return overall(results.map((result) => result.verdict));
}

export function overallDecision(
  results: readonly Pick<GateResult, "decision">[],
): Decision | undefined {
  return overall(results.map((result) => result.decision));
}

function overall<T extends Verdict>(values: readonly T[]): T | undefined {
  return (["fail", "undecided", "pass"] as const).find((value) =>
    (values as readonly string[]).includes(value),
  ) as T | undefined;
}
