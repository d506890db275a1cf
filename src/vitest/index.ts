import type { AssertGateOptions } from "../gates/assertions.ts";
import { assayMatchers } from "./matchers.ts";
import { vitest } from "./runner.ts";

export {
  type AssertGateOptions,
  assertPassesGate,
  assertScoresAtLeast,
  type GatedResult,
} from "../gates/assertions.ts";
export { describeEval } from "./describe-eval.ts";
export { assayMatchers, type MatcherResult } from "./matchers.ts";
export { AssayReporter, type AssayReporterOptions } from "./reporter.ts";
export type { DescribeEvalOptions, TestRunner } from "./runner.ts";

vitest?.expect?.extend(assayMatchers);

declare module "vitest" {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Of a result of `evaluate()`: whether it passes a gate, e.g. `"relevance/v1/mean >= 4"`. */
    toPassGate(gate: string, options?: AssertGateOptions): Promise<void>;
    /** Of a row of `result.rows()`. */
    toScoreAtLeast(scorer: string, least: number): R;
  }
}
