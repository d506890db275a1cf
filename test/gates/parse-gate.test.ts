import { describe, expect, test } from "vitest";
import { parseGate } from "../../src/gates/index.ts";

describe("a gate", () => {
  test.each([
    ["relevance/v1/mean >= 4", "relevance/v1/mean", ">=", 4],
    ["relevance/v1/mean>=4.25", "relevance/v1/mean", ">=", 4.25],
    ["  rougeL/v1/p90   <   .5  ", "rougeL/v1/p90", "<", 0.5],
    ["toxicity/v1/mean <= 1e-3", "toxicity/v1/mean", "<=", 0.001],
    ["balance/mean > -2", "balance/mean", ">", -2],
    ["exact_match/v1 == 1", "exact_match/v1", "==", 1],
    ["exact_match/v1 = 1", "exact_match/v1", "==", 1],
    ["precision_at_3/mean >= +1.", "precision_at_3/mean", ">=", 1],
    ["质量/mean >= 0", "质量/mean", ">=", 0],
  ])("is read from %j", (text, metric, operator, threshold) => {
    expect(parseGate(text)).toEqual({
      text: text.trim(),
      metric,
      operator,
      threshold,
      isPercent: text.includes("%"),
    });
  });

  test.each([
    ["exact_match/v1 >= 90%", 0.9],
    // 57 · 0.01 is 0.5700000000000001 in floating point, which a rate of 57/100 would not reach.
    ["exact_match/v1 >= 57 %", 0.57],
    ["latency/p90 <= 2s", 2],
    ["latency/p90 <= 1.5 S", 1.5],
    ["latency/mean < 800ms", 0.8],
    ["cost/total <= 1.5usd", 1.5],
    ["cost/total <= 2 USD", 2],
  ])("has its threshold in the metric's own unit: %s", (text, threshold) => {
    expect(parseGate(text).threshold).toBe(threshold);
  });

  test.each([
    ["latency/p90 <= 800", "the unit s or ms"],
    ["latency/p90 <= 8%", "the unit s or ms"],
    ["latency/mean <= 1usd", "the unit s or ms"],
    ["cost/total <= 1", "the unit usd"],
    ["cost/total <= 1s", "the unit usd"],
    ["relevance/v1/mean >= 4s", "no unit or %"],
    ["relevance/v1/mean >= 4usd", "no unit or %"],
  ])("refuses the unit of %s and says which it expects", (text, expected) => {
    expect(() => parseGate(text)).toThrow(
      expect.objectContaining({
        code: "invalid-argument",
        message: `Expected ${expected} behind the number in "${text}"`,
      }),
    );
  });

  test.each([
    "",
    "relevance/v1/mean",
    "relevance/v1/mean >=",
    ">= 4",
    "relevance/v1/mean >= four",
    "relevance/v1/mean => 4",
    "relevance/v1/mean != 4",
    "relevance/v1/mean!=4",
    "relevance/v1/mean ~ 4",
    "relevance v1 >= 4",
    "relevance/v1/mean >= 4 5",
    "relevance/v1/mean >= 4 && x > 1",
    "relevance/v1/mean >= NaN",
    "relevance/v1/mean >= 0x10",
    "4 <= relevance/v1/mean",
  ])("is not %j, and the error shows what one looks like", (text) => {
    expect(() => parseGate(text)).toThrow(
      expect.objectContaining({
        code: "invalid-argument",
        message: `Expected a gate like "relevance/v1/mean >= 4" (metric, one of >= <= > < ==, number), got "${text}"`,
      }),
    );
  });
});
