import { expect, test } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { passAtK, passHatK } from "../../src/stats/index.ts";

// Exact fractions of Python 3's math.comb: 1 - comb(n-c, k)/comb(n, k) and comb(c, k)/comb(n, k).
test.each([
  { n: 5, c: 2, k: 3, any: 0.9, all: 0 },
  { n: 5, c: 2, k: 2, any: 0.7, all: 0.1 },
  { n: 10, c: 0, k: 1, any: 0, all: 0 },
  { n: 10, c: 10, k: 10, any: 1, all: 1 },
  { n: 3, c: 1, k: 3, any: 1, all: 0 },
  { n: 200, c: 13, k: 100, any: 0.9999194971988055, all: 0 },
  { n: 1000, c: 3, k: 2, any: 0.005993993993993994, all: 6.006006006006006e-6 },
])("of $n trials with $c passing, $k", ({ n, c, k, any, all }) => {
  expect(passAtK(n, c, k)).toBeCloseTo(any, 12);
  expect(passHatK(n, c, k)).toBeCloseTo(all, 12);
});

test("more trials than there are cannot be spoken of", () => {
  for (const estimate of [passAtK, passHatK]) {
    try {
      estimate(2, 1, 3);
      expect.unreachable();
    } catch (error) {
      expect(isAssayError(error, "invalid-argument")).toBe(true);
    }
  }
});
