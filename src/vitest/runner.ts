import type { EvaluateOptions, EvaluateResult } from "../evaluate/index.ts";
import type { assayMatchers } from "./matchers.ts";

/** The part of a test runner that is used here: Vitest's, or Jest's globals. */
export interface TestRunner {
  describe(name: string, define: () => void): unknown;
  test(name: string, run: () => Promise<void> | void, timeoutMs?: number): unknown;
  beforeAll(run: () => Promise<void>, timeoutMs?: number): unknown;
  readonly expect?: { extend(matchers: typeof assayMatchers): void };
}

/** Vitest, when this is loaded within it. Elsewhere its import fails, and the runner has to be handed in. */
export const vitest: TestRunner | undefined = await import("vitest").then(
  (module) => module as unknown as TestRunner,
  () => undefined,
);

/** What `describeEval` takes: the options of `evaluate()`, and how long it may take. */
export interface DescribeEvalOptions extends EvaluateOptions {
  /** Milliseconds; default ten minutes. */
  readonly testTimeoutMs?: number;
  /** More tests on the result. */
  readonly tests?: (result: () => EvaluateResult) => void;
}
