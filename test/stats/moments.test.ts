import { expect, test } from "vitest";
import {
  addToMoments,
  mergeMoments,
  momentsOf,
  NO_MOMENTS,
  sampleVariance,
} from "../../src/stats/index.ts";

test("moments of 2, 4, 4, 4, 5, 5, 7, 9 are mean 5 and 32 squared deviations", () => {
  expect(momentsOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ n: 8, mean: 5, m2: 32 });
});

test("moments keep small differences between large values", () => {
  // Exact: deviations −6, 0, 6 around 1e9 + 10.
  const moments = momentsOf([1e9 + 4, 1e9 + 10, 1e9 + 16]);
  expect(moments.m2).toBe(72);
  expect(sampleVariance(moments)).toBe(36);
});

test("merging the moments of two parts gives those of the whole", () => {
  const whole = momentsOf([3, 1, 4, 1, 5, 9, 2, 6]);
  const merged = mergeMoments(momentsOf([3, 1, 4]), momentsOf([1, 5, 9, 2, 6]));
  expect(merged.n).toBe(8);
  expect(merged.mean).toBeCloseTo(whole.mean, 14);
  expect(merged.m2).toBeCloseTo(whole.m2, 12);
});

test("merging with no moments changes nothing", () => {
  const some = addToMoments(NO_MOMENTS, 4);
  expect(mergeMoments(some, NO_MOMENTS)).toEqual(some);
  expect(mergeMoments(NO_MOMENTS, some)).toEqual(some);
});

test("one value has no sample variance", () => {
  expect(sampleVariance(momentsOf([4]))).toBeUndefined();
});
