import type { ResultRow } from "../core/index.ts";
import { type GatedResult, incompleteProblem, scoreProblem } from "../gates/assertions.ts";

/** What Vitest and Jest want of a matcher. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** For `expect.extend` of Vitest or Jest. Importing `assay/vitest` within Vitest has done it already. */
export const assayMatchers = {
  /** `await expect(result).toPassGate("relevance/v1/mean >= 4")`; `{ strict: true }` demands proof. */
  async toPassGate(
    received: unknown,
    gate: string,
    options: { readonly strict?: boolean } = {},
  ): Promise<MatcherResult> {
    const result = asResult(received);
    const incomplete = incompleteProblem(result);
    if (incomplete !== undefined) return { pass: false, message: () => incomplete };
    const [decided] = await result.decide([gate], options);
    return {
      pass: decided?.decision === "pass",
      message: () => decided?.message ?? `${gate} was not decided`,
    };
  },

  /** `expect(row).toScoreAtLeast("relevance", 4)` for a row of `result.rows()`. */
  toScoreAtLeast(received: unknown, scorer: string, least: number): MatcherResult {
    const problem = scoreProblem(asRow(received), scorer, least);
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
