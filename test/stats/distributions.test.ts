import { describe, expect, test } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { incompleteBeta, logGamma } from "../../src/stats/incomplete-beta.ts";
import { normalQuantile, studentTQuantile } from "../../src/stats/index.ts";

describe("the t quantile", () => {
  test.each([
    [0.975, 1, 12.706204736174694],
    [0.975, 2, 4.302652729749462],
    [0.95, 2.5, 2.5582186141359355],
    [0.975, 3, 3.1824463052837078],
    [0.975, 9, 2.262157162798205],
    [0.025, 11, -2.2009851600916392],
    [0.975, 30, 2.0422724563012378],
    [0.995, 99, 2.626405457280827],
    [0.975, 999, 1.9623414611334493],
    [0.975, 5000, 1.9604385517065073],
    [0.9999995, 4, 49.458636757953215],
  ])("matches scipy 1.17.1 t.ppf(%d, %d)", (probability, df, expected) => {
    expect(Math.abs(studentTQuantile(probability, df) - expected)).toBeLessThan(1e-9);
  });

  test("is 0 at one half", () => {
    expect(studentTQuantile(0.5, 7)).toBe(0);
  });

  test("meets its expansion around the normal without a step", () => {
    const below = studentTQuantile(0.999, 1000 - 1e-9);
    expect(Math.abs(below - studentTQuantile(0.999, 1000))).toBeLessThan(1e-10);
  });

  test("refuses less than one degree of freedom", () => {
    expect(() => studentTQuantile(0.975, 0)).toThrow("at least 1 degree of freedom, got 0");
  });
});

describe("the normal quantile", () => {
  test.each([
    [0.975, 1.959963984540054],
    [0.999, 3.090232306167813],
    [0.3, -0.5244005127080409],
    [1e-20, -9.262340089798409],
  ])("matches scipy 1.17.1 norm.ppf(%d)", (probability, expected) => {
    expect(normalQuantile(probability)).toBeCloseTo(expected, 13);
  });

  test.each([0, 1, Number.NaN])("refuses the probability %d", (probability) => {
    expect(() => normalQuantile(probability)).toThrow(
      expect.toSatisfy((error: unknown) => isAssayError(error, "invalid-argument")),
    );
  });
});

test.each([
  [0.3, 2, 3, 0.3483],
  [0.9, 0.5, 0.5, 0.7951672353008665],
  [0.5, 5000, 5001, 0.5039893230696917],
  [0.001, 0.5, 40, 0.22208013236431182],
])(
  "the incomplete beta function matches scipy 1.17.1 beta.cdf(%d, %d, %d)",
  (x, a, b, expected) => {
    expect(incompleteBeta(x, a, b)).toBeCloseTo(expected, 10);
  },
);

test("the incomplete beta function is 0 and 1 at the ends", () => {
  expect(incompleteBeta(0, 2, 3)).toBe(0);
  expect(incompleteBeta(1, 2, 3)).toBe(1);
});

test("the log of the gamma function matches scipy 1.17.1 gammaln", () => {
  expect(logGamma(0.5)).toBeCloseTo(0.5723649429247, 13);
  expect(logGamma(10.5)).toBeCloseTo(13.940625219403763, 12);
  expect(logGamma(1e6)).toBeCloseTo(12815504.569147611, 6);
});
