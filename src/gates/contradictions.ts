import { AssayError } from "../core/index.ts";
import { findMetric, findScorer, type GateCatalog } from "./catalog.ts";
import type { Gate, Operator, RowsGate } from "./gate.ts";

/** Something that a gate demands of a number: where it has to lie, ends left out where they are open. */
interface Range {
  readonly low: number;
  readonly high: number;
  readonly isOpen: boolean;
}

/** What a gate demands of one aggregation. */
interface Demand {
  readonly gate: Gate;
  /** Demands on the same thing can be compared: a scorer or metric, a slice, a baseline. */
  readonly about: string;
  readonly aggregation: string;
  readonly range: Range;
}

/**
 * Two gates that no scores meet: on one metric, on metrics of which one is never above the other (min ≤ mean
 * ≤ max), on all rows or on how many rows.
 *
 * @param rows - How many there are; without it, counts are not compared with shares.
 * @throws {AssayError} `invalid-argument` naming both.
 */
export function checkContradictions(
  gates: readonly Gate[],
  catalog: GateCatalog,
  rows?: number,
): void {
  const demands = gates.flatMap((gate) => demandsOf(gate, catalog));
  for (const [index, first] of demands.entries()) {
    for (const second of demands.slice(index + 1)) {
      const isOne = first.gate === second.gate || first.about !== second.about;
      if (!isOne && (exceeds(first, second) || exceeds(second, first))) {
        throw contradiction(first.gate, second.gate);
      }
    }
  }
  const onRows = gates.filter((gate) => gate.kind === "rows");
  for (const [index, first] of onRows.entries()) {
    for (const second of onRows.slice(index + 1)) {
      const isOne = aboutRows(first, catalog) === aboutRows(second, catalog);
      // How many rows a slice has is not known here.
      const all = first.slice === undefined ? rows : undefined;
      if (isOne && (countsContradict(first, second, all) || countsContradict(second, first, all))) {
        throw contradiction(first, second);
      }
    }
  }
}

function contradiction(first: Gate, second: Gate): AssayError {
  return new AssayError(
    "invalid-argument",
    `The gates "${first.text}" and "${second.text}" contradict each other: no value meets both`,
  );
}

function demandsOf(gate: Gate, catalog: GateCatalog): Demand[] {
  if (gate.kind === "rows") return demandsOnRows(gate, catalog);
  const { key, scorer, aggregation } = findMetric(catalog, gate);
  const slice = JSON.stringify(gate.slice ?? []);
  const { bound } = gate;
  const isOfScores = scorer !== undefined && aggregation !== undefined;
  const about = isOfScores && bound.kind === "value" ? scorer.key : key;
  const against = bound.kind === "baseline" ? ` ${bound.factor} * baseline` : "";
  const value = bound.kind === "baseline" ? bound.offset : bound.value;
  return [
    {
      gate,
      about: `${about} ${slice}${against}`,
      aggregation: aggregation ?? key,
      range: rangeOf(gate.operator, value),
    },
  ];
}

/** What all rows demand of the least and the largest score, and one row of the other one. */
function demandsOnRows(gate: RowsGate, catalog: GateCatalog): Demand[] {
  const { quantifier, operator, value, trials } = gate;
  if (trials !== undefined || typeof value === "string") return [];
  const about = `${findScorer(catalog, gate).key} ${JSON.stringify(gate.slice ?? [])}`;
  const { kind } = quantifier;
  const share = shareOf(quantifier);
  const of = (aggregation: string, demanded: Operator): Demand => ({
    gate,
    about,
    aggregation,
    range: rangeOf(demanded, value),
  });
  const isAll = kind === "every" || (kind === "at least" && share === 1);
  const isNone = kind === "no" || (kind === "at most" && share === 0);
  if (isAll || isNone) {
    const demanded = isAll ? operator : OPPOSITE[operator];
    if (demanded === undefined) return [];
    return demanded === "==" ? [of("min", ">="), of("max", "<=")] : [of(allOf(demanded), demanded)];
  }
  const isSome =
    kind === "at least" && ("count" in quantifier ? quantifier.count > 0 : (share ?? 0) > 0);
  if (!isSome || operator === "==") return [];
  return [of(operator.startsWith("<") ? "min" : "max", operator)];
}

/** Which aggregation has to be so for all scores to be. */
const allOf = (operator: Operator) => (operator.startsWith("<") ? "max" : "min");

const OPPOSITE: { readonly [operator in Operator]?: Operator } = {
  ">=": "<",
  ">": "<=",
  "<=": ">",
  "<": ">=",
};

/** By aggregation, those that are never below it. */
const NEVER_BELOW: { readonly [aggregation: string]: readonly string[] } = {
  min: ["mean", "median", "p90", "max"],
  mean: ["max"],
  median: ["p90", "max"],
  p90: ["max"],
};

/** Whether the first has to be above what the second may be, though it never is above the second. */
function exceeds(first: Demand, second: Demand): boolean {
  const isNeverAbove =
    first.aggregation === second.aggregation ||
    NEVER_BELOW[first.aggregation]?.includes(second.aggregation) === true;
  if (!isNeverAbove) return false;
  const [{ low, isOpen }, { high }] = [first.range, second.range];
  if (low !== high) return low > high;
  return isOpen || second.range.isOpen;
}

function rangeOf(operator: Operator, value: number): Range {
  const low = operator.startsWith("<") ? Number.NEGATIVE_INFINITY : value;
  const high = operator.startsWith(">") ? Number.POSITIVE_INFINITY : value;
  return { low, high, isOpen: operator === "<" || operator === ">" };
}

const aboutRows = (gate: RowsGate, catalog: GateCatalog) =>
  `${findScorer(catalog, gate).key} ${JSON.stringify(gate.slice ?? [])}`;

/** The first wants at least so many rows, of which the second allows fewer, or wants others. */
function countsContradict(first: RowsGate, second: RowsGate, rows: number | undefined): boolean {
  const [least, other] = [leastOf(first, rows), leastOf(second, rows)];
  if (least === undefined) return false;
  if (other !== undefined) {
    const all = least.isShare ? 1 : rows;
    const isComparable = least.isShare === other.isShare && all !== undefined;
    const isWhole = first.trials === undefined && second.trials === undefined;
    return isComparable && isWhole && areDisjoint(first, second) && least.most + other.most > all;
  }
  const most = mostOf(second, rows);
  const isComparable = most !== undefined && least.isShare === most.isShare;
  const isTrial =
    (first.trials?.atLeast ?? Number.POSITIVE_INFINITY) >= (second.trials?.atLeast ?? 1);
  return isComparable && isTrial && implies(first, second) && least.most > most.most;
}

/** A number of rows, as a share or as a count. */
interface Amount {
  readonly isShare: boolean;
  readonly most: number;
}

function leastOf({ quantifier }: RowsGate, rows: number | undefined): Amount | undefined {
  if (quantifier.kind === "at most" || quantifier.kind === "no") return undefined;
  return amountOf("count" in quantifier ? quantifier.count : undefined, shareOf(quantifier), rows);
}

function mostOf({ quantifier }: RowsGate, rows: number | undefined): Amount | undefined {
  if (quantifier.kind === "at least" || quantifier.kind === "every") return undefined;
  return amountOf("count" in quantifier ? quantifier.count : undefined, shareOf(quantifier), rows);
}

function amountOf(
  count: number | undefined,
  share: number | undefined,
  rows: number | undefined,
): Amount | undefined {
  if (rows !== undefined) return { isShare: false, most: count ?? (share as number) * rows };
  return share === undefined
    ? { isShare: false, most: count as number }
    : { isShare: true, most: share };
}

/** Undefined for a count other than none. */
function shareOf(quantifier: RowsGate["quantifier"]): number | undefined {
  if ("share" in quantifier) return quantifier.share;
  if ("count" in quantifier) return quantifier.count === 0 ? 0 : undefined;
  return quantifier.kind === "every" ? 1 : 0;
}

/** Whether a score that meets the first meets the second. */
function implies(first: RowsGate, second: RowsGate): boolean {
  if (typeof first.value === "string" || typeof second.value === "string") {
    return sameLabel(first, second);
  }
  const [a, b] = [rangeOf(first.operator, first.value), rangeOf(second.operator, second.value)];
  const isInside = (inner: number, outer: number, isBeyond: boolean) =>
    inner === outer ? !Number.isFinite(inner) || a.isOpen || !b.isOpen : isBeyond;
  return isInside(a.low, b.low, a.low > b.low) && isInside(a.high, b.high, a.high < b.high);
}

/** Whether no score meets both. */
function areDisjoint(first: RowsGate, second: RowsGate): boolean {
  if (typeof first.value === "string" && typeof second.value === "string") {
    return !sameLabel(first, second);
  }
  if (typeof first.value === "string" || typeof second.value === "string") return false;
  const [a, b] = [rangeOf(first.operator, first.value), rangeOf(second.operator, second.value)];
  const low = Math.max(a.low, b.low);
  const high = Math.min(a.high, b.high);
  return low > high || (low === high && (a.isOpen || b.isOpen));
}

const sameLabel = (first: RowsGate, second: RowsGate) =>
  String(first.value).toLowerCase() === String(second.value).toLowerCase();
