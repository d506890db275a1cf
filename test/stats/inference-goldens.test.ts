import { describe, expect, test } from "vitest";
import {
  benjaminiHochbergAdjusted,
  bettingInterval,
  bettingSequence,
  bootstrap,
  clopperPearsonInterval,
  clusteredMean,
  eBenjaminiHochberg,
  empiricalBernsteinInterval,
  empiricalBernsteinSequence,
  hoeffdingInterval,
  holmAdjusted,
  jeffreysInterval,
  logWealth,
  maurerPontilInterval,
  mcnemarTest,
  mean,
  minimumDetectableDifference,
  momentsOf,
  newcombeInterval,
  normalInterval,
  optimalTrials,
  pairedDifference,
  predictableBets,
  predictionPoweredMean,
  rowsToDetect,
  runningBettingInterval,
  SequentialMeanTest,
  seededRandom,
  signFlipTest,
  standardErrorWithTrials,
  starBetsInterval,
} from "../../src/stats/index.ts";
import { goldensMissing, goldensNote, readGoldens } from "./shared-goldens.ts";

// biome-ignore lint/suspicious/noExplicitAny: the shape of a file of numbers, whose keys are sentences.
const goldens = readGoldens<any>("stats-goldens.json");

const LONG = Array.from({ length: 200 }, (_, t) => ((37 * (t + 1)) % 101) / 100);

function expectBounds(
  interval: { lower: number; upper: number } | undefined,
  [lower, upper]: readonly number[],
  digits = 8,
) {
  expect(interval?.lower).toBeCloseTo(lower as number, digits);
  expect(interval?.upper).toBeCloseTo(upper as number, digits);
}

describe.skipIf(goldensMissing)(`statistics agree with the reference values ${goldensNote}`, () => {
  test("z interval of a mean, exact and Jeffreys intervals of rates", () => {
    expectBounds(normalInterval(momentsOf(goldens.A_mean.x)), goldens.A_mean.z95);
    for (const { k, n, clopper_pearson95, jeffreys95 } of goldens.B_proportions) {
      expectBounds(clopperPearsonInterval(k, n), clopper_pearson95);
      expectBounds(jeffreysInterval(k, n), jeffreys95);
    }
  });

  test("difference of two independent rates", () => {
    const { k1, n1, k2, n2, ci95 } = goldens.D_newcombe_indep;
    expectBounds(newcombeInterval({ passes: k1, n: n1 }, { passes: k2, n: n2 }), ci95);
  });

  test("mean of clustered values", () => {
    const golden = goldens.C_cluster;
    const entries = Object.entries<number[]>(golden.clusters);
    const values = entries.flatMap(([, scores]) => scores);
    const names = entries.flatMap(([name, scores]) => scores.map(() => name));
    const found = clusteredMean(values, names);
    expect(found?.mean).toBeCloseTo(golden.mean, 8);
    expect(found?.standardError).toBeCloseTo(golden["se_cluster_C/(C-1)"], 8);
    expect(found && found.standardError * Math.sqrt(4 / 5)).toBeCloseTo(
      golden["se_cluster_no_correction(Miller)"],
      8,
    );
    expectBounds(found?.interval, golden["ci95_t_C-1"]);
  });

  test("paired differences", () => {
    const { candidate, baseline, ...golden } = goldens.D_paired;
    const found = pairedDifference(candidate, baseline);
    expect(found?.mean).toBeCloseTo(golden.diff_mean, 8);
    expect(found?.standardDeviation).toBeCloseTo(golden.diff_sd, 8);
    expect(found?.standardError).toBeCloseTo(golden.se_paired, 8);
    expect(found?.unpairedStandardError).toBeCloseTo(golden.se_unpaired, 8);
    expect(found?.correlation).toBeCloseTo(golden.corr, 8);
    expect(found?.t).toBeCloseTo(golden.t, 8);
    expect(found?.pTwoSided).toBeCloseTo(golden.p_two_sided_t11, 8);
    expect(found?.pWorse).toBeCloseTo(golden.p_one_sided_worse, 8);
    expectBounds(found?.interval, golden.ci95_t);
    const upper = pairedDifference(candidate, baseline, [1, 5], 0.9)?.interval?.upper;
    expect(upper).toBeCloseTo(golden.upper95_one_sided_tplus2_R4, 8);
    const differences = candidate.map((score: number, i: number) => score - baseline[i]);
    expect(signFlipTest(differences)?.pWorse).toBeCloseTo(golden.sign_flip_exact_p_one_sided, 12);
  });

  test("McNemar's test", () => {
    for (const { b, c, exact_p, midp, chi2_cc } of goldens.D_mcnemar) {
      const found = mcnemarTest(b, c);
      expect(found.p).toBeCloseTo(exact_p, 9);
      expect(found.midP).toBeCloseTo(midp, 9);
      expect(found.chiSquared).toBeCloseTo(chi2_cc, 9);
    }
  });

  test("bootstrap over every resample", () => {
    const golden = goldens.E_bootstrap_exhaustive;
    const found = bootstrap(golden.y as number[], (sample) => mean(sample), { isExhaustive: true });
    expect(found?.resamples).toBe(golden.B);
    expect(found?.standardError).toBeCloseTo(golden["boot_se(population)"], 8);
    expectBounds(found?.percentile, golden.percentile95_type7);
    expect(found?.z0).toBeCloseTo(golden.z0_midp, 8);
    expect(found?.acceleration).toBeCloseTo(golden.accel, 8);
    expectBounds(found?.bca, golden.bca95_type7);
  });

  test("seeded bootstrap", () => {
    const golden = goldens.E_bootstrap_mulberry32;
    const random = seededRandom(golden.seed);
    for (const uniform of golden.first4_uniforms) expect(random()).toBeCloseTo(uniform, 9);
    const found = bootstrap(golden.x as number[], (sample) => mean(sample), {
      seed: golden.seed,
      resamples: golden.B,
    });
    expectBounds(found?.percentile, golden.percentile95_type7);
    expect(found?.z0).toBeCloseTo(golden.z0_midp, 8);
    expect(found?.acceleration).toBeCloseTo(golden.accel, 8);
    expectBounds(found?.bca, golden.bca95_type7);
  });

  test("intervals that hold whatever the distribution", () => {
    const { u, hoeffding95, ...golden } = goldens.F_unit;
    expectBounds(hoeffdingInterval(momentsOf(u)), hoeffding95);
    expectBounds(
      maurerPontilInterval(momentsOf(u)),
      golden["maurer_pontil95(log 4/alpha each side)"],
    );
  });

  test("empirical Bernstein", () => {
    const { data, ...golden } = goldens.F_ebcs;
    expect([...predictableBets(data, { alpha: 0.025, cap: 0.5 }).slice(0, 5)]).toEqual(
      golden["lambda_first5(alpha/2)"],
    );
    expectBounds(empiricalBernsteinSequence(data.slice(0, 10)), [
      golden.lower_t10,
      golden.upper_t10,
    ]);
    expectBounds(empiricalBernsteinSequence(data), [golden.lower_t20, golden.upper_t20]);
    const { lower, upper } = goldens.F_ebci_fixed_n20;
    expectBounds(empiricalBernsteinInterval(data), [lower, upper]);
    const long = goldens.F_ebcs_long;
    for (const t of [50, 100, 200]) {
      expectBounds(empiricalBernsteinSequence(LONG.slice(0, t)), long[`t${t}`]);
    }
    expectBounds(empiricalBernsteinSequence(LONG, 0.95, true), long.running_intersection_t200);
    expectBounds(empiricalBernsteinInterval(LONG), goldens.F_ebci_long_fixed_n200);
  });

  test("betting intervals", () => {
    const { data } = goldens.F_ebcs;
    const bets = predictableBets(data, { alpha: 0.025, fixedN: 20 });
    const mirrored = data.map((value: number) => 1 - value);
    const wealth = goldens.F_betting_wealth;
    expect(logWealth(data, bets, 0.6)).toBeCloseTo(wealth["log_K+(m=0.6)"], 8);
    expect(logWealth(mirrored, bets, 1 - 0.9)).toBeCloseTo(wealth["log_K-(m=0.9)"], 8);
    // The reference has six digits.
    expectBounds(bettingInterval(data), goldens.F_betting_ci_n20_terminal, 5.5);
    expectBounds(runningBettingInterval(data), goldens.F_betting_ci_n20_running_max, 5.5);
    expectBounds(bettingSequence(data), goldens.F_betting_cs_t20_runningmax, 5.5);
    expectBounds(bettingInterval(LONG), goldens.F_betting_ci_long_n200_terminal, 5.5);
    expectBounds(bettingSequence(LONG), goldens.F_betting_cs_long_t200_runningmax, 5.5);
    // The reference knows it to a step of its grid, 0.0001.
    expectBounds(starBetsInterval(data), goldens.F_star_like_ci_n20, 3.5);
  });

  test("early stopping by evidence", () => {
    const pass = goldens.G_wor_gate_pass;
    const up = new SequentialMeanTest({ n: pass.N, threshold: pass.tau, scale: [0, 1] });
    for (const [t, evidence] of pass.Kplus_path.entries()) {
      expect(up.verdict).toBeUndefined();
      up.add(pass.stream[t]);
      expect(up.passEvidence).toBeCloseTo(evidence, 5.5);
    }
    expect(up.verdict).toEqual({ verdict: "pass", by: "evidence", at: pass.stop_t });
    expect(up.failEvidence).toBeCloseTo(pass.Kminus_at_stop, 5.5);

    const fail = goldens.G_wor_gate_fail;
    const down = new SequentialMeanTest({ n: fail.N, threshold: fail.tau, scale: [0, 1] });
    for (const [t, evidence] of fail.Kminus_path.entries()) {
      expect(down.verdict).toBeUndefined();
      down.add(fail.stream[t]);
      expect(down.failEvidence).toBeCloseTo(evidence, 5.5);
    }
    expect(down.verdict).toEqual({ verdict: "fail", by: "evidence", at: fail.stop_t });
    expect(down.passEvidence).toBeCloseTo(fail.Kplus_at_stop, 5.5);
  });

  test("early stopping by logic, which is told before evidence that comes with the same row", () => {
    const pass = goldens.G_wor_logic;
    const up = new SequentialMeanTest({ n: pass.N, threshold: pass.tau, scale: [0, 1] });
    for (const [t, evidence] of pass["K+"].entries()) {
      up.add(pass.stream[t]);
      expect(up.passEvidence).toBeCloseTo(evidence, 5.5);
    }
    expect(up.verdict).toEqual({ verdict: "pass", by: "logic", at: pass.stop_t });
    const fail = goldens.G_wor_logic_fail;
    const down = new SequentialMeanTest({ n: fail.N, threshold: fail.tau, scale: [0, 1] });
    for (const [t, evidence] of fail["K-"].entries()) {
      down.add(fail.stream[t]);
      expect(down.failEvidence).toBeCloseTo(evidence, 5.5);
    }
    expect(down.verdict).toEqual({ verdict: "fail", by: "logic", at: fail.stop_t });
  });

  test("power and trials", () => {
    const golden = goldens.H_power;
    expect(rowsToDetect(0.9, 0.2)).toBe(golden["paired sd=.9 delta=.2 two-sided .05 power .8"]);
    expect(rowsToDetect(0.9, 0.2, { isTwoSided: false })).toBe(golden["one-sided"]);
    expect(rowsToDetect(0.25, 0.05)).toBe(golden["sd=.25,delta=.05"]);
    expect(minimumDetectableDifference(0.9, 200)).toBeCloseTo(
      golden["MDE n=200 sd=.9 (two-sided,.8)"],
      8,
    );
    const variance = { between: 0.3, within: 0.2 };
    const errors = golden["trials: sb2=.30 sw2=.20 K=1,3,5,10 SE at n=100"];
    for (const [i, trials] of [1, 3, 5, 10].entries()) {
      expect(standardErrorWithTrials(variance, 100, trials)).toBeCloseTo(errors[i], 8);
    }
    expect(optimalTrials(variance, 5, 1)).toBeCloseTo(
      golden["optimal K (cost item=5, judge=1)"],
      8,
    );
  });

  test("several tests at once", () => {
    const { p, holm, bh, e_bh } = goldens.I_multiplicity;
    for (const [i, adjusted] of holmAdjusted(p).entries()) expect(adjusted).toBeCloseTo(holm[i], 9);
    for (const [i, adjusted] of benjaminiHochbergAdjusted(p).entries()) {
      expect(adjusted).toBeCloseTo(bh[i], 8);
    }
    expect(eBenjaminiHochberg(e_bh.e, e_bh.alpha).filter(Boolean)).toHaveLength(e_bh.rejected);
  });

  test("prediction-powered means", () => {
    const { Y, f_labeled, f_unlabeled, ...golden } = goldens.J_ppi;
    const sample = { labels: Y, judge: f_labeled, unlabelled: f_unlabeled };
    const plain = predictionPoweredMean(sample, { lambda: 1 });
    expect(plain.mean).toBeCloseTo(golden.ppi_lambda1[0], 8);
    expect(plain.standardError).toBeCloseTo(golden.ppi_lambda1[1], 8);
    const tuned = predictionPoweredMean(sample, { level: 0.9, quantile: "normal" });
    expect(tuned.lambda).toBeCloseTo(golden.lambda_hat, 8);
    expect(tuned.mean).toBeCloseTo(golden["ppi++"][0], 8);
    expect(tuned.standardError).toBeCloseTo(golden["ppi++"][1], 8);
    expectBounds(tuned.interval, golden["ppi++_ci90"]);
    expect(tuned.human.mean).toBeCloseTo(golden.human_only, 12);
    expect(mean(f_unlabeled)).toBeCloseTo(golden.judge_only, 9);
  });
});
