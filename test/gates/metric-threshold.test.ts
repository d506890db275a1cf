import { describe, expect, test } from "vitest";
import {
  findValidationFailures,
  type MetricThreshold,
  validateEvaluationResults,
} from "../../src/gates/index.ts";

const on = (threshold: MetricThreshold, value?: number, was?: number) => {
  const metrics = (number?: number) => ({ metrics: number === undefined ? {} : { m: number } });
  return findValidationFailures({ m: threshold }, metrics(value), metrics(was)).length === 0;
};
const higher = { greaterIsBetter: true };
const lower = { greaterIsBetter: false };

describe("MLflow's thresholds", () => {
  test("are inclusive", () => {
    expect(on({ ...higher, threshold: 0.8 }, 0.8)).toBe(true);
    expect(on({ ...higher, threshold: 0.8 }, 0.79)).toBe(false);
    expect(on({ ...lower, threshold: 0.8 }, 0.8)).toBe(true);
    expect(on({ ...lower, threshold: 0.8 }, 0.81)).toBe(false);
    // 0.7 + 0.1 is 0.7999999999999999 in floating point; MLflow computes in decimals.
    expect(on({ ...higher, minAbsoluteChange: 0.1 }, 0.8, 0.7)).toBe(true);
    expect(on({ ...lower, minAbsoluteChange: 0.1 }, 0.7, 0.8)).toBe(true);
    expect(on({ ...higher, minRelativeChange: 0.1 }, 1.1, 1)).toBe(true);
    expect(on({ ...higher, minRelativeChange: 0.1 }, 1.09, 1)).toBe(false);
  });

  test("want any change at all from a baseline of exactly 0", () => {
    expect(on({ ...higher, minRelativeChange: 0.1 }, 1e-9, 0)).toBe(true);
    expect(on({ ...higher, minRelativeChange: 0.1 }, 0, 0)).toBe(false);
  });

  test("name every metric that was not good enough, one a line", () => {
    const attempt = () =>
      validateEvaluationResults(
        {
          a: { ...higher, threshold: 1, minAbsoluteChange: 0.5 },
          b: { ...lower, threshold: 1 },
          c: { ...higher, threshold: 0 },
        },
        { metrics: { a: 0.5, b: 2, c: 1 } },
        { metrics: { a: 0.4 } },
      );
    expect(attempt).toThrow(
      "a is 0.5, and has to be at least 1; a is 0.5, and has to be 0.5 more than the baseline's 0.4\nb is 2, and has to be at most 1",
    );
  });

  test.each<[string, MetricThreshold]>([
    ["no bound", { ...higher }],
    ["a direction that is not said", { threshold: 1 } as never],
    ["no change", { ...higher, minAbsoluteChange: 0 }],
    ["more than all", { ...higher, minRelativeChange: 1.1 }],
    ["NaN", { ...higher, threshold: Number.NaN }],
    ["a field that is none", { ...higher, threshold: 1, minChange: 1 } as never],
    ["nothing", undefined as never],
  ])("are refused with %s", (_, threshold) => {
    expect(() => on(threshold, 1, 1)).toThrow(/^Threshold of m: expected/);
  });
});

test("MLflow's own spelling of a field is answered with ours", () => {
  const python = { threshold: 0.8, greater_is_better: true, min_absolute_change: 0.1 };
  expect(() => on(python as never, 1, 1)).toThrow(
    "Threshold of m: expected no field greater_is_better. Did you mean greaterIsBetter?",
  );
});

describe("without MLflow's bugs", () => {
  test("a baseline that lacks the metric is told, not a crash", () => {
    const [failure] = findValidationFailures(
      { m: { ...higher, minAbsoluteChange: 0.1 } },
      { metrics: { m: 1 } },
      { metrics: { other: 1 } },
    );
    expect(failure?.reasons).toEqual(["m is missing in the baseline"]);
    expect(on({ ...higher, minRelativeChange: 0.1 }, 1)).toBe(false);
    expect(on({ ...higher, threshold: 1 })).toBe(false);
  });

  test("a negative baseline does not turn the demand round", () => {
    expect(on({ ...higher, minRelativeChange: 0.1 }, -0.8, -1)).toBe(true);
    expect(on({ ...higher, minRelativeChange: 0.1 }, -1.2, -1)).toBe(false);
  });

  test("NaN meets nothing", () => {
    expect(on({ ...higher, minRelativeChange: 0.1 }, Number.NaN, 1)).toBe(false);
    expect(on({ ...higher, threshold: 0 }, Number.NaN)).toBe(false);
  });

  test.each([Number.POSITIVE_INFINITY, "2" as never, null as never])("neither does %s", (value) => {
    expect(on({ ...higher, threshold: 0 }, value)).toBe(false);
    expect(on({ ...higher, minRelativeChange: 0.1 }, 1, value)).toBe(false);
    expect(() => on({ ...higher, threshold: value as number }, 1)).toThrow(/expected numbers/);
  });

  test("only metrics that were given are there", () => {
    const thresholds = { constructor: { ...higher, threshold: 0 } };
    expect(findValidationFailures(thresholds, { metrics: {} })[0]?.reasons).toEqual([
      "constructor is missing in the candidate",
    ]);
    expect(() => findValidationFailures({}, {} as never)).toThrow(
      "Expected the candidate to be { metrics: { … } }",
    );
    expect(() => findValidationFailures(null as never, { metrics: {} })).toThrow(
      /^Expected thresholds by metric/,
    );
  });

  test("a relative change of 0 is a demand like any other", () => {
    expect(on({ ...higher, minRelativeChange: 0 }, 1, 1)).toBe(true);
    expect(on({ ...higher, minRelativeChange: 0 }, 0.9, 1)).toBe(false);
    expect(on({ ...higher, minRelativeChange: 0 }, 1)).toBe(false);
  });
});
