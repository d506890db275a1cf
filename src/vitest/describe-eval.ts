import { AssayError } from "../core/index.ts";
import { type EvaluateResult, evaluate } from "../evaluate/index.ts";
import { type DescribeEvalOptions, type TestRunner, vitest } from "./runner.ts";

const TEN_MINUTES = 600_000;

/**
 * An evaluation as a suite: it is run once, then there is a test that it is complete and one for each gate.
 *
 * @param runner - Jest's `{ describe, test, beforeAll }`; within Vitest its own.
 * @throws {AssayError} `configuration` outside Vitest without a runner.
 */
export function describeEval(
  name: string,
  { testTimeoutMs = TEN_MINUTES, tests, ...options }: DescribeEvalOptions,
  runner: TestRunner | undefined = vitest,
): void {
  if (runner === undefined) {
    throw new AssayError(
      "configuration",
      "describeEval runs within Vitest; in another runner hand in its { describe, test, beforeAll }",
    );
  }
  const gates = [options.gates ?? []].flat();
  runner.describe(name, () => {
    let result: EvaluateResult | undefined;
    const done = () => {
      if (result !== undefined) return result;
      throw new AssayError(
        "invalid-argument",
        "The evaluation has not run; its error stands above",
      );
    };
    runner.beforeAll(async () => {
      result = await evaluate({ ...options, name: options.name ?? name });
    }, testTimeoutMs);
    runner.test("is complete", () => {
      const { status, problems } = done();
      if (status !== "finished") throw new Error([status, ...problems].join("; "));
    });
    for (const [index, gate] of gates.entries()) {
      runner.test(gate, () => {
        const decided = done().gates[index];
        if (decided?.decision !== "pass") throw new Error(decided?.message ?? gate);
      });
    }
    tests?.(done);
  });
}
