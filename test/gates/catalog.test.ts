import { describe, expect, test } from "vitest";
import { checkGates, findMetric, type GateCatalog, parseGate } from "../../src/gates/index.ts";

const relevance = { name: "relevance", key: "relevance/v1", scale: [1, 5] as const };
const match = { name: "exact_match", key: "exact_match/v1", scale: [0, 1] as const };
const toxicity = { name: "toxicity", key: "toxicity/v1", scale: [0, 1] as const };
const twice = { name: "tone", key: "tone/v1" };
const again = { name: "tone", key: "tone/v2" };

const catalog: GateCatalog = {
  scorers: [relevance, match, toxicity, twice, again],
  metrics: [
    { key: "relevance/v1/mean", scorer: relevance, aggregation: "mean" },
    { key: "relevance/v1/p90", scorer: relevance, aggregation: "p90" },
    ...(["variance", "min", "max", "median"] as const).map((aggregation) => ({
      key: `relevance/v1/${aggregation}`,
      scorer: relevance,
      aggregation,
    })),
    { key: "exact_match/v1", aliases: ["exact_match/v1/mean"], scorer: match, aggregation: "mean" },
    { key: "toxicity/v1/max", scorer: toxicity, aggregation: "max" },
    { key: "tone/v1/mean", scorer: twice, aggregation: "mean" },
    { key: "tone/v2/mean", scorer: again, aggregation: "mean" },
    { key: "latency/p90" },
    { key: "cost/total" },
  ],
};

const found = (metric: string) => findMetric(catalog, { text: `${metric} >= 1`, metric }).key;
const check = (...gates: string[]) => checkGates(gates.map(parseGate), catalog, { rows: 60 });

describe("the metric that is meant", () => {
  test.each([
    ["relevance/v1/mean", "relevance/v1/mean"],
    ["relevance", "relevance/v1/mean"],
    ["relevance/v1", "relevance/v1/mean"],
    ["relevance/mean", "relevance/v1/mean"],
    ["relevance/p90", "relevance/v1/p90"],
    ["exact_match", "exact_match/v1"],
    ["exact_match/v1/mean", "exact_match/v1"],
    ["toxicity/max", "toxicity/v1/max"],
    ["cost", "cost/total"],
    ["latency/p90", "latency/p90"],
  ])("by %s is %s", (metric, key) => expect(found(metric)).toBe(key));

  test("is not guessed where it could be two", () => {
    expect(() => found("tone")).toThrow(
      'Gate "tone >= 1": tone may mean tone/v1/mean or tone/v2/mean; write which',
    );
  });

  test("is offered by the closest names where there is none", () => {
    expect(() => found("relevanse/v1/mean")).toThrow(
      /^Gate "relevanse\/v1\/mean >= 1": the metric relevanse\/v1\/mean is not measured here\. Did you mean relevance\/v1\/mean/,
    );
    expect(() => found("relevence")).toThrow(/Did you mean relevance/);
    expect(() => found("zzzzzzzzzz")).toThrow(/There are relevance\/v1\/mean, relevance\/v1\/p90/);
    expect(() => check("every row: faithfulnes == true")).toThrow(/the scorer faithfulnes is not/);
  });
});

describe("a gate that could not be missed or met", () => {
  test.each([
    ["relevance <= 7", /7 is outside the scale of relevance, 1 to 5\. No score is as high/],
    ["relevance >= 6", /outside the scale/],
    ["exact_match > 2", /No score is as high/],
    ["relevance/variance >= -1", /relevance\/variance is never below 0/],
    ["latency/p90 <= -2s", /^Gate "latency\/p90 <= -2s": latency\/p90 is never below 0/],
    ["cost/total >= -1usd", /never below 0/],
    ["at least 500 rows: relevance >= 3", /it wants 500 rows, and there are 60, so it could never/],
    ["at most 150 rows: tone/v1 == bad", /it allows 150 rows/],
    ["no row: relevance == bad", /is scored from 1 to 5, which "bad" never equals/],
    ["every row: relevance == true", /is scored from 1 to 5, which true never equals/],
    ["no row: exact_match == wrong", /is scored from 0 to 1, which "wrong" never equals/],
    ["relevance >= 80%", /uses %, but relevance is scored from 1 to 5; give the number on that/],
    ["exact_match >= 80", /80 is outside the scale of exact_match, 0 to 1\. Did you mean 80%\?/],
    ["relevance >= 0.8", /0\.8 is outside the scale of relevance, 1 to 5\. No score is as low/],
    ["every row: relevance >= 0.6", /outside the scale/],
    ["every row: relevance >= 60%", /uses %/],
    ["2 of 3 trials: relevance >= 4", /speaks of 3 trials, but each row has 1/],
  ])("is refused: %s", (gate, message) => expect(() => check(gate)).toThrow(message));

  test.each([
    "exact_match >= 80%",
    "exact_match >= 0.8",
    "exact_match >= 0",
    "exact_match > 1",
    "relevance >= 1",
    "every row: relevance <= 5",
    "at most 60 rows: relevance >= 3",
    "at least 0 rows: relevance >= 3",
    "latency/p90 >= 0s",
    "relevance > 1",
    "relevance <= 1",
    "relevance < 5",
    "relevance >= 5",
    "at least 60 rows: relevance >= 3",
    "at most 59 rows: relevance >= 3",
    "every row: exact_match == true",
    "no row: tone/v1 == bad",
    "latency/p90 > 0s",
    "tone/v1 >= 80",
    "relevance/variance <= 9",
    "every row: relevance >= 3",
    "relevance >= baseline - 0.1",
  ])("is not %s", (gate) => expect(() => check(gate)).not.toThrow());
});

describe("gates that contradict each other", () => {
  test.each([
    ["relevance >= 4", "relevance/v1/mean <= 3"],
    ["relevance > 4", "relevance <= 4"],
    ["relevance == 4", "relevance == 3"],
    ["relevance[a=b] >= 4", "relevance[a=b] < 4"],
    ["relevance/min >= 4", "relevance/max < 4"],
    ["relevance >= 4", "relevance/max <= 3"],
    ["relevance/min >= 4", "relevance < 4"],
    ["relevance/median > 4", "relevance/p90 <= 4"],
    ["relevance >= baseline", "relevance < baseline"],
    ["relevance >= baseline + 0.1", "relevance <= baseline"],
    ["every row: relevance >= 4", "every row: relevance < 3"],
    ["every row: relevance >= 4", "no row: relevance >= 3"],
    ["every row: relevance >= 4", "relevance < 4"],
    ["no row: relevance < 4", "relevance/min < 4"],
    ["no row: relevance > 4", "at least 1 row: relevance >= 5"],
    ["at least 5 rows: relevance < 3", "at most 2 rows: relevance <= 3"],
    ["at least 60% of rows: relevance < 3", "at least 50% of rows: relevance >= 4"],
    ["at least 31 rows: tone/v1 == a", "at least 50% of rows: tone/v1 == b"],
    ["every row: tone/v1 == a", "no row: tone/v1 == A"],
    ["every row: relevance == 5", "relevance <= 4"],
  ])("are refused with both named: %s, %s", (a, b) => {
    expect(() => check(a, b)).toThrow(
      `The gates "${a}" and "${b}" contradict each other: no value meets both`,
    );
  });

  test.each([
    ["relevance >= 4", "relevance <= 4"],
    ["relevance >= 3", "relevance <= 4"],
    ["relevance >= 4", "relevance/p90 <= 3"],
    ["relevance/max >= 4", "relevance/min < 4"],
    ["relevance >= 4", "relevance/median <= 3"],
    ["at least 2 rows: relevance <= 3", "at most 2 rows: relevance < 4"],
    ["at least 5 rows: relevance <= 3", "at most 2 rows: relevance < 3"],
    ["at least 50% of rows: relevance < 3", "at least 50% of rows: relevance >= 3"],
    ["every row: relevance >= 4", "no row: relevance < 4"],
    ["every row: relevance[a=b] >= 4", "no row: relevance >= 3"],
    ["at most 1 row: relevance < 3", "at least 1 row: relevance < 3"],
    ["relevance >= baseline - 0.1", "relevance <= baseline"],
    ["relevance >= 1.1 * baseline", "relevance <= baseline"],
    ["every row: tone/v1 == a", "no row: tone/v1 == b"],
    ["relevance[a=b] >= 4", "relevance[a=c] < 4"],
    ["relevance >= 4", "relevance >= baseline"],
  ])("are not %s and %s", (a, b) => expect(() => check(a, b)).not.toThrow());
});
