import { describe, expect, test } from "vitest";
import {
  altTest,
  balancedAccuracyOf,
  benjaminiYekutieliAdjusted,
  bettingInterval,
  bootstrap,
  cohenKappa,
  confusionTable,
  finiteMeanInterval,
  flipChance,
  kendallTauB,
  krippendorffAlpha,
  labelsNeeded,
  mcnemarTest,
  missingBounds,
  normalDistribution,
  pearson,
  predictionPoweredMean,
  rowsForPrecision,
  SequentialMeanTest,
  seededRandom,
  shuffled,
  signFlipTest,
  studentTDistribution,
  trialVariance,
  wilsonInterval,
} from "../../src/stats/index.ts";

describe("distributions", () => {
  // Abramowitz and Stegun, table 26.1, and R's pnorm(-6) for the far tail.
  test.each([
    [0, 0.5],
    [1, 0.841344746068543],
    [1.96, 0.97500210485178],
    [3, 0.99865010196837],
    [-6, 9.86587645037698e-10],
  ])("Φ(%f)", (z, probability) => {
    expect(normalDistribution(z) / probability).toBeCloseTo(1, 12);
  });

  test("Student's t has the quantiles of its tables below it", () => {
    // t_{9, 0.975} = 2.262157 and t_{11, 0.975} = 2.200985 (any table).
    expect(studentTDistribution(2.262157162740992, 9)).toBeCloseTo(0.975, 9);
    expect(studentTDistribution(-2.2009851600916, 11)).toBeCloseTo(0.025, 9);
  });
});

describe("repeated trials", () => {
  test("split what rows differ by from what a re-run differs by", () => {
    // Rows (1, 3), (5, 5), (2, 4): s² = 2, 0, 2, pooled σ_w² = 4/3; means 2, 5, 3 have variance 7/3;
    // mean(s²/2) = 2/3, so σ_b² = 5/3; re-run SE = √(1 + 0 + 1)/3.
    const found = trialVariance([
      [1, 3],
      [5, 5],
      [2, 4],
    ]);
    expect(found?.within).toBeCloseTo(4 / 3, 12);
    expect(found?.between).toBeCloseTo(5 / 3, 12);
    expect(found?.icc).toBeCloseTo(5 / 9, 12);
    expect(found?.rerunStandardError).toBeCloseTo(Math.SQRT2 / 3, 12);
    expect(found?.generaliseStandardError).toBeCloseTo(Math.sqrt(7 / 9), 12);
  });

  test("are not made up where each row was tried once", () => {
    expect(trialVariance([[1], [2], [3]])).toBeUndefined();
  });

  test("tell how likely a re-run is to get the other side", () => {
    expect(flipChance(4, 4, 0.1)).toBeCloseTo(0.5, 12);
    // One √2·SE away: Φ(−1).
    expect(flipChance(4 + 0.1 * Math.SQRT2, 4, 0.1)).toBeCloseTo(0.158655253931457, 12);
    expect(flipChance(4.1, 4, 0)).toBe(0);
  });
});

describe("agreement", () => {
  test("is undefined, not 1, where both raters say the same of everything", () => {
    expect(cohenKappa(confusionTable(["yes", "yes"], ["yes", "yes"]))).toBeUndefined();
    expect(
      krippendorffAlpha([
        [1, 1],
        [1, 1],
      ]),
    ).toBeUndefined();
    expect(pearson([1, 1], [2, 3])).toBeUndefined();
    expect(kendallTauB([1, 1], [2, 3])).toBeUndefined();
  });

  test("says which verdict is outside the categories that were given", () => {
    expect(() => confusionTable([1], [7], [1, 2, 3])).toThrow(
      "Expected the categories 1, 2, 3, got 7",
    );
  });

  test("balanced accuracy of three classes is the mean of their recalls", () => {
    // 8/10, 1/2, 3/3.
    expect(
      balancedAccuracyOf([
        [8, 1, 1],
        [1, 1, 0],
        [0, 0, 3],
      ]),
    ).toBeCloseTo((0.8 + 0.5 + 1) / 3, 12);
  });

  test("Kendall's tau counts as the definition does, pair by pair", () => {
    const random = seededRandom(7);
    const x = Array.from({ length: 60 }, () => Math.floor(random() * 5));
    const y = Array.from({ length: 60 }, (_, i) => (x[i] ?? 0) + Math.floor(random() * 4));
    let [c, d, tx, ty] = [0, 0, 0, 0];
    for (let i = 0; i < 60; i += 1) {
      for (let j = 0; j < i; j += 1) {
        const dx = Math.sign((x[i] ?? 0) - (x[j] ?? 0));
        const dy = Math.sign((y[i] ?? 0) - (y[j] ?? 0));
        if (dx * dy > 0) c += 1;
        else if (dx * dy < 0) d += 1;
        else if (dx === 0 && dy !== 0) tx += 1;
        else if (dy === 0 && dx !== 0) ty += 1;
      }
    }
    const tau = (c - d) / Math.sqrt((c + d + tx) * (c + d + ty));
    expect(kendallTauB(x, y)).toBeCloseTo(tau, 12);
  });

  test("a judge that always says what the others say may replace a person who does not", () => {
    // Ada and Ben agree on 40 items and so does the judge; Cyd contradicts on every second one.
    const items = Array.from({ length: 40 }, (_, i) => ({
      judge: i % 3,
      people: { ada: i % 3, ben: i % 3, cyd: i % 2 === 0 ? i % 3 : 9 },
    }));
    const found = altTest(items, { epsilon: 0.1 });
    // Against each person the judge never does worse: d is 0 or −1, and constant 0 for Ada and Ben.
    expect(found?.annotators.map(({ advantage }) => advantage)).toEqual([1, 1, 1]);
    expect(found).toMatchObject({ winningRate: 1, mayReplace: true, advantage: 1 });
  });

  test("the alternative annotator test wants thirty items with two people", () => {
    const few = Array.from({ length: 29 }, () => ({ judge: 1, people: { ada: 1, ben: 1 } }));
    expect(altTest(few)).toBeUndefined();
    const alone = Array.from({ length: 40 }, () => ({ judge: 1, people: { ada: 1 } }));
    expect(altTest(alone)).toBeUndefined();
  });
});

describe("tests", () => {
  test("sign flips of many differences are drawn by the seed and never give p = 0", () => {
    const differences = Array.from({ length: 40 }, () => -1);
    const found = signFlipTest(differences, { seed: 3, samples: 99 });
    expect(found).toEqual({ pWorse: 0.01, pTwoSided: 0.01, isExact: false });
    expect(signFlipTest(differences, { seed: 3, samples: 99 })).toEqual(found);
  });

  test("McNemar's one-sided p is the binomial tail", () => {
    // P(X ≥ 6 of 6) = 1/64.
    expect(mcnemarTest(6, 0).pWorse).toBeCloseTo(1 / 64, 12);
    expect(mcnemarTest(0, 0).pWorse).toBe(1);
  });

  test("Benjamini–Yekutieli is Benjamini–Hochberg times the harmonic sum", () => {
    // m = 2: factor 1.5; p(2)·1.5 = 0.06, p(1)·2·1.5 = 0.03.
    const [first, second] = benjaminiYekutieliAdjusted([0.01, 0.04]);
    expect(first).toBeCloseTo(0.03, 12);
    expect(second).toBeCloseTo(0.06, 12);
  });
});

describe("bounds", () => {
  test("of a mean with scores missing reach from the worst case to the best", () => {
    expect(missingBounds(18, 5, 1, [1, 5])).toEqual({ lower: 19 / 6, upper: 23 / 6 });
  });

  test("by betting keep their promise for extreme data", () => {
    const ones = bettingInterval(new Array(50).fill(1));
    expect(ones?.upper).toBe(1);
    expect(ones?.lower).toBeGreaterThan(0.8);
    expect(ones?.lower).toBeLessThan(1);
    expect(bettingInterval([])).toBeUndefined();
  });

  test("of rows needed for a precision follow from the standard deviation", () => {
    // (1.96 · 1 / 0.1)² = 384.1 → 385.
    expect(rowsForPrecision(1, 0.1)).toBe(385);
  });

  test("Wilson's never leave [0, 1]", () => {
    for (let n = 1; n <= 200; n += 1) {
      for (let k = 0; k <= n; k += 1) {
        const { lower, upper } = wilsonInterval(k, n);
        if (!(lower >= 0 && upper <= 1 && lower <= k / n && upper >= k / n)) {
          expect.fail(`${k}/${n}: [${lower}, ${upper}]`);
        }
      }
    }
  });
});

describe("early stopping", () => {
  test("does not depend on the scale the scores are given on", () => {
    const random = seededRandom(5);
    const scores = Array.from({ length: 200 }, () => Math.min(5, 1 + Math.floor(random() * 6)));
    const on5 = new SequentialMeanTest({ n: 200, threshold: 3, scale: [1, 5] });
    const on1 = new SequentialMeanTest({ n: 200, threshold: 0.5, scale: [0, 1] });
    for (const score of scores) {
      on5.add(score);
      on1.add((score - 1) / 4);
    }
    expect(on5.verdict).toEqual(on1.verdict);
    expect(on5.verdict?.at).toBeLessThan(200);
  });

  test("rows without a score help neither side, and cannot be outvoted when they could decide", () => {
    const test10 = (scores: (number | undefined)[]) => {
      const test = new SequentialMeanTest({ n: 10, threshold: 0.5, scale: [0, 1] });
      for (const score of scores) test.add(score);
      return test.verdict;
    };
    expect(test10([1, 1, 1, 1, 1])).toMatchObject({ verdict: "pass", by: "logic" });
    expect(test10([1, 1, 1, 1, 0, 0, 0, 0, undefined, undefined])).toBeUndefined();
  });

  test("a mean exactly at the threshold passes >= and fails >", () => {
    const run = (isStrict: boolean) => {
      const test = new SequentialMeanTest({ n: 3, threshold: 0.3, scale: [0, 1], isStrict });
      for (const score of [0.1, 0.3, 0.5]) test.add(score);
      return test.verdict?.verdict;
    };
    expect(run(false)).toBe("pass");
    expect(run(true)).toBe("fail");
  });

  test("bounds on the mean of all shut in on it as more are looked at", () => {
    const all = shuffled(
      Array.from({ length: 300 }, (_, i) => (i % 4 === 0 ? 0 : 1)),
      seededRandom(1),
    );
    const early = finiteMeanInterval(all.slice(0, 60), { n: 300, scale: [0, 1] });
    const late = finiteMeanInterval(all, { n: 300, scale: [0, 1] });
    expect(early.lower).toBeLessThan(0.75);
    expect(early.upper).toBeGreaterThan(0.75);
    expect(late.lower).toBeCloseTo(0.75, 6);
    expect(late.upper).toBeCloseTo(0.75, 6);
  });
});

describe("labels", () => {
  test("fewer are needed where the judge goes with them, and as many as without where it does not", () => {
    const labels = Array.from({ length: 100 }, (_, i) => i % 2);
    const good = labels.map((label, i) => (i % 10 < 1 ? 1 - label : label));
    const blind = labels.map((_, i) => Number(i % 4 < 2));
    const withGood = labelsNeeded({ labels, judge: good }, 0.05, 5_000) ?? 0;
    const withBlind = labelsNeeded({ labels, judge: blind }, 0.05, 5_000);
    // Alone: (1.96·0.5/0.05)² = 384.1.
    expect(withBlind).toBe(385);
    // With r = 0.8 and N large the variance falls to about 1 − r² = 0.36 of it.
    expect(withGood).toBeGreaterThan(0.3 * 385);
    expect(withGood).toBeLessThan(0.45 * 385);
    expect(labelsNeeded({ labels, judge: good }, 0.001, 5_000)).toBeUndefined();
  });

  test("a judge that has nothing to do with them is left out", () => {
    const labels = Array.from({ length: 60 }, (_, i) => i % 2);
    const judge = labels.map((_, i) => Number(i % 4 < 2));
    const found = predictionPoweredMean({ labels, judge, unlabelled: judge });
    expect(found.lambda).toBe(0);
    expect(found.mean).toBe(found.human.mean);
  });
});

describe("bootstrap", () => {
  test("is the same for the same seed and leaves out resamples without a value", () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const statistic = (sample: readonly number[]) =>
      new Set(sample).size < 4 ? undefined : Math.max(...sample);
    const found = bootstrap(items, statistic, { seed: 1, resamples: 500 });
    expect(found?.resamples).toBeLessThan(500);
    expect(bootstrap(items, statistic, { seed: 1, resamples: 500 })).toEqual(found);
  });
});
