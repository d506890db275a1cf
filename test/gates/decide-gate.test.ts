import { describe, expect, test } from "vitest";
import type { Interval } from "../../src/core/index.ts";
import {
  type Decision,
  decideGate,
  decideRows,
  type MetricGate,
  overallDecision,
  overallVerdict,
  parseGate,
  type RowsGate,
  rowMeets,
  type Verdict,
} from "../../src/gates/index.ts";

function between(lower: number, upper: number): Interval {
  return { lower, upper, level: 0.95, method: "plus-two-t" };
}

const gateOf = (text: string) => parseGate(text) as MetricGate;

function decide(gate: string, estimate: number, interval?: Interval) {
  const { verdict, decision } = decideGate(gateOf(gate), {
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
    expect(decideGate(gateOf("relevance/v1/mean>=4"), evidence)).toEqual({
      gate: "relevance/v1/mean>=4",
      verdict: "undecided",
      decision: "pass",
      estimate: 4.1234567,
      interval: between(3.5, 4.7),
      threshold: 4,
      title: "relevance 4.12 ± 0.6 ≥ 4 (n=12): too close to call, taken as pass",
      message:
        "relevance/v1/mean is 4.123 (95 % interval 3.5 to 4.7; n = 12); it must be at least 4: met here, but too close to call for other rows of this kind",
    });
  });

  test("has a title that carries the verdict", () => {
    const evidence = { estimate: 4.21, interval: between(4.09, 4.33), n: 200 };
    expect(decideGate(gateOf("relevance/v1/mean >= 4"), evidence).title).toBe(
      "relevance 4.21 ± 0.12 ≥ 4 (n=200): pass",
    );
    const rate = { estimate: 0.7, interval: between(0.6, 0.78), n: 100 };
    expect(decideGate(gateOf("exact_match/v1[lang=de] >= 80%"), rate).title).toBe(
      "exact_match[lang=de] 70 % (60 % to 78 %) ≥ 80 % (n=100): fail",
    );
  });

  test.each<[string, number, [number, number], string]>([
    // The numbers that are shown do not belie the verdict.
    ["m >= 4", 3.9999, [3.9, 4.1], "m 3.9999 ± 0.1 ≥ 4: too close to call, taken as fail"],
    ["m >= 4", 4.2, [4.00004, 4.3], "m 4.2 (4.00004 to 4.3) ≥ 4: pass"],
    ["m >= 3.99995", 4.2, [4.1, 4.3], "m 4.2 ± 0.1 ≥ 3.99995: pass"],
    [
      "exact_match >= 90%",
      0.89996,
      [0.8, 0.95],
      "exact_match 89.996 % (80 % to 95 %) ≥ 90 %: too close to call, taken as fail",
    ],
    [
      "latency/p90 <= 800ms",
      0.1234,
      [0.1, 0.2],
      "latency/p90 123 ms (100 ms to 200 ms) ≤ 800 ms: pass",
    ],
    [
      "latency/p90 <= 2s",
      1.8234,
      [1.6, 2.1],
      "latency/p90 1.82 s (1.6 s to 2.1 s) ≤ 2 s: too close to call, taken as pass",
    ],
  ])("shows what decides it: %s", (gate, estimate, [lower, upper], title) => {
    expect(decideGate(gateOf(gate), { estimate, interval: between(lower, upper) }).title).toBe(
      title,
    );
  });

  test("says at which number the worst case stands beside the threshold", () => {
    const counts = { scored: 99, failed: 1, missing: 0, notApplicable: 0 };
    const evidence = { estimate: 4.05, counts, worstCase: { lower: 3.99999, upper: 4.07 } };
    expect(decideGate(gateOf("m >= 4"), evidence).message).toContain(
      "it would be 3.99999, which would miss it",
    );
  });

  test("is not decided by the last place of a double", () => {
    // The mean of 0.34 and 0.96 is 0.65, and comes out as 0.6499999999999999.
    const estimate = (0.34 + 0.96) / 2;
    for (const [gate, decision] of [
      ["m >= 65%", "pass"],
      ["m >= 0.65", "pass"],
      ["m < 0.65", "fail"],
      ["m == 0.65", "pass"],
    ] as const) {
      expect([gate, decideGate(gateOf(gate), { estimate: estimate - 1e-16 }).decision]).toEqual([
        gate,
        decision,
      ]);
    }
    expect(decideGate(gateOf("m >= 0.65"), { estimate: 0.6499999 }).decision).toBe("fail");
  });

  test("says what rows without a score could change", () => {
    const counts = { scored: 98, failed: 1, missing: 1, notApplicable: 3 };
    const evidence = { estimate: 4.05, interval: between(3.9, 4.2), counts };
    const low = { ...evidence, worstCase: { lower: 3.99, upper: 4.07 } };
    expect(decideGate(gateOf("m >= 4"), low).message).toBe(
      "m is 4.05 (95 % interval 3.9 to 4.2; 98 scored, 1 failed, 1 missing, 3 not applicable); it must be at least 4: met here, but too close to call for other rows of this kind; with the worst score for the 2 results without one it would be 3.99, which would miss it",
    );
    const robust = { ...evidence, worstCase: { lower: 4.01, upper: 4.07 } };
    expect(decideGate(gateOf("m >= 4"), robust).message).toContain("which changes nothing");
  });

  test("says how likely another run is to come out on the other side", () => {
    // One √2·SE above the threshold: Φ(−1) = 15.9 %.
    const evidence = {
      estimate: 4 + 0.05 * Math.SQRT2,
      interval: between(3.9, 4.3),
      rerunStandardError: 0.05,
    };
    const result = decideGate(gateOf("m >= 4"), evidence);
    expect(result.flipChance).toBeCloseTo(0.158655, 5);
    expect(result.message).toContain(
      "another run on these rows would differ by about 0.05, and come out on the other side with a chance of 16 %",
    );
  });

  test("under strict, passes only what its whole interval passes", () => {
    const gate = gateOf("m >= 4");
    const open = { estimate: 4.2, interval: between(3.9, 4.5), n: 40 };
    expect(decideGate(gate, open, true)).toMatchObject({
      verdict: "undecided",
      decision: "fail",
      message: expect.stringContaining("strict demands proof"),
    });
    const proven = { estimate: 4.5, interval: between(4.1, 4.9), n: 40 };
    expect(decideGate(gate, proven, true)).toMatchObject({ verdict: "pass", decision: "pass" });
  });

  test("what a run cost is counted: its total is proof of itself", () => {
    expect(decideGate(gateOf("cost/total <= 1usd"), { estimate: 0.5 }, true)).toMatchObject({
      verdict: "pass",
      decision: "pass",
      message: "cost/total is $0.5; it must be at most $1: clearly met",
    });
    expect(decideGate(gateOf("cost/total <= 1usd"), { estimate: 1.5 })).toMatchObject({
      verdict: "fail",
      decision: "fail",
    });
    // Answers that were kept from before cost nothing.
    expect(decideGate(gateOf("cost/total <= 1usd"), { estimate: 0 }).verdict).toBe("pass");
  });

  test("what is counted of a cost is the least where the rest is not known", () => {
    const evidence = (estimate: number) => ({
      estimate,
      range: { lower: estimate, upper: Number.POSITIVE_INFINITY },
      noInterval: "the cost of 3 answers is not known",
    });
    const gate = gateOf("cost/total <= 1usd");
    expect(decideGate(gate, evidence(0.5))).toMatchObject({
      verdict: "undecided",
      decision: "pass",
      message:
        "cost/total is $0.5; it must be at most $1: met here, but the cost of 3 answers is not known",
    });
    expect(decideGate(gate, evidence(0.5), true).decision).toBe("fail");
    expect(decideGate(gate, evidence(1.5))).toMatchObject({ verdict: "fail", decision: "fail" });
  });

  test("warns where there is no interval, and is plain where all is clear", () => {
    expect(decideGate(gateOf("rouge/total <= 1"), { estimate: 0.5 }).message).toBe(
      "rouge/total is 0.5; it must be at most 1: met here, but no interval for this metric",
    );
    const clear = { estimate: 5, interval: between(4.5, 5), n: 40 };
    expect(decideGate(gateOf("m >= 4"), clear).message).toBe(
      "m is 5 (95 % interval 4.5 to 5; n = 40); it must be at least 4: clearly met",
    );
    const seconds = { estimate: 2.5, interval: between(2.2, 2.8), n: 40 };
    expect(decideGate(gateOf("latency/p90 <= 2s"), seconds).message).toBe(
      "latency/p90 is 2.5 s (95 % interval 2.2 s to 2.8 s; n = 40); it must be at most 2 s: clearly missed",
    );
  });

  test("says that nothing was measured, which fails without being evidence", () => {
    expect(decideGate(gateOf("m >= 4"), {})).toEqual({
      gate: "m >= 4",
      verdict: "undecided",
      decision: "fail",
      threshold: 4,
      title: "m not measured ≥ 4: fail",
      message: "m was not measured; it must be at least 4",
    });
  });
});

describe("a gate on rows", () => {
  const on = (gate: string, rows: number, met: number, missed: number, strict = false) => {
    const evidence = { rows, met, missed, examples: ["r7"] };
    const { verdict, decision, message } = decideRows(
      parseGate(gate) as RowsGate,
      evidence,
      strict,
    );
    return [verdict, decision, message];
  };

  test("speaks of no other rows, which strict is told", () => {
    const [verdict, decision, message] = on("every row: f == true", 10, 10, 0, true);
    expect([verdict, decision]).toEqual(["pass", "pass"]);
    expect(message).toMatch(/: met; this is of these rows alone, and proves nothing of others$/);
  });

  test.each<[string, number, number, number, Verdict, Decision]>([
    ["every row: f == true", 10, 10, 0, "pass", "pass"],
    ["every row: f == true", 10, 9, 1, "fail", "fail"],
    ["every row: f == true", 10, 9, 0, "undecided", "pass"],
    ["no row: f == true", 10, 0, 10, "pass", "pass"],
    ["no row: f == true", 10, 0, 9, "undecided", "pass"],
    ["no row: f == true", 10, 1, 9, "fail", "fail"],
    ["at most 2 rows: f < 3", 10, 2, 8, "pass", "pass"],
    ["at most 2 rows: f < 3", 10, 3, 7, "fail", "fail"],
    ["at most 2 rows: f < 3", 10, 2, 7, "undecided", "pass"],
    ["at most 25% of rows: f < 3", 10, 2, 8, "pass", "pass"],
    ["at most 25% of rows: f < 3", 10, 3, 7, "fail", "fail"],
    ["at least 95% of rows: f >= 3", 20, 19, 1, "pass", "pass"],
    ["at least 95% of rows: f >= 3", 20, 18, 2, "fail", "fail"],
  ])(
    "%s, of %i rows %i met and %i missed: %s, %s",
    (gate, rows, met, missed, verdict, decision) => {
      expect(on(gate, rows, met, missed).slice(0, 2)).toEqual([verdict, decision]);
    },
  );

  test("says how many rows stand against it, and some of them", () => {
    expect(on("at most 2 rows: f < 3", 10, 3, 7)[2]).toBe(
      "3 of 10 rows have f < 3; at most 2 may: missed; e.g. r7",
    );
    expect(on("every row: f == true", 10, 9, 0)[2]).toBe(
      "9 of 10 rows have f == 1, 1 cannot be told; every row must: open, as the row without enough scores could decide it: taken as pass; e.g. r7",
    );
  });

  test("under strict wants every row to be known", () => {
    expect(on("every row: f == true", 10, 9, 0, true).slice(0, 2)).toEqual(["undecided", "fail"]);
  });

  test("of no rows is not passed by there being none", () => {
    expect(on("every row: f == true", 0, 0, 0).slice(0, 2)).toEqual(["undecided", "fail"]);
  });

  test.each<[string, (number | string)[], number, boolean | undefined]>([
    ["every row: f >= 3", [3, 4], 2, true],
    ["every row: f >= 3", [3, 2], 2, false],
    ["every row: f >= 3", [3], 2, undefined],
    ["every row: f >= 3", [2], 2, false],
    ["2 of 3 trials: f >= 3", [3, 2, 4], 3, true],
    ["2 of 3 trials: f >= 3", [3, 2], 3, undefined],
    ["2 of 3 trials: f >= 3", [2, 2], 3, false],
    ["every row: f == polite", ["Polite"], 1, true],
    ["every row: f == polite", ["rude"], 1, false],
  ])("%s holds for a row with %j of %i trials: %s", (gate, trials, planned, met) => {
    expect(rowMeets(parseGate(gate) as RowsGate, trials, planned)).toBe(met);
  });
});

test("over several gates a failure comes before an open verdict, and that before a pass", () => {
  const results = (verdicts: Verdict[], decisions: Decision[]) =>
    verdicts.map((verdict, index) => ({
      ...decideGate(gateOf("m >= 4"), {}),
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
