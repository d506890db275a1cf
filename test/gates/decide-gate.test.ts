import { describe, expect, test } from "vitest";
import type { Interval } from "../../src/core/index.ts";
import {
  type Decision,
  decideGate,
  overallDecision,
  overallVerdict,
  parseGate,
  type Verdict,
} from "../../src/gates/index.ts";

function between(lower: number, upper: number): Interval {
  return { lower, upper, level: 0.95, method: "plus-two-t" };
}

function decide(gate: string, estimate: number, interval?: Interval) {
  const { verdict, decision } = decideGate(parseGate(gate), {
    estimate,
    ...(interval && { interval }),
  });
  return [verdict, decision];
}

describe("a gate is decided by its value, and its verdict by the interval", () => {
  test.each<[gate: string, Verdict, Decision]>([
    ["m >= 3.0", "pass", "pass"],
    ["m >= 3.5", "pass", "pass"],
    ["m > 3.5", "undecided", "pass"],
    ["m >= 3.9", "undecided", "pass"],
    ["m >= 4", "undecided", "pass"],
    ["m > 4", "undecided", "fail"],
    ["m >= 4.2", "undecided", "fail"],
    ["m >= 4.5", "undecided", "fail"],
    ["m > 4.5", "fail", "fail"],
    ["m >= 4.6", "fail", "fail"],
    ["m <= 4.5", "pass", "pass"],
    ["m < 4.5", "undecided", "pass"],
    ["m <= 4", "undecided", "pass"],
    ["m < 4", "undecided", "fail"],
    ["m <= 3.5", "undecided", "fail"],
    ["m < 3.5", "fail", "fail"],
    ["m == 4", "undecided", "pass"],
    ["m == 3.5", "undecided", "fail"],
    ["m == 3", "fail", "fail"],
  ])("%s with 4 in [3.5, 4.5]: %s, %s", (gate, verdict, decision) => {
    expect(decide(gate, 4, between(3.5, 4.5))).toEqual([verdict, decision]);
  });

  test("an interval of one point decides equality", () => {
    expect(decide("m == 1", 1, between(1, 1))).toEqual(["pass", "pass"]);
    expect(decide("m == 0", 1, between(1, 1))).toEqual(["fail", "fail"]);
  });

  test("a value without an interval is no evidence about anything else", () => {
    expect(decide("m >= 4", 4)).toEqual(["undecided", "pass"]);
    expect(decide("m > 4", 4)).toEqual(["undecided", "fail"]);
  });

  test("a value that is not a number satisfies no condition", () => {
    for (const operator of [">=", ">", "<=", "<", "=="]) {
      expect(decide(`m ${operator} 0`, Number.NaN)).toEqual(["undecided", "fail"]);
    }
  });

  test("zero is a value", () => {
    expect(decide("m <= 0", 0, between(0, 0.1))).toEqual(["undecided", "pass"]);
  });
});

describe("the message", () => {
  test("names the metric, its interval, what it rests on and what was demanded", () => {
    const evidence = { estimate: 4.1234567, interval: between(3.5, 4.7), n: 12 };
    expect(decideGate(parseGate("relevance/v1/mean>=4"), evidence)).toEqual({
      gate: "relevance/v1/mean>=4",
      verdict: "undecided",
      decision: "pass",
      estimate: 4.1234567,
      interval: between(3.5, 4.7),
      threshold: 4,
      message:
        "relevance/v1/mean = 4.123 (95 % [3.5, 4.7], n = 12), demanded >= 4; too close to call, decided by the point estimate",
    });
  });

  test("under strict, passes only what its whole interval passes", () => {
    const gate = parseGate("m >= 4");
    const open = { estimate: 4.2, interval: between(3.9, 4.5), n: 40 };
    expect(decideGate(gate, open, true)).toMatchObject({
      verdict: "undecided",
      decision: "fail",
      message: expect.stringContaining("strict demands the whole interval"),
    });
    const proven = { estimate: 4.5, interval: between(4.1, 4.9), n: 40 };
    expect(decideGate(gate, proven, true)).toMatchObject({ verdict: "pass", decision: "pass" });
  });

  test("warns where there is no interval, and is plain where all is clear", () => {
    expect(decideGate(parseGate("cost/total <= 1usd"), { estimate: 0.5 }).message).toBe(
      "cost/total = 0.5, demanded <= 1; no interval for this metric, decided by the point estimate",
    );
    const clear = { estimate: 5, interval: between(4.5, 5), n: 40 };
    expect(decideGate(parseGate("m >= 4"), clear).message).toBe(
      "m = 5 (95 % [4.5, 5], n = 40), demanded >= 4",
    );
  });

  test("says that nothing was measured, which fails without being evidence", () => {
    const result = decideGate(parseGate("m >= 4"), {});
    expect(result).toEqual({
      gate: "m >= 4",
      verdict: "undecided",
      decision: "fail",
      threshold: 4,
      message: "m was not measured; demanded >= 4",
    });
  });
});

test("over several gates a failure comes before an open verdict, and that before a pass", () => {
  const results = (verdicts: Verdict[], decisions: Decision[]) =>
    verdicts.map((verdict, index) => ({
      ...decideGate(parseGate("m >= 4"), {}),
      verdict,
      decision: decisions[index] as Decision,
    }));
  const mixed = results(["pass", "undecided", "fail"], ["pass", "pass", "fail"]);
  expect([overallVerdict(mixed), overallDecision(mixed)]).toEqual(["fail", "fail"]);
  const open = results(["pass", "undecided"], ["pass", "pass"]);
  expect([overallVerdict(open), overallDecision(open)]).toEqual(["undecided", "pass"]);
  const clear = results(["pass", "pass"], ["pass", "pass"]);
  expect([overallVerdict(clear), overallDecision(clear)]).toEqual(["pass", "pass"]);
  expect([overallVerdict([]), overallDecision([])]).toEqual([undefined, undefined]);
});
