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
  /** Where it lies for certain, without an interval: the largest of all is not below the largest seen. */
  readonly range?: { readonly lower: number; readonly upper: number };
  /** Why there is none, where more than the kind of the metric is the reason. */
  readonly noInterval?: string;
  /** How many values it rests on. */
  readonly n?: number;
  readonly counts?: GateCounts;
  readonly worstCase?: { readonly lower: number; readonly upper: number };
  /** The intervals if all results without a score had the lowest, and the highest. */
  readonly asIfScored?: { readonly lower: Interval; readonly upper: Interval };
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
  // What a run cost is counted, and speaks of that run alone; of some answers it may not be known.
  const counted = quantity === "dollars" ? { lower: estimate, upper: estimate } : undefined;
  const known = interval ?? evidence.range ?? counted;
  const seen = known === undefined ? "undecided" : verdictOf(gate, threshold, known);
  const verdict = isOpen(gate, threshold, evidence, seen) ? "undecided" : seen;
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
      ...worstWords(gate, { ...evidence, estimate }, threshold, seen),
      ...rerunWords(rerunStandardError, chance, quantity),
    ].join("; "),
  });
}

/** Whether results without a score could turn what the others prove. */
function isOpen(
  gate: MetricGate,
  threshold: number,
  { asIfScored }: Evidence,
  verdict: Verdict,
): boolean {
  return (
    asIfScored !== undefined &&
    [asIfScored.lower, asIfScored.upper].some((one) => verdictOf(gate, threshold, one) !== verdict)
  );
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
  { estimate, interval, noInterval = "no interval for this metric", ...more }: Evidence,
  verdict: Verdict,
  strict: boolean,
): string {
  if (verdict !== "undecided") return verdict === "pass" ? "clearly met" : "clearly missed";
  const threshold = bound.kind === "value" ? bound.value : Number.NaN;
  const here = holds(operator, estimate as number, threshold) ? "met" : "missed";
  const isProven =
    interval !== undefined && verdictOf({ operator }, threshold, interval) !== "undecided";
  const doubt =
    interval === undefined
      ? noInterval
      : isProven && more.asIfScored !== undefined
        ? "open for other rows of this kind as long as some results lack a score"
        : "too close to call for other rows of this kind";
  return strict
    ? `${here} here, but ${doubt}, and strict demands proof`
    : `${here} here, but ${doubt}`;
}

/** Of the worst scores, or of the best where those could save what is missed. */
function worstWords(
  gate: MetricGate,
  evidence: Evidence,
  threshold: number,
  seen: Verdict,
): string[] {
  const { estimate, worstCase, asIfScored, counts } = evidence;
  if (worstCase === undefined || counts === undefined) return [];
  const { operator } = gate;
  const isSaved = seen === "fail" && isOpen(gate, threshold, evidence, seen);
  const isLow = operator.startsWith(">") !== isSaved;
  const side = isLow ? "lower" : "upper";
  const then = worstCase[side];
  const stays = holds(operator, then, threshold) === holds(operator, estimate as number, threshold);
  const verdict = asIfScored && verdictOf(gate, threshold, asIfScored[side]);
  const change = !stays
    ? `which would ${isSaved ? "meet" : "miss"} it`
    : verdict === undefined || verdict === seen
      ? "which changes nothing"
      : verdict === "undecided"
        ? "which would be too close to call"
        : `which would be clearly ${verdict === "pass" ? "met" : "missed"}`;
  const lacking = counts.failed + counts.missing;
  const rows = lacking === 1 ? "the result" : `the ${lacking} results`;
  return [
    `with the ${isSaved ? "best" : "worst"} score for ${rows} without one it would be ${formatBeside(then, threshold, quantityOf(gate))}, ${change}`,
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

/** A gate that is no condition on what was measured: it neither passes nor is missed. */
export function undecidable(result: GateResult, problem: string): GateResult {
  return {
    ...result,
    verdict: "undecided",
    decision: "fail",
    problem,
    title: `${result.gate}: no verdict`,
    message: `${result.gate} cannot be decided: ${problem}`,
  };
}
