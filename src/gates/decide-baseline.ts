import type { BaselineComparison, Decision, GateResult, Verdict } from "../core/index.ts";
import { withoutAbsent } from "../core/index.ts";
import { holmAdjusted } from "../stats/index.ts";
import { type Evidence, undecidable, verdictOf } from "./decide-gate.ts";
import { clearOfRounding, holds, type MetricGate, metricName } from "./gate.ts";
import type { PairedEvidence } from "./paired-evidence.ts";
import { countWords, format, outcomeWords, quantityOf, titleOf } from "./wording.ts";

/** A regression counts as proven at this probability of a false alarm, over all gates together. */
export const ALPHA = 0.05;

/** A gate against a baseline, with what both sides have. */
export interface BaselineCase {
  readonly gate: MetricGate;
  readonly evidence: Evidence;
  /** What the baseline is called. */
  readonly name: string;
  /** The metric of the baseline, over its own rows. */
  readonly value: number;
  /** Absent for metrics that are not paired, and without common rows. */
  readonly paired?: PairedEvidence & { readonly pairs: number };
  /** Why there is nothing to decide by, e.g. no row that both sides scored. */
  readonly problem?: string;
  /** The same, if rows that failed here had the worst score; absent without such rows, or a scale. */
  readonly asWorst?: PairedEvidence;
  readonly worst?: BaselineComparison["worst"];
  readonly onlyHere: BaselineComparison["onlyHere"];
  readonly onlyInBaseline: BaselineComparison["onlyInBaseline"];
}

/**
 * Decides the gates against a baseline. Each fails when the rows that both scored prove it is missed. With
 * several, the proof is Holm's: the chance of any false alarm stays at 5 %. An open verdict is no proven
 * regression, which passes; an improvement that is demanded follows the estimate, as other gates do.
 */
export function decideBaselines(cases: readonly BaselineCase[], strict = false): GateResult[] {
  const known = cases.map(({ paired }) => paired?.pWorse).filter((p) => p !== undefined);
  const adjusted = holmAdjusted(known);
  let next = 0;
  return cases.map((one) => {
    const hasP = one.paired?.pWorse !== undefined;
    const p = hasP ? adjusted[next++] : undefined;
    const decided = decide(one, p, known.length, strict);
    return one.problem === undefined ? decided : undecidable(decided, one.problem);
  });
}

function decide(
  one: BaselineCase,
  pWorse: number | undefined,
  tests: number,
  strict: boolean,
): GateResult {
  const { gate, evidence, value, paired } = one;
  const { operator, bound } = gate;
  const { factor, offset } = bound as Extract<typeof bound, { kind: "baseline" }>;
  const threshold = factor * value + offset;
  const { estimate, interval, counts } = evidence;
  const base = withoutAbsent({ gate: gate.text, threshold, counts });
  const baseline = comparisonOf(one, pWorse);
  if (estimate === undefined) {
    return {
      ...base,
      verdict: "undecided",
      decision: "fail",
      baseline,
      title: titleOf(gate, {}, threshold, "fail"),
      message: `${metricName(gate)} was not measured; the baseline (${one.name}) is ${format(value, quantityOf(gate))}`,
    };
  }
  const seen = verdictAgainst(gate, offset, paired, pWorse);
  const verdict = seen === "pass" && couldBeMissed(one, offset) ? "undecided" : seen;
  const isMet =
    paired === undefined
      ? holds(operator, clearOfRounding(estimate, threshold), threshold)
      : holds(operator, clearOfRounding(paired.estimate, offset), offset);
  const decision: Decision = strict
    ? verdict === "pass"
      ? "pass"
      : "fail"
    : verdict === "undecided"
      ? demandsImprovement(gate, value, threshold) || paired === undefined
        ? isMet
          ? "pass"
          : "fail"
        : "pass"
      : verdict;
  return withoutAbsent<GateResult>({
    ...base,
    verdict,
    decision,
    estimate,
    interval,
    worstCase: evidence.worstCase,
    rerunStandardError: evidence.rerunStandardError,
    baseline,
    title: titleOf(
      gate,
      { estimate, baseline: value, n: paired?.pairs ?? evidence.n },
      threshold,
      outcomeWords(verdict, decision),
    ),
    message: messageOf(one, { threshold, verdict, decision, tests, strict }),
  });
}

function comparisonOf(
  { name, value, paired, worst, onlyHere, onlyInBaseline }: BaselineCase,
  pWorse: number | undefined,
): BaselineComparison {
  return withoutAbsent<BaselineComparison>({
    name,
    estimate: value,
    pairs: paired?.pairs,
    difference: paired && withoutAbsent({ estimate: paired.estimate, interval: paired.interval }),
    pWorse,
    worse: paired?.worse,
    better: paired?.better,
    worst,
    onlyHere,
    onlyInBaseline,
    detectable: paired?.detectable,
  });
}

function verdictAgainst(
  { operator }: MetricGate,
  offset: number,
  paired: BaselineCase["paired"],
  pWorse: number | undefined,
): Verdict {
  if (paired?.interval === undefined) {
    const isProven = operator !== "==" && pWorse !== undefined && pWorse <= ALPHA;
    return isProven ? "fail" : "undecided";
  }
  const verdict = verdictOf({ operator }, offset, paired.interval);
  if (operator === "==") return verdict;
  // The bound alone knows nothing of the other gates.
  if (pWorse === undefined) return verdict;
  if (pWorse <= ALPHA) return "fail";
  return verdict === "fail" ? "undecided" : verdict;
}

/** Whether rows without a score could turn what the others prove. */
function couldBeMissed({ gate, asWorst }: BaselineCase, offset: number): boolean {
  const interval = asWorst?.interval;
  return interval !== undefined && verdictOf(gate, offset, interval) !== "pass";
}

/** A bound on the better side of the baseline; at or short of it only a regression counts. */
export function demandsImprovement(
  { operator }: MetricGate,
  value: number,
  threshold: number,
): boolean {
  switch (operator) {
    case ">":
      return threshold >= value;
    case ">=":
      return threshold > value;
    case "<":
      return threshold <= value;
    case "<=":
      return threshold < value;
    case "==":
      return false;
  }
}

interface Outcome {
  readonly threshold: number;
  readonly verdict: Verdict;
  readonly decision: Decision;
  readonly tests: number;
  readonly strict: boolean;
}

function messageOf(one: BaselineCase, outcome: Outcome): string {
  const { gate, evidence, name, value, paired, onlyHere, onlyInBaseline } = one;
  const quantity = quantityOf(gate);
  const counts = evidence.counts === undefined ? "" : ` (${countWords(evidence.counts)})`;
  const parts = [
    `${metricName(gate)} is ${format(evidence.estimate as number, quantity)}${counts}, the baseline (${name}) had ${format(value, quantity)}`,
  ];
  if (paired !== undefined) parts.push(differenceWords(one, quantity, outcome.tests));
  parts.push(`"${gate.text}" is ${outcomeOf(one, outcome, quantity)}`);
  const lost = [
    onlyHere.count > 0 && `${onlyHere.count} without a score in the baseline`,
    onlyInBaseline.count > 0 && `${onlyInBaseline.count} of the baseline without a score here`,
  ].filter(Boolean);
  if (lost.length > 0) parts.push(`rows not compared: ${lost.join(", ")}`);
  if (one.asWorst !== undefined) {
    parts.push(
      `with the worst score for those that failed here the difference would be ${format(one.asWorst.estimate, quantity)}`,
    );
  }
  return parts.join("; ");
}

function differenceWords(
  { gate, paired }: BaselineCase,
  quantity: ReturnType<typeof quantityOf>,
  tests: number,
): string {
  const { estimate, interval, pairs, worse, better } = paired as NonNullable<
    BaselineCase["paired"]
  >;
  const { factor } = gate.bound as Extract<MetricGate["bound"], { kind: "baseline" }>;
  const against = factor === 1 ? "it" : `${factor} times it`;
  const signed = (x: number) => `${x > 0 ? "+" : x < 0 ? "−" : ""}${format(Math.abs(x), quantity)}`;
  const alone = tests > 1 ? " of this gate alone" : "";
  const between =
    interval === undefined
      ? ""
      : ` (90 % interval${alone} ${signed(interval.lower)} to ${signed(interval.upper)})`;
  return `on the ${pairs} rows that both scored the difference to ${against} is ${signed(estimate)}${between}, ${worse} rows got worse and ${better} better`;
}

function outcomeOf(
  { gate, value, paired }: BaselineCase,
  { threshold, verdict, decision, tests, strict }: Outcome,
  quantity: ReturnType<typeof quantityOf>,
): string {
  const several = tests > 1 ? ` (allowing for ${tests} gates against the baseline, by Holm)` : "";
  if (verdict === "pass") return `proven${several}`;
  if (verdict === "fail") return `missed for certain${several}`;
  if (paired === undefined) return `decided by the two numbers alone: ${decision}`;
  if (strict) return "not proven, and strict demands proof";
  const blind =
    paired.detectable === undefined
      ? ""
      : `; so many rows would show a difference of ${format(Number(paired.detectable.toPrecision(2)), quantity)} or more`;
  return demandsImprovement(gate, value, threshold)
    ? `too close to call${several}, taken as ${decision} by the estimate${blind}`
    : `not shown to be missed${several}, which passes${blind}`;
}
