import { AssayError } from "../core/index.ts";
import {
  findMetric,
  findScorer,
  type GateCatalog,
  type GateMetric,
  type GateScorer,
} from "./catalog.ts";
import { checkContradictions } from "./contradictions.ts";
import type { Gate, MetricGate, RowsGate } from "./gate.ts";

/** What is known of the rows that gates are about. */
export interface PlannedRows {
  /** Of each row; default 1. */
  readonly trials?: number;
  /** Absent for a stream that has not ended. */
  readonly rows?: number;
}

/**
 * Checks what can be known of gates before anything is measured.
 *
 * @throws {AssayError} `invalid-argument` for an unknown or ambiguous metric, a threshold that nothing misses
 *   or meets, a percentage of what is no share, a word for a score, more rows than there are, and gates that
 *   contradict each other.
 */
export function checkGates(
  gates: readonly Gate[],
  catalog: GateCatalog,
  { trials = 1, rows }: PlannedRows = {},
): void {
  for (const gate of gates) {
    if (gate.kind === "rows") {
      checkRowsGate(gate, findScorer(catalog, gate), trials);
      if (rows !== undefined && gate.slice === undefined) checkRowCount(gate, rows);
    } else {
      checkThreshold(gate, findMetric(catalog, gate));
    }
  }
  checkContradictions(gates, catalog, rows);
}

/** @throws {AssayError} `invalid-argument` for a gate that so few rows always miss, or always meet. */
export function checkRowCount(gate: RowsGate, rows: number): void {
  const { quantifier, text } = gate;
  if (!("count" in quantifier)) return;
  const { kind, count } = quantifier;
  if (kind === "at least" && count > rows) {
    throw refusal(text, `it wants ${count} rows, and there are ${rows}, so it could never pass`);
  }
  if (kind === "at most" && count > rows) {
    throw refusal(text, `it allows ${count} rows, and there are ${rows}, so it could never fail`);
  }
}

const ON_SCALE: readonly (string | undefined)[] = ["mean", "p90", "min", "max", "median"];

/** From here on a number on a scale of 0 to 1 is a percentage whose sign was forgotten. */
const SMALLEST_PERCENTAGE = 5;

function checkThreshold(gate: MetricGate, { key, scorer, aggregation }: GateMetric): void {
  const { bound, text } = gate;
  if (gate.slice !== undefined && scorer === undefined) {
    throw refusal(
      text,
      `${gate.metric} is of all rows together and has no slices; gate a scorer's metric on the slice`,
    );
  }
  checkPercent(text, bound.isPercent, scorer);
  if (bound.kind === "baseline") return;
  const isMeasured = /^(?:latency|cost)\//.test(key) && scorer === undefined;
  const isAboveZero = isMeasured || aggregation === "variance";
  if (isAboveZero && bound.value < 0) {
    throw refusal(text, `${gate.metric} is never below 0, so the gate tells nothing`);
  }
  if (!ON_SCALE.includes(aggregation)) return;
  checkOnScale(text, bound.value, scorer);
}

/** 80 % of a 1 to 5 scale is 0.8 to some and 4.2 to others; as 0.8 the gate could never fail. */
function checkPercent(gate: string, isPercent: boolean, scorer: GateScorer | undefined): void {
  const [low, high] = scorer?.scale ?? [0, 1];
  if (!isPercent || (low === 0 && high === 1)) return;
  throw refusal(
    gate,
    `it uses %, but ${scorer?.name} is scored from ${low} to ${high}; give the number on that scale`,
  );
}

/** 80 on a scale of 0 to 1 is a percentage without its sign, 0.8 on one of 1 to 5 a fraction of something else. */
function checkOnScale(gate: string, value: number, scorer: GateScorer | undefined): void {
  if (scorer?.scale === undefined) return;
  const [low, high] = scorer.scale;
  if (value >= low && value <= high) return;
  const isPercentage = low === 0 && high === 1 && value >= SMALLEST_PERCENTAGE && value <= 100;
  const advice = isPercentage
    ? `Did you mean ${value}%?`
    : `No score is as ${value < low ? "low" : "high"}, so it could never tell anything; give a number on that scale`;
  throw refusal(
    gate,
    `${value} is outside the scale of ${scorer.name}, ${low} to ${high}. ${advice}`,
  );
}

function checkRowsGate(gate: RowsGate, scorer: GateScorer, trials: number): void {
  const { text, value, isPercent } = gate;
  if (gate.trials !== undefined && gate.trials.of !== trials) {
    throw refusal(
      text,
      `it speaks of ${gate.trials.of} trials, but each row has ${trials}; set trials (--trials) or change the gate`,
    );
  }
  checkPercent(text, isPercent, scorer);
  const { scale } = scorer;
  if (scale === undefined) return;
  const [low, high] = scale;
  if (typeof value === "string" || (gate.isTruth && (low !== 0 || high !== 1))) {
    const given = typeof value === "string" ? `"${value}"` : value === 1 ? "true" : "false";
    throw refusal(
      text,
      `${scorer.name} is scored from ${low} to ${high}, which ${given} never equals; give a number on that scale`,
    );
  }
  checkOnScale(text, value, scorer);
}

function refusal(gate: string, why: string): AssayError {
  return new AssayError("invalid-argument", `Gate "${gate}": ${why}`);
}
