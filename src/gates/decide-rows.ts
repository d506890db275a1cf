import type { Decision, GateCounts, GateResult, Verdict } from "../core/index.ts";
import { withoutAbsent } from "../core/index.ts";
import { holds, type RowsGate, sliceText } from "./gate.ts";

/** What became of the rows that a gate is about. */
export interface RowsEvidence {
  readonly rows: number;
  /** Rows whose condition holds; rows whose scores do not tell are in neither list. */
  readonly met: number;
  readonly missed: number;
  /** Keys of some rows, to look at: those that stand against the gate. */
  readonly examples: readonly string[];
  readonly counts?: GateCounts;
}

/**
 * The condition on one row, from the scores that its trials have; undefined where those that lack one could
 * decide. Without a number of trials, a row that is to meet it does so in all of them, and one that must not
 * (`no row`, `at most`) counts from the first.
 */
export function rowMeets(
  gate: Pick<RowsGate, "operator" | "value" | "trials" | "quantifier">,
  trials: ArrayLike<number | string>,
  planned: number,
): boolean | undefined {
  let met = 0;
  for (let i = 0; i < trials.length; i += 1) {
    const value = trials[i] as number | string;
    const isMet =
      typeof gate.value === "string"
        ? String(value).trim().toLowerCase() === gate.value.toLowerCase()
        : typeof value === "number" && holds(gate.operator, value, gate.value);
    if (isMet) met += 1;
  }
  const needed = gate.trials?.atLeast ?? (wantsMet(gate) ? planned : 1);
  if (met >= needed) return true;
  const open = planned - trials.length;
  return met + open >= needed ? undefined : false;
}

/** Which rows stand against a gate: for `every row` those that miss the condition, for `at most` those that meet it. */
export function standsAgainst(gate: RowsGate, isMet: boolean): boolean {
  return wantsMet(gate) ? !isMet : isMet;
}

function wantsMet({ quantifier }: Pick<RowsGate, "quantifier">): boolean {
  return quantifier.kind === "every" || quantifier.kind === "at least";
}

/** Decides a gate on rows, which is about these rows: there is nothing to infer but what has no score. */
export function decideRows(gate: RowsGate, evidence: RowsEvidence, strict = false): GateResult {
  const { rows, met, missed, examples, counts } = evidence;
  if (rows === 0) return ofNoRows(gate, counts);
  const open = rows - met - missed;
  const needed = wantsMet(gate) ? neededOf(gate, rows) : undefined;
  const allowed = wantsMet(gate) ? undefined : allowedOf(gate, rows);
  const verdict: Verdict =
    needed !== undefined
      ? met >= needed
        ? "pass"
        : met + open < needed
          ? "fail"
          : "undecided"
      : met > (allowed as number)
        ? "fail"
        : met + open <= (allowed as number)
          ? "pass"
          : "undecided";
  // Rows without a score count as what the others are: they are bounded by maxFailed.
  const isPassed = needed === undefined ? met <= (allowed as number) : met + open >= needed;
  const decision: Decision = (strict ? verdict === "pass" : isPassed) ? "pass" : "fail";
  const condition = `${gate.scorer}${sliceText(gate.slice)} ${gate.operator} ${gate.value}`;
  const found = `${met} of ${rows} rows have ${condition}`;
  const unknown = open > 0 ? `, ${open} cannot be told` : "";
  const demanded =
    needed === undefined
      ? `at most ${allowed} may`
      : needed === rows
        ? "every row must"
        : `at least ${needed} must`;
  const shown = examples.length > 0 && verdict !== "pass" ? `; e.g. ${examples.join(", ")}` : "";
  const outcome =
    verdict === "pass"
      ? "met"
      : verdict === "fail"
        ? "missed"
        : `open, as ${open === 1 ? "the row" : `the ${open} rows`} without enough scores could decide it: taken as ${decision}`;
  const strictly =
    strict && verdict === "pass"
      ? "; this is of these rows alone, and proves nothing of others"
      : "";
  return withoutAbsent<GateResult>({
    gate: gate.text,
    verdict,
    decision,
    estimate: met,
    threshold: needed ?? (allowed as number),
    counts,
    title: `${gate.text}: ${met} of ${rows} rows: ${verdict === decision ? decision : `open, taken as ${decision}`}`,
    message: `${found}${unknown}; ${demanded}: ${outcome}${strictly}${shown}`,
  });
}

/** What nothing was asked of is neither met nor missed. */
function ofNoRows(gate: RowsGate, counts: GateCounts | undefined): GateResult {
  const none = `${gate.scorer}${sliceText(gate.slice)} applies to no row`;
  return withoutAbsent<GateResult>({
    gate: gate.text,
    verdict: "undecided",
    decision: "fail",
    threshold: 0,
    counts,
    title: `${gate.text}: no row: fail`,
    message: `${none}, so there is nothing to decide by; demanded: ${gate.text}`,
  });
}

function neededOf({ quantifier }: RowsGate, rows: number): number {
  if ("share" in quantifier) return Math.ceil(quantifier.share * rows - 1e-9);
  return "count" in quantifier ? quantifier.count : rows;
}

function allowedOf({ quantifier }: RowsGate, rows: number): number {
  if ("share" in quantifier) return Math.floor(quantifier.share * rows + 1e-9);
  return "count" in quantifier ? quantifier.count : 0;
}
