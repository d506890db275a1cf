import { AssayError, type GateResult } from "../../core/index.ts";
import { undecidable } from "../../gates/decide-gate.ts";
import {
  findMetric,
  findScorer,
  type Gate,
  type MetricGate,
  type RowsGate,
} from "../../gates/index.ts";
import type { RunReader } from "./gated-run.ts";

/** Aggregations that lie between the least and the largest score. */
const BETWEEN: readonly (string | undefined)[] = ["mean", "p90", "min", "max", "median"];

/**
 * Why a gate tells nothing of the scores that there are: of a scorer without a scale it is known only then
 * whether they are numbers, words, or yes and no.
 */
function problemOf(reader: RunReader, gate: Gate): Promise<string | undefined> {
  return gate.kind === "rows" ? rowsProblem(reader, gate) : metricProblem(reader, gate);
}

async function metricProblem(reader: RunReader, gate: MetricGate): Promise<string | undefined> {
  const { scorer, aggregation } = findMetric(reader.run.catalog, gate);
  if (scorer === undefined || !BETWEEN.includes(aggregation)) return undefined;
  const { values, counts, isRate } = await reader.column(scorer.key);
  if (values.length === 0 && counts.scored > 0) {
    return `${scorer.name} gives words, which have no ${aggregation}; gate rows, e.g. "every row: ${scorer.name} == <word>"`;
  }
  const { bound } = gate;
  if (!isRate || scorer.scale !== undefined || bound.kind === "baseline") return undefined;
  const { value, isPercent } = bound;
  if (value >= 0 && value <= 1) return undefined;
  const advice = !isPercent && value > 1 && value <= 100 ? `: did you mean ${value}%?` : "";
  return `${scorer.name} says yes or no, which is 1 or 0, so ${shown(gate, value, isPercent)} tells nothing${advice}`;
}

async function rowsProblem(reader: RunReader, gate: RowsGate): Promise<string | undefined> {
  const { value, operator, isPercent, isTruth } = gate;
  const { key, name, scale } = findScorer(reader.run.catalog, gate);
  const { values, counts, isRate } = await reader.column(key);
  if (counts.scored === 0) return undefined;
  if (typeof value === "string") {
    if (values.length < counts.scored) return undefined;
    return `the scores of ${name} are ${isRate ? "yes or no" : "numbers"}, which "${value}" never equals`;
  }
  if (values.length === 0) return `${name} gives words, which a number never meets`;
  if (scale !== undefined) return undefined;
  if (isRate) {
    const isNever = operator === "==" && value !== 0 && value !== 1;
    if (!isNever && value >= 0 && value <= 1) return undefined;
    return `${name} says yes or no, which is 1 or 0, so ${shown(gate, value, isPercent)} tells nothing`;
  }
  return isTruth && values.some((one) => one !== 0 && one !== 1)
    ? `the scores of ${name} are numbers, which are neither true nor false`
    : undefined;
}

const shown = ({ operator }: Gate, value: number, isPercent: boolean) =>
  `${operator} ${isPercent ? `${Number((100 * value).toPrecision(12))}%` : value}`;

/** @throws {AssayError} `invalid-argument` for such a gate; nothing is lost by it on a run that is stored. */
export async function checkTelling(reader: RunReader, gates: readonly Gate[]): Promise<void> {
  for (const gate of gates) {
    const problem = await problemOf(reader, gate);
    if (problem !== undefined) {
      throw new AssayError("invalid-argument", `Gate "${gate.text}": ${problem}`);
    }
  }
}

/** The result as no verdict, with that said: an evaluation is not thrown away for its gate. */
export async function withProblem(
  reader: RunReader,
  gate: Gate,
  result: GateResult,
): Promise<GateResult> {
  const problem = await problemOf(reader, gate);
  return problem === undefined ? result : undecidable(result, problem);
}
