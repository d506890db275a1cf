import { describe, expect, test } from "vitest";
import { defineScorer } from "../../src/core/index.ts";
import {
  compareRuns,
  decideStoredRun,
  type EvaluateOptions,
  type Inputs,
  planSizes,
  setBaselineAlias,
} from "../../src/evaluate/index.ts";
import { plusTwoTInterval } from "../../src/stats/index.ts";
import { startProviderServer } from "../support/provider-server.ts";
import { numbered, useTempStore } from "./temp-store.ts";

/** A reply of a server that counts no tokens. */
const UNMETERED = {
  id: "x",
  object: "chat.completion",
  model: "gpt-4o-mini",
  choices: [{ index: 0, message: { role: "assistant", content: "yes" }, finish_reason: "stop" }],
};

const at = useTempStore();
const value = defineScorer({ name: "value", scale: [1, 5] }, ({ outputs }) => outputs as number);

/** Rows `{ i }` whose model says `of(i, trial)`. */
function options(
  of: (i: number, trial: number) => number,
  more: Partial<EvaluateOptions> = {},
): EvaluateOptions {
  return {
    name: "gated",
    data: numbered(40),
    model: async ({ i }: Inputs, { trial }) => of(i, trial),
    scorers: [value],
    ...more,
  };
}

describe("a gate's evidence", () => {
  test("of a cost says how many answers told of none, also when it is decided later", async () => {
    const server = await startProviderServer({
      reply: ({ index }) => ({
        text: "yes",
        ...(index % 2 === 0
          ? { usage: { inputTokens: 1_000, outputTokens: 100 } }
          : { rawBody: JSON.stringify(UNMETERED) }),
      }),
    });
    const result = await at.evaluate({
      data: numbered(4).map(({ i }) => ({ question: `q${i}` })),
      model: "openai:/gpt-4o-mini",
      scorers: [defineScorer({ name: "length" }, ({ outputs }) => String(outputs).length)],
      concurrency: 1,
      gates: ["cost/total <= 1usd"],
      env: server.env,
    });
    await server.close();
    const unknown = "the cost of 2 answers is not known";
    expect(result.gates[0]).toMatchObject({ verdict: "undecided", decision: "pass" });
    expect(result.gates[0]?.message).toContain(unknown);
    expect(result.notes).toContainEqual(expect.stringContaining(unknown));
    const store = await at.open();
    const [later] = await decideStoredRun(store, result.runId, { gates: ["cost/total <= 1usd"] });
    expect(later).toEqual(result.gates[0]);
  });

  test("takes rows of one document for what they have in common", async () => {
    const data = numbered(40).map(({ i }) => ({ inputs: { i }, metadata: { document_id: i % 8 } }));
    const of = (i: number) => (i % 8 < 4 ? 5 : 3);
    const [alone, clustered] = [
      await at.evaluate(options(of, { gates: ["value >= 3.5"] })),
      await at.evaluate(options(of, { data, gates: ["value >= 3.5"] })),
    ];
    expect(clustered.gates[0]?.counts).toMatchObject({ scored: 40, clusters: 8 });
    expect(clustered.gates[0]?.interval?.method).toBe("clustered-t");
    const width = (result: typeof alone) =>
      (result.gates[0]?.interval?.upper ?? 0) - (result.gates[0]?.interval?.lower ?? 0);
    // All rows of a document are alike: eight documents say much less than forty rows.
    expect(width(clustered)).toBeGreaterThan(1.5 * width(alone));
    expect(clustered.gates[0]?.message).toContain(
      "in 8 groups of rows (intervals are rough below 10)",
    );
    // The table of scores says nothing else.
    expect(clustered.summaries.value?.interval).toEqual(clustered.gates[0]?.interval);
  });

  test("is of the same documents when gates are decided on the stored run", async () => {
    // The first row stands alone.
    const data = numbered(40).map(({ i }) => ({
      inputs: { i },
      ...(i > 0 && { metadata: { document_id: i % 8 } }),
    }));
    const gates = ["value >= 3.5"];
    for (const guarantee of ["standard", "exact"] as const) {
      const result = await at.evaluate(
        options((i) => (i % 8 < 4 ? 5 : 3), { data, guarantee, gates }),
      );
      // Bets on rows would be narrower than what eight documents can say.
      const [gate] = result.gates;
      expect((gate?.interval?.upper ?? 0) - (gate?.interval?.lower ?? 0)).toBeGreaterThan(1);
      expect(gate?.counts?.clusters).toBe(9);
      const store = await at.open();
      expect(await decideStoredRun(store, result.runId, { gates, guarantee })).toEqual(
        result.gates,
      );
    }
  });

  test.each(["standard", "exact"] as const)(
    "of five documents proves no rate of 90 %% (%s), though all of their rows pass",
    async (guarantee) => {
      // Where four of five documents are right throughout, .8⁵ = 33 % of samples are like this one.
      const data = numbered(100).map(({ i }) => ({
        inputs: { i },
        metadata: { document_id: i % 5 },
      }));
      const right = defineScorer({ name: "right" }, () => true);
      const { gates } = await at.evaluate(
        options(() => 5, {
          data,
          guarantee,
          scorers: [right],
          strict: true,
          gates: ["right >= 90%"],
        }),
      );
      expect(gates[0]).toMatchObject({ estimate: 1, verdict: "undecided", decision: "fail" });
      expect(gates[0]?.interval?.lower).toBeLessThan(0.8);
    },
  );

  test("is of the same rows of a slice when gates are decided on the stored run", async () => {
    const data = numbered(40).map(({ i }) => ({
      inputs: { i },
      kind: i % 2 === 0 ? "even" : "odd",
      metadata: { category: i % 4 === 0 ? "billing" : "other" },
      tags: { level: i < 10 ? "easy" : "hard" },
    }));
    const gates = [
      "value[category=billing] >= 4",
      "value[level=easy] >= 3",
      "value[kind=odd] >= 3",
      "every row: value[metadata.category=billing] >= 4",
    ];
    const result = await at.evaluate(options((i) => (i % 4 === 0 ? 4 : 3), { data, gates }));
    expect(result.gates.map(({ estimate }) => estimate)).toEqual([4, 3.3, 3, 10]);
    expect(await result.decide(gates)).toEqual(result.gates);
    await expect(result.decide(["at least 11 rows: value[category=billing] >= 4"])).rejects.toThrow(
      "it wants 11 rows, and there are 10, so it could never pass",
    );
    await expect(result.decide(undefined as never)).rejects.toThrow(/^Expected a gate, e\.g\./);
    await expect(result.decide("value >= 3" as never)).resolves.toHaveLength(1);
    await expect(result.decide(["value[category=biling] >= 4"])).rejects.toThrow(
      "no row is in this slice; category is billing, other",
    );
  });

  test("of `no row` counts a row from its first trial", async () => {
    const { gates } = await at.evaluate(
      options((_, trial) => (trial === 2 ? 1 : 5), {
        trials: 3,
        gates: [
          "no row: value < 2",
          "at least 40 rows: 2 of 3 trials: value >= 5",
          "at most 0 rows: at least 2 of 3 trials: value < 2",
        ],
      }),
    );
    expect(gates.map(({ decision }) => decision)).toEqual(["fail", "pass", "pass"]);
  });

  test.each([
    ["a slice of latency", { gates: ["latency/p90[i=1] <= 2s"] }, /has no slices/],
    [
      "exact intervals against a baseline",
      { guarantee: "exact", gates: ["value >= baseline"], baseline: "@main" },
      /no intervals for comparisons/,
    ],
  ] as const)("cannot be had for %s", async (_, more, message) => {
    await expect(at.evaluate(options(() => 5, more as Partial<EvaluateOptions>))).rejects.toThrow(
      message,
    );
  });

  test("tells the noise of a re-run from that of other rows", async () => {
    // Each row is 4 ± 1 over two trials: s² = 2, SE = √(40·2/2)/40 = √40/40.
    const result = await at.evaluate(
      options((_, trial) => (trial === 0 ? 3 : 5), { trials: 2, gates: ["value >= 4.1"] }),
    );
    expect(result.gates[0]?.rerunStandardError).toBeCloseTo(Math.sqrt(40) / 40, 9);
    expect(result.gates[0]?.flipChance).toBeGreaterThan(0.3);
    expect(result.gates[0]?.message).toMatch(/come out on the other side with a chance of \d+ %/);
  });

  test("says what rows that failed could change, and cannot be decided by too few", async () => {
    const failing = (i: number) => {
      if (i === 7) throw new Error("down");
      return 4;
    };
    const gates = ["value >= 4"];
    const { gates: found } = await at.evaluate(options(failing, { gates, maxFailed: 0.1 }));
    // 39 · 4 and a 1 or a 5.
    expect(found[0]?.worstCase).toEqual({ lower: 157 / 40, upper: 161 / 40 });
    expect(found[0]?.message).toContain("it would be 3.925, which would miss it");
    const short = await at.evaluate(options(failing, { gates }));
    expect(short.status).toBe("incomplete");
    expect(short.gates[0]).toMatchObject({ verdict: "undecided", decision: "fail" });
  });

  test("proves nothing that results without a score could turn", async () => {
    const of = (i: number) => {
      if (i < 3) throw new Error("down");
      return i % 2 === 0 ? 5 : 4;
    };
    const gates = ["value >= 4.3", "value >= 4.59", "value >= 3.5"];
    const more = { data: numbered(100), gates, maxFailed: 0.05, strict: true };
    const result = await at.evaluate(options(of, more));
    // 49 fours, 48 fives and the ends of the scale: 4.4646 ± 1.9845 · .06138. Three more ones: 4.3627 ±
    // 1.9837 · .08309; three more fives: 4.4804 ± 1.9837 · .06033.
    expect(result.gates[0]?.interval?.lower).toBeCloseTo(4.343, 2);
    const said = result.gates.map(({ verdict, message }) => [verdict, message.split("; ").at(-1)]);
    const results = "score for the 3 results without one it would be";
    expect(said).toEqual([
      ["undecided", `with the worst ${results} 4.39, which would be too close to call`],
      ["undecided", `with the best ${results} 4.51, which would be too close to call`],
      ["pass", `with the worst ${results} 4.39, which changes nothing`],
    ]);
    expect(result.gates[0]?.message).toContain(
      "met here, but open for other rows of this kind as long as some results lack a score",
    );
    expect(await result.decide(gates, { strict: true, maxFailed: 0.05 })).toEqual(result.gates);
  });

  test("against a baseline proves nothing that rows that failed could turn", async () => {
    const before = await at.evaluate(options((i) => 4 + (i % 2), { data: numbered(100) }));
    const of = (i: number) => {
      if (i < 5) throw new Error("down");
      return 4 + (i % 2);
    };
    const gates = ["value >= baseline - 0.3", "value >= baseline - 1.5"];
    const more = { data: numbered(100), gates, maxFailed: 0.1, baseline: before.runId };
    const { gates: found } = await at.evaluate(options(of, more));
    // 95 differences of 0 and the ends ±4: 90 % interval ± .098; with 3 · −3 and 2 · −4 it reaches −.33.
    expect(found.map(({ verdict, decision }) => [verdict, decision])).toEqual([
      ["undecided", "pass"],
      ["pass", "pass"],
    ]);
    // (3 · (1 − 4) + 2 · (1 − 5)) / 100.
    expect(found[0]?.message).toContain(
      "with the worst score for those that failed here the difference would be -0.17",
    );
  });

  test("of trials and documents without a score is known where those belong", async () => {
    const data = numbered(60).map(({ i }) => ({
      inputs: { i },
      metadata: { document_id: i % 20 },
    }));
    const of = (i: number, trial: number) => {
      if (i === 7 && trial === 1) throw new Error("down");
      return i % 2 === 0 ? 5 : 4;
    };
    for (const guarantee of ["standard", "exact"] as const) {
      const more = { data, guarantee, trials: 3, gates: ["value >= 2.5"], strict: true };
      const { gates } = await at.evaluate(options(of, { ...more, maxFailed: 0.05 }));
      expect(gates[0]).toMatchObject({ verdict: "pass", counts: { scored: 179, clusters: 20 } });
      expect(gates[0]?.message).toContain("which changes nothing");
    }
  });

  test("is the same whatever the order of the rows", async () => {
    const gates = ["value >= 3.2", "at most 9 rows: value < 2", "value[kind=1] >= 3"];
    const data = numbered(40).map(({ i }) => ({ i, kind: i % 2 }));
    const of = (i: number) => 1 + (i % 5);
    for (const guarantee of ["standard", "exact"] as const) {
      const [straight, turned] = [
        await at.evaluate(options(of, { data, gates, guarantee })),
        await at.evaluate(options(of, { data: data.toReversed(), gates, guarantee })),
      ];
      const plain = (result: typeof straight) =>
        result.gates.map(({ message: _message, ...gate }) => gate);
      expect(plain(turned)).toEqual(plain(straight));
    }
  });

  test("counts single trials, where a gate wants some of several", async () => {
    const of = (i: number, trial: number) => (i === 0 || trial < 2 ? 5 : 1);
    const gates = ["2 of 3 trials: value >= 4", "every row: value >= 4", "no row: value == 3"];
    const result = await at.evaluate(options(of, { trials: 3, gates }));
    expect(result.gates.map(({ decision }) => decision)).toEqual(["pass", "fail", "pass"]);
    expect(result.gates[1]?.message).toContain("1 of 40 rows have value >= 4; every row must");
  });
});

describe("stored runs", () => {
  test("are decided by other gates as the evaluation itself would be", async () => {
    const of = (i: number) => 1 + (i % 5);
    const gates = ["value >= 3.2", "value/p90 <= 4.9", "at least 50% of rows: value >= 3"];
    const own = await at.evaluate(options(of, { gates }));
    const later = await decideStoredRun(await at.open(), own.runId, { gates });
    const plain = ({ verdict, decision, estimate }: (typeof later)[number]) => [
      verdict,
      decision,
      estimate,
    ];
    expect(later.map(plain)).toEqual(own.gates.map(plain));
    await expect(
      decideStoredRun(await at.open(), own.runId, { gates: ["value[x=1] >= 3"] }),
    ).rejects.toThrow(/no row has the field x\. There are i/);
  });

  test("have no mean where some verdicts are words, as the evaluation has none", async () => {
    const of = (i: number) => (i % 5 === 0 ? "n/a" : 5) as number;
    const gates = [
      "value >= 4.5",
      "value[kind=odd] >= 4.5",
      "value/p90 >= 4",
      "every row: value >= 4",
    ];
    const data = numbered(40).map(({ i }) => ({ i, kind: i % 2 === 0 ? "even" : "odd" }));
    const result = await at.evaluate(options(of, { data, gates, strict: true }));
    for (const found of [result.gates, await result.decide(gates, { strict: true })]) {
      expect(found.map(({ decision }) => decision)).toEqual(["fail", "fail", "fail", "fail"]);
      for (const gate of found.slice(0, 3)) {
        expect(gate).not.toHaveProperty("estimate");
        expect(gate.message).toContain("was not measured");
      }
      expect(found[3]?.message).toContain("32 of 40 rows");
    }
  });

  test("know how sure latency is, as the evaluation does", async () => {
    const gates = ["latency/mean <= 60s", "latency/p90 <= 60s"];
    const data = numbered(100);
    const result = await at.evaluate(options(() => 5, { data, gates, strict: true }));
    expect(result.gates.map(({ verdict }) => verdict)).toEqual(["pass", "pass"]);
    expect(await result.decide(gates, { strict: true })).toEqual(result.gates);
  });

  test("refuse 80 for 80 % of verdicts that are yes or no, which the evaluation tells", async () => {
    const polite = defineScorer({ name: "polite" }, ({ outputs }) => outputs === 1);
    const of = (i: number) => Number(i % 10 !== 0);
    const gates = ["polite >= 80"];
    const result = await at.evaluate(options(of, { scorers: [polite], gates }));
    const problem =
      "polite says yes or no, which is 1 or 0, so >= 80 tells nothing: did you mean 80%?";
    expect(result.gates[0]).toMatchObject({ verdict: "undecided", decision: "fail", problem });
    expect(result.gates[0]?.message).toBe(`polite >= 80 cannot be decided: ${problem}`);
    await expect(result.decide(gates)).rejects.toThrow(`Gate "polite >= 80": ${problem}`);
    await expect(result.decide(["every row: polite >= 2"])).rejects.toThrow(/>= 2 tells nothing$/);
    await expect(result.decide(["polite >= 80%"])).resolves.toMatchObject([{ decision: "pass" }]);
  });

  test.each([
    ["polite <= 5", "<= 5 tells nothing: did you mean 5%?"],
    ["polite < 50", "< 50 tells nothing: did you mean 50%?"],
    ["polite >= 120%", ">= 120% tells nothing"],
    ["no row: polite == 0.5", "== 0.5 tells nothing"],
    ["no row: polite == wrong", 'the scores of polite are yes or no, which "wrong" never equals'],
    ["no row: length == short", 'the scores of length are numbers, which "short" never equals'],
    ["every row: length == true", "numbers, which are neither true nor false"],
    ["label >= 0.5", "label gives words, which have no mean"],
    ["no row: label >= 0.5", "label gives words, which a number never meets"],
  ])("give no verdict on %s, whatever the rows are", async (gate, problem) => {
    const scorers = [
      defineScorer({ name: "polite" }, ({ outputs }) => outputs === 1),
      defineScorer({ name: "length" }, () => 40),
      defineScorer({ name: "label" }, () => "safe"),
    ];
    const given = options((i) => i % 2, { scorers, gates: [gate] });
    for (const strict of [false, true]) {
      const { gates } = await at.evaluate({ ...given, strict });
      expect(gates[0]).toMatchObject({ verdict: "undecided", decision: "fail" });
      expect(gates[0]?.problem).toContain(problem);
    }
  });

  test("are proven by one row above a maximum, or below a minimum", async () => {
    const gates = ["value/max <= 4", "value/min >= 2", "value/p90 >= 1.5"];
    const strict = await at.evaluate(options((i) => 1 + (i % 5), { gates, strict: true }));
    expect(strict.gates.map(({ verdict }) => verdict)).toEqual(["fail", "fail", "pass"]);
    const below = await at.evaluate(options(() => 3, { gates: ["value/max <= 4"] }));
    expect(below.gates[0]?.verdict).toBe("undecided");
  });

  test("on rows that nothing applies to say so", async () => {
    const none = defineScorer({ name: "none" }, () => ({
      kind: "unscored" as const,
      reason: "not-applicable" as const,
      detail: "no",
    }));
    const gates = ["every row: none >= 3"];
    const { gates: found } = await at.evaluate(options(() => 3, { scorers: [none], gates }));
    expect(found[0]).toMatchObject({ verdict: "undecided", decision: "fail" });
    expect(found[0]?.message).toBe(
      "none applies to no row, so there is nothing to decide by; demanded: every row: none >= 3",
    );
  });

  test.each(["no row: label == toxic", "polite > 0", "polite < 1", "no row: polite == 1"])(
    "give one on %s",
    async (gate) => {
      const scorers = [
        defineScorer({ name: "polite" }, ({ outputs }) => outputs === 1),
        defineScorer({ name: "label" }, () => "safe"),
      ];
      const { gates } = await at.evaluate(options((i) => i % 2, { scorers, gates: [gate] }));
      expect(gates[0]?.problem).toBeUndefined();
    },
  );

  test("that stopped early are no baseline, and decide no other gates", async () => {
    const early = await at.evaluate(
      options(() => 5, { data: numbered(400), budget: "adaptive", gates: ["value >= 3"] }),
    );
    expect(early.adaptive).toBeDefined();
    const store = await at.open();
    await expect(setBaselineAlias(store, early.runId, "main")).rejects.toThrow(/stopped early/);
    await expect(decideStoredRun(store, early.runId, { gates: ["value >= 4"] })).rejects.toThrow(
      /part of the rows, and decide no other gates/,
    );
  });

  test("compare on the rows that both have, and name the others", async () => {
    const before = await at.evaluate(options((i) => 3 + (i % 3)));
    const now = await at.evaluate(
      options((i) => (i % 3 === 0 ? 1 : 3 + (i % 3)), { data: numbered(45) }),
    );
    const store = await at.open();
    await expect(compareRuns(store, now.runId, before.runId)).rejects.toThrow(
      /^The baseline \(run \w+\) was measured on other rows/,
    );
    const { scorers } = await compareRuns(store, now.runId, before.runId, { allowMismatch: true });
    expect(scorers[0]).toMatchObject({
      scorer: "value",
      pairs: 40,
      regressed: 14,
      improved: 0,
      verdict: "worse",
      onlyBaseline: [],
    });
    expect(scorers[0]?.onlyCandidate).toHaveLength(5);
    // 14 of 40 rows fell by 2.
    expect(scorers[0]?.difference).toBeCloseTo(-28 / 40, 12);
    expect(scorers[0]?.worst[0]).toMatchObject({ before: 3, after: 1 });
  });

  test("tell how many rows and trials the next evaluation needs", async () => {
    // Trials ±1 around 2 or 4: σ_w² = 2, row means vary by 40/39, σ_b² = 40/39 − 1.
    const pilot = await at.evaluate(
      options((i, trial) => (i % 2 ? 4 : 2) + (trial === 0 ? -1 : 1), { trials: 2 }),
    );
    const plan = await planSizes(await at.open(), pilot.runId, { halfWidth: 0.2, difference: 0.3 });
    expect(plan.pilot.withinVariance).toBeCloseTo(2, 9);
    expect(plan.pilot.betweenVariance).toBeCloseTo(40 / 39 - 1, 9);
    // (1.959964 / 0.2)² · (σ_b² + 2/K) = 96.036 · (0.025641 + 2/K) is 195, 67, 41 and 22 rows; the interval of
    // gates, with a pseudo-score at each end of 1 to 5 and Student's t, wants some more.
    const rows = plan.precision?.sizes.map((size) => size.rows) ?? [];
    expect(rows).toEqual([197, 76, 54, 40]);
    for (const [index, trials] of [1, 3, 5, 10].entries()) {
      const variance = 40 / 39 - 1 + 2 / trials;
      const halfWidth = (n: number) => {
        const found = plusTwoTInterval({ n, mean: 3, m2: variance * (n - 1) }, [1, 5]);
        return ((found?.upper ?? 0) - (found?.lower ?? 0)) / 2;
      };
      expect(halfWidth(rows[index] ?? 0)).toBeLessThanOrEqual(0.2);
      expect(halfWidth((rows[index] ?? 0) - 1)).toBeGreaterThan(0.2);
    }
    // (1.644854 + 0.841621)² · 2 · (0.025641 + 2) / 0.09 = 278.3, and some more for the same reason.
    expect(plan.detection).toMatchObject({ isPaired: false });
    expect(plan.detection?.sizes[0]?.rows).toBe(285);
    expect(plan.notes).toEqual([]);
  });

  test("plan with what a pilot cannot tell", async () => {
    const store = await at.open();
    // A run does not differ from itself, which does not make two rows enough to see a difference.
    const same = await at.evaluate(options(() => 4, { data: numbered(5) }));
    const plan = await planSizes(store, same.runId, { difference: 0.3, baseline: same.runId });
    expect(plan.detection?.sizes[0]?.rows).toBeGreaterThan(30);
    // Scores that are all the same have an interval of ± 0.2 no sooner than this.
    expect(plan.precision?.sizes[0]?.rows).toBeGreaterThan(20);
    expect(plan.notes).toEqual([
      expect.stringMatching(
        /^all 5 rows score the same: the sizes are what the intervals need at the/,
      ),
      expect.stringMatching(/^a pilot of 5 rows tells little/),
    ]);
    const free = defineScorer({ name: "free" }, ({ outputs }) => outputs as number);
    const unbounded = await at.evaluate(options(() => 4, { scorers: [free] }));
    await expect(planSizes(store, unbounded.runId)).rejects.toThrow(
      /all 40 rows of free score the same/,
    );
    await expect(planSizes(store, same.runId, { halfWidth: 0 })).rejects.toThrow(/above 0, got 0/);
  });

  test("plan more rows where those of one document are alike", async () => {
    const of = (i: number) => (i % 8 < 4 ? 5 : 3);
    const data = numbered(40).map(({ i }) => ({ inputs: { i }, metadata: { document_id: i % 8 } }));
    const store = await at.open();
    const alone = await planSizes(store, (await at.evaluate(options(of))).runId);
    const grouped = await planSizes(store, (await at.evaluate(options(of, { data }))).runId);
    // Five rows of a document say what one does: 5 · (39/40) · (8/7), by the formulas of both errors.
    expect(grouped.pilot).toMatchObject({ groups: 8 });
    expect(grouped.pilot.designEffect).toBeCloseTo((5 * (39 / 40) * 8) / 7, 9);
    const [few = 0, many = 0] = [alone, grouped].map((plan) => plan.precision?.sizes[0]?.rows ?? 0);
    expect(many).toBe(Math.ceil(few * ((5 * (39 / 40) * 8) / 7)));
    expect(grouped.notes).toEqual([
      expect.stringMatching(/^a pilot of 8 groups of rows tells little/),
    ]);
    const one = data.map((row) => ({ ...row, metadata: { document_id: "d" } }));
    const single = await at.evaluate(options(of, { data: one, gates: ["value >= 3"] }));
    await expect(planSizes(store, single.runId)).rejects.toThrow(/belong to one group/);
    expect(single.gates[0]).toMatchObject({ verdict: "undecided", decision: "pass" });
    expect(single.gates[0]?.interval).toBeUndefined();
  });

  test("are sure of nothing by rows that are all the same, or of a percentile by rows of documents", async () => {
    const free = defineScorer({ name: "free" }, ({ outputs }) => outputs as number);
    const gates = ["free >= 50"];
    const same = await at.evaluate(
      options(() => 100, { scorers: [free], data: numbered(2), gates }),
    );
    expect(same.gates[0]).toMatchObject({ verdict: "undecided", decision: "pass", estimate: 100 });
    expect(same.gates[0]?.message).toContain(
      "met here, but all 2 rows score the same, which says nothing of how others differ",
    );
    const data = numbered(40).map(({ i }) => ({ inputs: { i }, metadata: { document_id: i % 8 } }));
    const median = { gates: ["value/median >= 2"] };
    const of = (i: number) => 3 + (i % 3);
    const [alone, grouped] = [
      await at.evaluate(options(of, median)),
      await at.evaluate(options(of, { ...median, data })),
    ];
    expect(alone.gates[0]?.verdict).toBe("pass");
    expect(grouped.gates[0]).toMatchObject({ verdict: "undecided", decision: "pass" });
    expect(grouped.gates[0]?.message).toContain(
      "rows that belong to groups give this metric no interval",
    );
  });

  test("say the worst case of rows that failed, of yes and no without a scale as well", async () => {
    const polite = defineScorer({ name: "polite" }, ({ outputs }) => outputs === 1);
    const result = await at.evaluate(
      options(
        (i) => {
          if (i === 0) throw new Error("no answer");
          return 1;
        },
        { scorers: [polite], maxFailed: 0.1, gates: ["polite >= 99%"] },
      ),
    );
    expect(result.gates[0]?.worstCase).toEqual({ lower: 39 / 40, upper: 1 });
    expect(result.gates[0]?.message).toContain("it would be 97.5 %, which would miss it");
  });
});
