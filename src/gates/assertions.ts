import { AssertionError } from "node:assert";
import {
  AssayError,
  type GateResult,
  type ResultRow,
  type Score,
  verdictNumber,
} from "../core/index.ts";

/** How a gate is asserted. */
export interface AssertGateOptions {
  /** An open verdict fails as well. */
  readonly strict?: boolean;
  /** Intervals that hold whatever the distribution. */
  readonly guarantee?: "standard" | "exact";
  /** A run id, `branch:main`, `@alias` or a `*.baseline.json` file, for gates that compare with one. */
  readonly baseline?: string;
  /** A baseline of other data or another judge is no reason to refuse. */
  readonly allowMismatch?: boolean;
}

/** A result of an evaluation, as far as gates are asserted of it. */
export interface GatedResult {
  /** Decides gates on the stored scores. */
  decide(gates: readonly string[], options?: AssertGateOptions): Promise<GateResult[]>;
  readonly status?: string;
  readonly problems?: readonly string[];
}

/** Why no gate of an evaluation passes, whatever the rows that worked say; undefined where it finished. */
export function incompleteProblem({ status, problems = [] }: GatedResult): string | undefined {
  if (status === undefined || status === "finished") return undefined;
  return `the evaluation is ${status}, so no gate passes${problems.length > 0 ? `: ${problems.join("; ")}` : ""}`;
}

/**
 * Asserts in any test runner that an evaluation passes a gate, e.g. `"relevance/v1/mean >= 4"`.
 *
 * @throws {AssertionError} with the gate's line, which says what was found and what was demanded.
 * @throws {AssayError} `invalid-argument` for a gate that cannot be.
 */
export async function assertPassesGate(
  result: GatedResult,
  gate: string,
  options: AssertGateOptions = {},
): Promise<void> {
  const incomplete = incompleteProblem(result);
  if (incomplete !== undefined) {
    throw new AssertionError({ message: incomplete, expected: gate, operator: "passes gate" });
  }
  const [decided] = await result.decide([gate], options);
  if (decided?.decision === "pass") return;
  throw new AssertionError({
    message: decided?.message ?? `${gate} was not decided`,
    actual: decided?.estimate,
    expected: gate,
    operator: "passes gate",
  });
}

/**
 * Asserts that a row's score is at least this. A row without a score fails, and says why there is none.
 *
 * @param scorer - By key or name.
 * @throws {AssertionError} otherwise.
 */
export function assertScoresAtLeast(
  row: Pick<ResultRow, "scores">,
  scorer: string,
  least: number,
): void {
  const problem = scoreProblem(row, scorer, least);
  if (problem === undefined) return;
  const { message, actual } = problem;
  throw new AssertionError({ message, actual, expected: least, operator: "scores at least" });
}

/** Why a score is not at least what it has to be. */
export interface ScoreProblem {
  readonly message: string;
  readonly actual?: Score | number;
  /** Whether there is no number, so that it is not below either. */
  readonly isUnknown: boolean;
}

/**
 * Why a row's score is not at least this; undefined where it is.
 *
 * @throws {AssayError} `invalid-argument` where `least` is no number.
 */
export function scoreProblem(
  { scores }: Pick<ResultRow, "scores">,
  scorer: string,
  least: number,
): ScoreProblem | undefined {
  if (typeof least !== "number" || Number.isNaN(least)) {
    throw new AssayError(
      "invalid-argument",
      `Expected the least score of ${scorer} to be a number, got ${String(least)}`,
    );
  }
  const key = Object.keys(scores).find((one) => one === scorer || one.split("/")[0] === scorer);
  const score = key === undefined ? undefined : scores[key];
  if (score === undefined) {
    const known = Object.keys(scores).join(", ") || "none";
    return { message: `the row has no score of ${scorer}; it has ${known}`, isUnknown: true };
  }
  if (score.kind === "unscored") {
    const message = `${key} gave no score: ${score.reason}: ${score.detail}`;
    return { message, actual: score, isUnknown: true };
  }
  const value = verdictNumber(score.value);
  if (value !== undefined && value >= least) return undefined;
  const why = score.rationale === undefined ? "" : `: ${score.rationale}`;
  return {
    message: `${key} is ${score.value}, and has to be at least ${least}${why}`,
    actual: value ?? score,
    isUnknown: value === undefined,
  };
}
