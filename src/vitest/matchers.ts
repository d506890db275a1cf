import type { ResultRow } from "../core/index.ts";
import {
  type AssertGateOptions,
  type GatedResult,
  incompleteProblem,
  scoreProblem,
} from "../gates/assertions.ts";

/** What Vitest and Jest want of a matcher. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What both runners bind a matcher to. */
interface MatcherState {
  readonly isNot?: boolean;
}

/** Fails with and without `.not`: of what was not measured neither holds. */
const neither = ({ isNot = false }: MatcherState, message: string): MatcherResult => ({
  pass: isNot,
  message: () => message,
});

/** For `expect.extend` of Vitest or Jest. Importing `assay/vitest` within Vitest has done it already. */
export const assayMatchers = {
  /** `await expect(result).toPassGate("relevance/v1/mean >= 4")`; `{ strict: true }` demands proof. */
  async toPassGate(
    this: MatcherState,
    received: unknown,
    gate: string,
    options: AssertGateOptions = {},
  ): Promise<MatcherResult> {
    const result = asResult(received);
    const incomplete = incompleteProblem(result);
    if (incomplete !== undefined) return neither(this, incomplete);
    const [decided] = await result.decide([gate], options);
    // That a gate is not proven does not prove that it is missed.
    const isOpen = options.strict === true && decided?.verdict === "undecided";
    if (decided !== undefined && (decided.problem !== undefined || isOpen)) {
      return neither(this, decided.message);
    }
    return {
      pass: decided?.decision === "pass",
      message: () => decided?.message ?? `${gate} was not decided`,
    };
  },

  /** `expect(row).toScoreAtLeast("relevance", 4)` for a row of `result.rows()`. */
  toScoreAtLeast(
    this: MatcherState,
    received: unknown,
    scorer: string,
    least: number,
  ): MatcherResult {
    const problem = scoreProblem(asRow(received), scorer, least);
    if (problem?.isUnknown) return neither(this, problem.message);
    return {
      pass: problem === undefined,
      message: () => problem?.message ?? `${scorer} is at least ${least}`,
    };
  },
};

function asResult(received: unknown): GatedResult {
  if (typeof received === "object" && received !== null && "decide" in received) {
    return received as GatedResult;
  }
  throw new TypeError("toPassGate expects the result of evaluate()");
}

function asRow(received: unknown): Pick<ResultRow, "scores"> {
  if (typeof received === "object" && received !== null && "scores" in received) {
    return received as Pick<ResultRow, "scores">;
  }
  throw new TypeError("toScoreAtLeast expects a row of result.rows()");
}
