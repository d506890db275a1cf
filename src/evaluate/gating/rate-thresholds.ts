import { AssayError, type GateResult } from "../../core/index.ts";
import { findMetric, findScorer, type Gate } from "../../gates/index.ts";
import type { RunReader } from "./gated-run.ts";

/**
 * Why a threshold tells nothing of verdicts that are yes or no: they are shares from 0 to 1, which is known
 * of a scorer without a scale only when its scores are there.
 */
async function rateProblem(reader: RunReader, gate: Gate): Promise<string | undefined> {
  const value = gate.kind === "rows" ? gate.value : gate.bound.kind === "value" && gate.bound.value;
  if (typeof value !== "number" || (value >= 0 && value <= 1)) return undefined;
  const { catalog } = reader.run;
  const scorer =
    gate.kind === "rows" ? findScorer(catalog, gate) : findMetric(catalog, gate).scorer;
  if (scorer === undefined || scorer.scale !== undefined) return undefined;
  if (!(await reader.column(scorer.key)).isRate) return undefined;
  const advice =
    gate.kind === "metric" && value > 1 && value <= 100 ? `: did you mean ${value}%?` : "";
  return `${scorer.name} says yes or no, which is 1 or 0, so ${value} tells nothing${advice}`;
}

/** @throws {AssayError} `invalid-argument` for such a gate; nothing is lost by it on a run that is stored. */
export async function checkRates(reader: RunReader, gates: readonly Gate[]): Promise<void> {
  for (const gate of gates) {
    const problem = await rateProblem(reader, gate);
    if (problem !== undefined) {
      throw new AssayError("invalid-argument", `Gate "${gate.text}": ${problem}`);
    }
  }
}

/** The result with that said in its message: an evaluation is not thrown away for its gate. */
export async function withRateProblem(
  reader: RunReader,
  gate: Gate,
  result: GateResult,
): Promise<GateResult> {
  const problem = await rateProblem(reader, gate);
  return problem === undefined ? result : { ...result, message: `${result.message}; ${problem}` };
}
