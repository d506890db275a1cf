import { describe, expect, test } from "vitest";
import {
  momentsOf,
  NO_MOMENTS,
  plusTwoTInterval,
  quantileInterval,
  tInterval,
  wilsonInterval,
} from "../../src/stats/index.ts";

const judgeScores = momentsOf([5, 4, 4, 3, 5, 2, 4, 5, 3, 4]);

describe("the t interval", () => {
  test("matches scipy 1.17.1: sem .314466, 9 degrees of freedom", () => {
    const interval = tInterval(judgeScores);
    expect(interval).toMatchObject({ level: 0.95, method: "t" });
    expect(interval?.lower).toBeCloseTo(3.1886284, 7);
    expect(interval?.upper).toBeCloseTo(4.6113716, 7);
  });

  test("does not exist for fewer than two values", () => {
    expect(tInterval(momentsOf([4]))).toBeUndefined();
    expect(tInterval(NO_MOMENTS)).toBeUndefined();
  });
});

describe("the plus-two t interval", () => {
  test("is the t interval of the scores and one more at each end of the scale", () => {
    // y = scores, 1, 5: mean 3.75, sd 1.288057, t(11) 2.200985, so half .818392.
    const interval = plusTwoTInterval(judgeScores, [1, 5]);
    expect(interval).toMatchObject({ level: 0.95, method: "plus-two-t" });
    expect(interval?.lower).toBeCloseTo(2.931607608, 8);
    expect(interval?.upper).toBeCloseTo(4.568392392, 8);
  });

  test("keeps its width where all scores are the highest, and ends at the scale", () => {
    const allFives = momentsOf(new Array(10).fill(5));
    expect(tInterval(allFives)).toMatchObject({ lower: 5, upper: 5 });
    const interval = plusTwoTInterval(allFives, [1, 5]);
    expect(interval?.lower).toBeCloseTo(3.933004947, 8);
    expect(interval?.upper).toBe(5);
  });

  test("takes one score as weak evidence", () => {
    expect(plusTwoTInterval(momentsOf([1]), [0, 1])).toMatchObject({ lower: 0, upper: 1 });
  });

  test("does not exist for no scores", () => {
    expect(plusTwoTInterval(NO_MOMENTS, [0, 1])).toBeUndefined();
  });

  test("names the scale when scores lie outside it", () => {
    expect(() => plusTwoTInterval(momentsOf([80, 90]), [0, 1])).toThrow(
      "Expected scores in [0, 1], got a mean of 85. Correct the scorer's `scale`.",
    );
    expect(() => plusTwoTInterval(judgeScores, [5, 1])).toThrow("Expected a scale [low, high]");
  });
});

describe("the Wilson interval", () => {
  test.each([
    [8, 10, 0.95, 0.49016247153664183, 0.9433178485456247],
    [45, 50, 0.95, 0.7863976856252034, 0.9565242350681095],
    [45, 50, 0.9, 0.8084624858484291, 0.950470965522555],
    [50, 50, 0.95, 0.9286524008666412, 1],
    [0, 20, 0.95, 0, 0.1611251580528194],
    [1, 3, 0.95, 0.06149194472039626, 0.7923403991979523],
  ])(
    'matches statsmodels 0.15.0 proportion_confint(%d, %d, method="wilson") at %d',
    (passes, n, level, lower, upper) => {
      const interval = wilsonInterval(passes, n, level);
      expect(interval).toMatchObject({ level, method: "wilson" });
      expect(interval.lower).toBeCloseTo(lower, 12);
      expect(interval.upper).toBeCloseTo(upper, 12);
    },
  );

  test("ends at exactly 0 and 1 for 0/n and n/n", () => {
    for (let n = 1; n < 200; n += 1) {
      expect(wilsonInterval(0, n).lower).toBe(0);
      expect(wilsonInterval(n, n).upper).toBe(1);
    }
  });

  test("refuses no data and impossible counts", () => {
    expect(() => wilsonInterval(0, 0)).toThrow(
      "Expected `n` to be an integer of at least 1, got 0",
    );
    expect(() => wilsonInterval(3, 2)).toThrow("Expected `passes` to be an integer from 0 to 2");
    expect(() => wilsonInterval(0.5, 2)).toThrow("got 0.5");
    expect(() => wilsonInterval(1, 2, 95)).toThrow("Expected `level` to be in (0, 1), got 95");
  });
});

describe("the interval of a quantile", () => {
  const ranks = (n: number) => Array.from({ length: n }, (_, index) => index + 1);

  test.each([
    // Tabulated for the sign test: ranks 2 and 9 of 10 hold the median with 97.9 %.
    [10, 0.5, 2, 9],
    [20, 0.5, 6, 15],
    [100, 0.5, 40, 61],
    // scipy 1.17.1 binom.cdf: P(B < 84) = .0206, P(B < 85) = .0399; P(B < 95) = .9424, P(B < 96) = .9763.
    [100, 0.9, 84, 96],
  ])("of %d values for q = %d lies between ranks %d and %d", (n, q, lower, upper) => {
    expect(quantileInterval(ranks(n), q)).toEqual({
      lower,
      upper,
      level: 0.95,
      method: "order-statistics",
    });
  });

  test("needs 6 values for a median and 36 for a 90th percentile", () => {
    // 2 · .5⁶ = .031 ≤ .05 < 2 · .5⁵; .9³⁶ = .0225 ≤ .025 < .9³⁵ = .0250316.
    expect(quantileInterval(ranks(5), 0.5)).toBeUndefined();
    expect(quantileInterval(ranks(6), 0.5)).toMatchObject({ lower: 1, upper: 6 });
    expect(quantileInterval(ranks(35), 0.9)).toBeUndefined();
    expect(quantileInterval(ranks(36), 0.9)).toMatchObject({ upper: 36 });
    expect(quantileInterval([], 0.5)).toBeUndefined();
  });

  test("is narrower at a lower level", () => {
    // scipy 1.17.1 binom.cdf(7, 20, .5) = .1316, binom.cdf(8, 20, .5) = .2517.
    expect(quantileInterval(ranks(20), 0.5, 0.5)).toMatchObject({ lower: 8, upper: 13 });
  });

  test("refuses the extremes, of which no sample knows the bounds", () => {
    expect(() => quantileInterval(ranks(20), 1)).toThrow("Expected `q` to be in (0, 1), got 1");
  });
});
