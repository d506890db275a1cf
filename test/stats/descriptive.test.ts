import { describe, expect, test } from "vitest";
import { AGGREGATION_NAMES } from "../../src/core/aggregation.ts";
import {
  aggregate,
  mean,
  median,
  populationVariance,
  quantile,
  quantileOfSorted,
} from "../../src/stats/index.ts";

describe("aggregations", () => {
  test("match MLflow's test_metric_base.py: 1, 2, 3", () => {
    expect(aggregate("mean", [1, 2, 3])).toBe(2);
    expect(aggregate("variance", [1, 2, 3])).toBe(0.6666666666666666);
    expect(aggregate("p90", [1, 2, 3])).toBeCloseTo(2.8, 14);
  });

  test("match MLflow's genai test_aggregation.py: .7, .5, .6", () => {
    const values = [0.7, 0.5, 0.6];
    const expected = { mean: 0.6, min: 0.5, max: 0.7, median: 0.6, variance: 0.02 / 3, p90: 0.68 };
    for (const name of AGGREGATION_NAMES) {
      expect(aggregate(name, values), name).toBeCloseTo(expected[name], 14);
    }
  });

  test("say undefined, not NaN, when there is nothing to aggregate", () => {
    for (const name of AGGREGATION_NAMES) expect(aggregate(name, []), name).toBeUndefined();
  });
});

describe("the mean", () => {
  test("does not depend on the order of the values", () => {
    const values = [1e16, 1, -1e16, 3];
    expect(mean(values)).toBe(1);
    expect(mean([...values].sort((a, b) => a - b))).toBe(1);
  });

  test("of values with an infinity is that infinity", () => {
    expect(mean([1, Number.POSITIVE_INFINITY])).toBe(Number.POSITIVE_INFINITY);
  });
});

test("the variance divides by n, as numpy.var does", () => {
  expect(populationVariance([1, 0.5, 1, 0])).toBe(0.171875);
});

describe("quantiles", () => {
  test("match numpy 2.4 percentile of 15, 20, 35, 40, 50", () => {
    const values = [50, 15, 40, 20, 35];
    expect(quantile(values, 0.05)).toBeCloseTo(16, 12);
    expect(quantile(values, 0.3)).toBeCloseTo(23, 12);
    expect(quantile(values, 0.4)).toBeCloseTo(29, 12);
    expect(quantile(values, 1)).toBe(50);
  });

  test("sort numerically and leave their argument alone", () => {
    const values = [10, 9, 100];
    expect(median(values)).toBe(10);
    expect(values).toEqual([10, 9, 100]);
  });

  test("of values in order need no sorting", () => {
    expect(quantileOfSorted([0, 0.5], 0.9)).toBe(0.45);
  });

  test("of one value are that value", () => {
    expect(quantile([7], 0.9)).toBe(7);
  });

  test("reject a probability given in percent", () => {
    expect(() => quantile([1, 2], 90)).toThrow("Expected `q` to be in [0, 1], got 90");
  });
});
