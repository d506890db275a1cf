import { describe, expect, test } from "vitest";
import { parseGate } from "../../src/gates/index.ts";

const value = (number: number, isPercent = false) => ({ kind: "value", value: number, isPercent });

describe("a gate on a metric", () => {
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
      kind: "metric",
      text: text.trim(),
      metric,
      operator,
      bound: value(threshold),
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
    expect(parseGate(text)).toMatchObject({ bound: { value: threshold } });
  });

  test("may be about one part of the rows", () => {
    expect(parseGate("relevance/v1/mean[category=billing] >= 3.5")).toMatchObject({
      metric: "relevance/v1/mean",
      slice: [{ field: "category", value: "billing" }],
    });
    expect(parseGate('m[a = "x, y", metadata.lang=de AT] >= 1')).toMatchObject({
      slice: [
        { field: "a", value: "x, y" },
        { field: "metadata.lang", value: "de AT" },
      ],
    });
  });

  test.each([
    ["relevance >= baseline", 1, 0],
    ["relevance >= baseline - 0.1", 1, -0.1],
    ["relevance >= baseline-0.1", 1, -0.1],
    ["relevance > baseline + .2", 1, 0.2],
    ["relevance >= 1.02 * baseline", 1.02, 0],
    ["relevance >= 0.9*baseline - 0.1", 0.9, -0.1],
    ["latency/p90 <= 1.1 * baseline + 200ms", 1.1, 0.2],
  ])("may be held against a baseline: %s", (text, factor, offset) => {
    expect(parseGate(text)).toMatchObject({ bound: { kind: "baseline", factor, offset } });
  });

  test("may be held against a baseline by points of a rate", () => {
    expect(parseGate("exact_match >= baseline - 2%")).toMatchObject({
      bound: { offset: -0.02, isPercent: true },
    });
  });
});

describe("a gate on rows", () => {
  test.each([
    ["every row: faithfulness == true", { kind: "every" }, "faithfulness", "==", 1],
    ["no row: toxicity/v1 > 0.5", { kind: "no" }, "toxicity/v1", ">", 0.5],
    ["at most 2 rows: relevance < 3", { kind: "at most", count: 2 }, "relevance", "<", 3],
    ["at most 5% of rows: relevance < 3", { kind: "at most", share: 0.05 }, "relevance", "<", 3],
    ["At least 95 % of the rows: a >= 50%", { kind: "at least", share: 0.95 }, "a", ">=", 0.5],
    ["every row: tone == no", { kind: "every" }, "tone", "==", 0],
    ["every row: tone == polite", { kind: "every" }, "tone", "==", "polite"],
  ])("is read from %j", (text, quantifier, scorer, operator, wanted) => {
    expect(parseGate(text)).toMatchObject({
      kind: "rows",
      text,
      quantifier,
      scorer,
      operator,
      value: wanted,
    });
  });

  test("may want some of several trials", () => {
    const trials = { atLeast: 2, of: 3 };
    const wanted = { kind: "rows", quantifier: { kind: "every" }, trials, scorer: "faithfulness" };
    expect(parseGate("every row: at least 2 of 3 trials: faithfulness == true")).toMatchObject(
      wanted,
    );
    expect(parseGate("2 of 3 trials: faithfulness == true")).toMatchObject(wanted);
    expect(parseGate("at most 1 row: 1 of 3 trials: faithfulness == false")).toMatchObject({
      quantifier: { kind: "at most", count: 1 },
      trials: { atLeast: 1, of: 3 },
    });
  });
});

describe("what is no gate", () => {
  test.each([
    ["latency/p90 <= 800", "the unit s or ms", "none"],
    ["latency/p90 <= 8%", "the unit s or ms", "%"],
    ["latency/mean <= 1usd", "the unit s or ms", "usd"],
    ["cost/total <= 1", "the unit usd", "none"],
    ["cost/total <= 1s", "the unit usd", "s"],
    ["relevance/v1/mean >= 4s", "no unit or %", "s"],
    ["relevance/v1/mean >= 4usd", "no unit or %", "usd"],
  ])("has another unit than %s needs", (text, expected, found) => {
    expect(() => parseGate(text)).toThrow(
      expect.objectContaining({
        code: "invalid-argument",
        message: `Gate "${text}": expected ${expected} behind the number, found ${found}`,
      }),
    );
  });

  test.each([
    ["", "a gate", 1, "the end"],
    ["relevance/v1/mean", "one of >= > <= < ==", 18, "the end"],
    ["relevance/v1/mean >=", 'a number or "baseline"', 21, "the end"],
    [">= 4", "a metric", 1, '">= 4"'],
    ["relevance/v1/mean >= four", 'a number or "baseline"', 22, '"four"'],
    ["relevance/v1/mean => 4", 'a number or "baseline"', 20, '"> 4"'],
    ["relevance/v1/mean != 4", "one of >= > <= < ==", 19, '"!= 4"'],
    ["relevance v1 >= 4", "one of >= > <= < ==", 11, '"v1 >= 4"'],
    ["relevance/v1/mean >= 4 5", "the end of the gate", 24, '"5"'],
    ["relevance >= NaN", 'a number or "baseline"', 14, '"NaN"'],
    ["relevance >= 0x10", 'a number or "baseline"', 14, '"0x10"'],
    ["m[category] >= 4", '"=" behind the field', 11, '"] >= 4"'],
    ["m[a=b >= 4", '"]"', 11, "the end"],
    ["m >= baseline -", "a number behind the sign", 16, "the end"],
    ["at most rows: m < 3", "a number of rows", 9, '"rows: m < 3"'],
    ["every row: m", "one of >= > <= < ==", 13, "the end"],
  ])("is told by place and expectation: %j", (text, expected, at, found) => {
    expect(() => parseGate(text)).toThrow(
      expect.objectContaining({ code: "invalid-argument", message: expect.any(String) }),
    );
    let message = "";
    try {
      parseGate(text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(`Gate "${text}": expected ${expected}`);
    expect(message).toContain(`at character ${at}, found ${found}`);
    expect(message).not.toContain("\n");
  });

  test.each([
    ["m >= baseline * 1.02", /write the factor before the baseline: 1\.02 \* baseline$/],
    ["m >= baseline / 2", /before the baseline: 0\.5 \* baseline$/],
    ["m >= baseline *", /before the baseline: 1\.02 \* baseline$/],
    ["m == true", /gate its rate \(m >= 90%\) or single rows \(every row: m == true\)$/],
    ["m >= yes", /m is a number over all rows/],
    ["at least 200% of rows: m >= 3", /a share of the rows from 0 % to 100 %, got 200 %$/],
    ["at most 101% of rows: m >= 3", /got 101 %$/],
  ])("is answered with the right form: %s", (text, message) => {
    expect(() => parseGate(text)).toThrow(message);
  });

  test.each([undefined, null, 4, {}])("is told where it is no text: %j", (gate) => {
    expect(() => parseGate(gate as never)).toThrow(
      expect.objectContaining({
        code: "invalid-argument",
        message: expect.stringMatching(/^Expected a gate, e\.g\. ".*, got /),
      }),
    );
  });

  test.each([
    ["m >= 0 * baseline", /factor above 0/],
    ["m >= -1 * baseline", /factor above 0/],
    ["every row: tone > polite", /a word, which rows can only be equal to/],
    ["2 of 1 trials: m >= 1", /k of n trials with 1 ≤ k ≤ n/],
    ["at most 1.5 rows: m < 1", /whole number of rows or a percentage/],
  ])("says what is wrong with %s", (text, message) => {
    expect(() => parseGate(text)).toThrow(message);
  });
});
