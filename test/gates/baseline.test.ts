import { describe, expect, test } from "vitest";
import { withMismatches } from "../../src/gates/baseline.ts";
import { checkBaselineScores } from "../../src/gates/baseline-scores.ts";
import {
  type Baseline,
  type BaselineCase,
  checkBaseline,
  checkSameMeasure,
  decideBaselines,
  detectableDifference,
  type GateCatalog,
  type MetricGate,
  pairedEvidence,
  parseGate,
  readBaselineFile,
  writeBaselineFile,
} from "../../src/gates/index.ts";
import { momentsOf, seededRandom } from "../../src/stats/index.ts";

const CANDIDATE = [4, 5, 3, 4, 2, 5, 4, 3, 5, 4, 4, 3];
const BASELINE = [4, 4, 3, 5, 3, 5, 5, 4, 5, 4, 5, 4];
const plain = { operator: ">=", factor: 1, offset: 0 } as const;

describe("paired scores", () => {
  test("have the bounds of the shared reference", () => {
    const pairs = { candidate: CANDIDATE, baseline: BASELINE };
    const found = pairedEvidence(pairs, { ...plain, scale: [1, 5] });
    expect(found?.estimate).toBeCloseTo(-0.416667, 6);
    // Plus-two on [−4, 4]: the one-sided upper bound at 95 %.
    expect(found?.interval?.upper).toBeCloseTo(0.443652, 6);
    expect(found).toMatchObject({ worse: 6, better: 1 });
    const unbounded = pairedEvidence(pairs, plain);
    expect(unbounded?.interval?.upper).toBeCloseTo(-0.070068, 6);
    expect(unbounded?.pWorse).toBeCloseTo(0.0269018, 6);
  });

  test("of pass and fail go by McNemar's exact test", () => {
    // 12 rows lost and 3 gained: one-sided P(X ≤ 3 of 15) = 576/32768.
    const candidate = [...Array(12).fill(0), ...Array(3).fill(1), ...Array(20).fill(1)];
    const baseline = [...Array(12).fill(1), ...Array(3).fill(0), ...Array(20).fill(1)];
    const found = pairedEvidence({ candidate, baseline }, { ...plain, scale: [0, 1] });
    expect(found?.pWorse).toBeCloseTo(576 / 32768, 9);
    expect(found).toMatchObject({ worse: 12, better: 3 });
  });

  test("count the rows of one document as what they share", () => {
    const clusters = CANDIDATE.map((_, i) => `d${i % 3}`);
    const pairs = { candidate: CANDIDATE, baseline: BASELINE, clusters };
    expect(pairedEvidence(pairs, { ...plain, scale: [1, 5] })?.interval?.method).toBe(
      "clustered-t",
    );
  });

  test("look the other way where less is better", () => {
    const pairs = { candidate: BASELINE, baseline: CANDIDATE };
    const found = pairedEvidence(pairs, { ...plain, operator: "<=" });
    expect(found?.pWorse).toBeCloseTo(0.0269018, 6);
    expect(found).toMatchObject({ worse: 6, better: 1 });
  });
});

const gate = (text: string) => parseGate(text) as MetricGate;
const nobody = { count: 0, rows: [] };

function decided(
  texts: string[],
  pairs: { candidate: number[]; baseline: number[] },
  { strict = false, scale = [1, 5] as readonly [number, number] } = {},
) {
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const cases = texts.map((text): BaselineCase => {
    const { operator, bound } = gate(text);
    const { factor, offset } = bound as Extract<MetricGate["bound"], { kind: "baseline" }>;
    const found = pairedEvidence(pairs, { operator, factor, offset, scale });
    return {
      gate: gate(text),
      evidence: { estimate: mean(pairs.candidate) },
      name: "run 1",
      value: mean(pairs.baseline),
      ...(found && { paired: { ...found, pairs: pairs.candidate.length } }),
      onlyHere: nobody,
      onlyInBaseline: nobody,
    };
  });
  return decideBaselines(cases, strict);
}

/** `n` rows that all fall from 4 to `to`, but for a few that do not. */
function drop(n: number, share: number, to = 3) {
  const baseline = Array.from({ length: n }, () => 4);
  const candidate = baseline.map((was, i) => (i < n * share ? to : was));
  return { candidate, baseline };
}

describe("a gate against a baseline", () => {
  test("fails when the rows prove a regression", () => {
    const [result] = decided(["m >= baseline"], drop(200, 0.5));
    expect(result).toMatchObject({ verdict: "fail", decision: "fail", threshold: 4 });
    expect(result?.baseline).toMatchObject({ pairs: 200, worse: 100, better: 0, estimate: 4 });
    expect(result?.message).toContain("missed for certain");
  });

  test("passes, with what it could not have seen, while no regression is proven", () => {
    const [result] = decided(["m >= baseline"], drop(12, 0.1));
    expect(result).toMatchObject({ verdict: "undecided", decision: "pass" });
    expect(result?.message).toMatch(
      /not shown to be missed, which passes; so many rows would show a difference of [\d.]+ or more/,
    );
    expect(decided(["m >= baseline"], drop(12, 0.1), { strict: true })[0]).toMatchObject({
      verdict: "undecided",
      decision: "fail",
    });
  });

  test("tells a difference that so many rows do show in four of five cases", () => {
    const random = seededRandom(7);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    for (const n of [20, 50, 200]) {
      // Differences of rows vary by 0.6.
      const pilot = Array.from({ length: n }, (_, i) => (i % 2 ? 0.6 : -0.6));
      const seen = detectableDifference(momentsOf(pilot), { ends: [-4, 4], isTwoSided: false });
      let shown = 0;
      for (let repeat = 0; repeat < 1000; repeat += 1) {
        const baseline = Array.from({ length: n }, () => 3);
        const candidate = baseline.map((was) => was - (seen ?? 0) + 0.6 * normal());
        const found = pairedEvidence(
          { candidate, baseline },
          { operator: ">=", factor: 1, offset: 0, scale: [1, 5] },
        );
        if ((found?.pWorse ?? 1) <= 0.05) shown += 1;
      }
      expect(shown / 1000).toBeGreaterThan(0.76);
      expect(shown / 1000).toBeLessThan(0.84);
    }
  });

  test("fails where all rows fall alike, and passes where none does, without a scale as well", () => {
    const on = (n: number, change: number) => {
      const baseline = Array.from({ length: n }, (_, i) => 100 + i);
      const candidate = baseline.map((was) => was + change);
      const demand = { operator: ">=", factor: 1, offset: 0 } as const;
      return pairedEvidence({ candidate, baseline }, demand);
    };
    // As in the sign test: twelve of twelve by chance are 2^-12.
    expect(on(12, -1)).toMatchObject({ estimate: -1, pWorse: 2 ** -12 });
    expect(on(12, -1)).not.toHaveProperty("interval");
    expect(on(2, -1)?.pWorse).toBe(0.25);
    expect(on(12, 1)?.pWorse).toBe(1 - 2 ** -12);
    expect(on(12, 0)).not.toHaveProperty("pWorse");
  });

  test("says nothing of rows that are all of one document", () => {
    const pairs = {
      candidate: [3, 3, 2, 3],
      baseline: [4, 4, 4, 4],
      clusters: ["d", "d", "d", "d"],
    };
    const found = pairedEvidence(pairs, { operator: ">=", factor: 1, offset: 0, scale: [1, 5] });
    expect(found).toEqual({ estimate: -1.25, worse: 4, better: 0 });
  });

  test("is proven where a margin leaves room", () => {
    expect(decided(["m >= baseline - 0.5"], drop(200, 0.1))[0]).toMatchObject({
      verdict: "pass",
      decision: "pass",
    });
  });

  test("follows the estimate where an improvement is demanded", () => {
    const same = drop(12, 0);
    expect(decided(["m > baseline"], same)[0]).toMatchObject({ decision: "fail" });
    expect(decided(["m >= 1.02 * baseline"], same)[0]).toMatchObject({ decision: "fail" });
    expect(decided(["m >= baseline"], same)[0]).toMatchObject({ decision: "pass" });
  });

  test("wants Holm's proof when there are several", () => {
    // One regression with p ≈ .03 alone; as one of three it needs p ≤ .0167.
    const pairs = drop(40, 0.2);
    const [alone] = decided(["m >= baseline"], pairs);
    const p = alone?.baseline?.pWorse ?? 0;
    const several = decided(["m >= baseline", "m >= baseline - 3", "m >= baseline - 2"], pairs);
    expect(several[0]?.baseline?.pWorse).toBeCloseTo(Math.min(1, 3 * p), 9);
    expect(several[0]?.message).toContain("allowing for 3 gates against the baseline, by Holm");
    // The interval knows nothing of the other gates, and says so.
    expect(several[0]?.message).toContain("(90 % interval of this gate alone ");
  });

  test("names the rows that only one side has", () => {
    const pairs = drop(12, 0);
    const [found] = decideBaselines([
      {
        gate: gate("m >= baseline"),
        evidence: { estimate: 4 },
        name: "main.baseline.json",
        value: 4,
        paired: {
          ...(pairedEvidence(pairs, { ...plain, scale: [1, 5] }) as NonNullable<
            ReturnType<typeof pairedEvidence>
          >),
          pairs: 12,
        },
        onlyHere: { count: 1, rows: ["new"] },
        onlyInBaseline: { count: 2, rows: ["old", "older"] },
      },
    ]);
    expect(found?.message).toContain(
      "rows not compared: 1 without a score in the baseline, 2 of the baseline without a score here",
    );
    expect(found?.baseline?.onlyInBaseline.rows).toEqual(["old", "older"]);
  });

  test("of a metric that is not paired is decided by the two numbers", () => {
    const [found] = decideBaselines([
      {
        gate: gate("latency/p90 <= 1.1 * baseline"),
        evidence: { estimate: 2.1 },
        name: "run 1",
        value: 2,
        onlyHere: nobody,
        onlyInBaseline: nobody,
      },
    ]);
    expect(found).toMatchObject({ verdict: "undecided", decision: "pass", threshold: 2.2 });
  });
});

describe("a baseline that cannot be compared with", () => {
  const scorer = { name: "m", key: "m", scale: [1, 5] as const, fingerprint: "a".repeat(64) };
  const catalog: GateCatalog = {
    scorers: [scorer],
    metrics: [{ key: "m/mean", scorer, aggregation: "mean" }],
  };
  const data = { name: "rows.jsonl", digest: "d1".repeat(32) };
  const baseline = (more: Partial<Baseline> = {}): Baseline => ({
    name: "run 1",
    data,
    scorers: [{ key: "m", fingerprint: "a".repeat(64) }],
    metrics: { "m/mean": 4 },
    rows: async () => new Map(),
    ...more,
  });
  const check = (text: string, given?: Baseline, allow = false) =>
    checkBaseline([parseGate(text)], given, { data, catalog }, allow);

  test.each<[string, string, Baseline | undefined, RegExp]>([
    ["is not there", "m >= baseline", undefined, /speaks of a baseline, and none is given/],
    ["lacks the metric", "m >= baseline", baseline({ metrics: { x: 1 } }), /no such metric.*x$/],
    ["is NaN", "m >= baseline", baseline({ metrics: { "m/mean": Number.NaN } }), /is NaN, which/],
    ["is zero", "m >= 1.02 * baseline", baseline({ metrics: { "m/mean": 0 } }), /nothing sensible/],
    [
      "is negative",
      "m >= 0.9 * baseline",
      baseline({ metrics: { "m/mean": -2 } }),
      /of -2 demands/,
    ],
    [
      "is of other rows",
      "m >= baseline",
      baseline({ data: { ...data, digest: "d2".repeat(32) } }),
      /measured on other rows .*--allow-mismatch/,
    ],
    [
      "is of another version",
      "m >= baseline",
      baseline({ data: { name: "support", version: 3 } }),
      /measured on/,
    ],
    [
      "is of another judge",
      "m >= baseline",
      baseline({ scorers: [{ key: "m", fingerprint: "b".repeat(64) }] }),
      /scored by another judge \(m: its fingerprint changed from bbbbbbbbbbbb to aaaaaaaaaaaa\)/,
    ],
    [
      "does not say by which judge",
      "m >= baseline",
      baseline({ scorers: [{ key: "m" }] }),
      /another judge \(m: the baseline does not say by which, as it has no fingerprint\)/,
    ],
    [
      "was scored on another scale",
      "m >= baseline",
      baseline({ scorers: [{ key: "m", scale: [1, 10], fingerprint: "a".repeat(64) }] }),
      /was scored from 1 to 10, and m goes from 1 to 5\. Score it anew$/,
    ],
  ])("because it %s is a line that names the gate", (why, text, given, message) => {
    const isVersion = why.includes("version");
    const attempt = () =>
      isVersion
        ? checkBaseline(
            [parseGate(text)],
            given,
            { data: { name: "support", version: 4 }, catalog },
            false,
          )
        : check(text, given);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(`Gate "${text}"`);
  });

  test("because its judge had another model says so", () => {
    const judged = (model: string) => ({
      fingerprint: (model === "m-1" ? "a" : "b").repeat(64),
      aspects: { provider: "openai", model, parameters: '{"temperature":0}' },
    });
    const now = { ...scorer, ...judged("m-2") };
    const given = baseline({ scorers: [{ key: "m", ...judged("m-1") }] });
    const said =
      "was scored by another judge (m: its model changed from m-1 to m-2). Score it anew, or use --allow-mismatch";
    expect(() => checkSameMeasure({ data, scorers: [now] }, given)).toThrow(
      `The baseline (run 1) ${said}`,
    );
    const named = {
      scorers: [now],
      metrics: [{ key: "m/mean", scorer: now, aggregation: "mean" }],
    };
    expect(() =>
      checkBaseline([parseGate("m >= baseline")], given, { data, catalog: named }),
    ).toThrow(`Gate "m >= baseline": the baseline (run 1) ${said}`);
    // A baseline of before aspects were kept.
    const old = baseline({ scorers: [{ key: "m", fingerprint: "c".repeat(64) }] });
    expect(() => checkSameMeasure({ data, scorers: [now] }, old)).toThrow(
      "(m: its fingerprint changed from cccccccccccc to bbbbbbbbbbbb)",
    );
  });

  test("because this run no longer says by which judge says so", () => {
    const { fingerprint: _fingerprint, ...bare } = scorer;
    expect(() => checkSameMeasure({ data, scorers: [bare] }, baseline())).toThrow(
      "(m: it has no fingerprint any more)",
    );
  });

  test("on another scale is not compared with even where mismatches are allowed", () => {
    const other = baseline({ scorers: [{ key: "m", scale: [0, 5] }] });
    expect(() => check("m >= baseline", other, true)).toThrow(/scored from 0 to 5/);
  });

  test.each([
    ["a score off the scale", { a: 4, b: 99 }, "row b has 99, outside the scale of m, 1 to 5"],
    [
      "a mean that its rows cannot have",
      { a: 4.5, b: 5 },
      "m/mean is 4, and its rows have from 4.5",
    ],
  ])("because of %s is a line that names the gate and the file", async (_, scores, message) => {
    const given = baseline({
      name: "main.baseline.json",
      rows: async () => new Map(Object.entries(scores)),
    });
    await expect(checkBaselineScores([parseGate("m >= baseline")], given, catalog)).rejects.toThrow(
      `Gate "m >= baseline": in the baseline (main.baseline.json) ${message}`,
    );
  });

  test("rows in another order are no other rows", () => {
    const turned = { name: "x.jsonl", digest: "d2".repeat(32), unorderedDigest: "e".repeat(64) };
    const compared = (was: string) =>
      checkSameMeasure(
        { data: turned, scorers: [] },
        baseline({ data: { ...data, unorderedDigest: was } }),
      );
    expect(() => compared("e".repeat(64))).not.toThrow();
    expect(() => compared("f".repeat(64))).toThrow(/other rows \(rows\.jsonl ffffffffffff/);
  });

  test("names in what it differs, where that is allowed", () => {
    const other = { ...data, digest: "d2".repeat(32) };
    const given = baseline({ scorers: [{ key: "m", fingerprint: "b".repeat(64) }] });
    expect(withMismatches(given, { data: other, catalog }).name).toBe(
      "run 1; of other rows (rows.jsonl d1d1d1d1d1d1, this is rows.jsonl d2d2d2d2d2d2), paired by key whatever they ask now; m of another judge: its fingerprint changed from bbbbbbbbbbbb to aaaaaaaaaaaa",
    );
    expect(withMismatches(baseline(), { data, catalog }).name).toBe("run 1");
  });

  test("may be compared with all the same", () => {
    const other = baseline({ scorers: [{ key: "m", fingerprint: "b".repeat(64) }] });
    expect(() => check("m >= baseline", other, true)).not.toThrow();
    expect(() =>
      check("m >= 0.9 * baseline", baseline({ metrics: { "m/mean": 0 } }), true),
    ).toThrow();
  });
});

test("a baseline file has one row a line, sorted, and reads back as it was", async () => {
  const file = {
    version: 1,
    evaluation: "qa",
    runId: "r1",
    data: { name: "rows.jsonl", digest: "d" },
    scorers: [{ key: "m" }],
    metrics: { "m/mean": 3.5 },
    rows: { b: { m: 4, a: 1 }, a: { m: 3 } },
  } as const;
  const text = writeBaselineFile(file);
  expect(text.split("\n").slice(1, 3)).toEqual(['"a":{"m":3},', '"b":{"a":1,"m":4}']);
  const read = readBaselineFile(text, "main.baseline.json");
  expect([...(await read.rows("m"))]).toEqual([
    ["a", 3],
    ["b", 4],
  ]);
  expect(read.metrics).toEqual({ "m/mean": 3.5 });
  expect(() => readBaselineFile("{", "x.json")).toThrow(/x\.json is not JSON/);
  const twice = text.replace('"a":{"m":3},', '"a":{"m":3},\n"\\u0061":{"m":5},');
  expect(() => readBaselineFile(twice, "x.json")).toThrow(
    'x.json has "a" twice in one object, as after a merge: keep one of them',
  );
  expect(() => readBaselineFile("{}", "x.json")).toThrow(/x\.json is no baseline: expected/);
});
