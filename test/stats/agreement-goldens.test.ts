import { describe, expect, test } from "vitest";
import {
  binaryAgreement,
  cohenKappa,
  concordance,
  confusionTable,
  countPairs,
  exactAgreement,
  fleissKappa,
  gwetAc1,
  intraclassCorrelations,
  kendallTauB,
  kendallTauC,
  krippendorffAlpha,
  meanAbsoluteError,
  pearson,
  roganGladen,
  scottPi,
  spearman,
  weightedKappa,
} from "../../src/stats/index.ts";
import { goldensMissing, goldensNote, readGoldens } from "./shared-goldens.ts";

// biome-ignore lint/suspicious/noExplicitAny: the shape of a file of numbers, whose keys are sentences.
const goldens = readGoldens<any>("agreement-retrieval-text-goldens.json");

/** The reference has six digits. */
const close = (found: number | undefined, wanted: number) => expect(found).toBeCloseTo(wanted, 6);

describe.skipIf(goldensMissing)(`agreement equals the reference values ${goldensNote}`, () => {
  test("of two raters on an ordinal scale", () => {
    const { a, b, ...golden } = goldens.ordinal;
    const table = confusionTable(a, b);
    close(exactAgreement(table), golden.exact_agreement);
    close(cohenKappa(table), golden.cohen);
    close(weightedKappa(table, "linear"), golden.weighted_linear);
    close(weightedKappa(table, "quadratic"), golden.weighted_quadratic);
    close(pearson(a, b), golden.pearson);
    close(spearman(a, b), golden.spearman);
    close(kendallTauB(a, b), golden.kendall_tau_b);
    close(kendallTauC(a, b), golden.kendall_tau_c);
    close(concordance(a, b), golden["lin_ccc(ddof0)"]);
    close(meanAbsoluteError(a, b), golden.mae);
    const counts = countPairs(a, b);
    expect([
      counts.concordant,
      counts.discordant,
      counts.tiedX,
      counts.tiedY,
      counts.tiedBoth,
    ]).toEqual(golden["tau_counts(C,D,tieX,tieY,tieBoth)"]);
  });

  test("of yes/no verdicts", () => {
    const { human, judge, ...golden } = goldens.binary;
    const table = confusionTable(human, judge);
    const [[trueNegative, falsePositive], [falseNegative, truePositive]] = table.counts as [
      [number, number],
      [number, number],
    ];
    const rates = binaryAgreement({ truePositive, falsePositive, falseNegative, trueNegative });
    close(rates.accuracy, golden.accuracy);
    close(rates.balancedAccuracy, golden.balanced_accuracy);
    close(rates.mcc, golden.mcc);
    close(rates.f1, golden.f1_pos);
    close(rates.sensitivity, golden.tpr);
    close(rates.specificity, golden.tnr);
    close(rates.youdenJ, golden.youden_J);
    close(cohenKappa(table), golden.cohen);
    close(scottPi(table), golden.scott_pi);
    close(gwetAc1(table), golden.gwet_ac1);
  });

  test("where nearly all verdicts are the same", () => {
    const { "confusion [[hum1jud1,hum1jud0],[hum0jud1,hum0jud0]]": counts, ...golden } =
      goldens.kappa_paradox;
    const table = { categories: [1, 0], counts, n: 100 };
    close(exactAgreement(table), golden.accuracy);
    close(cohenKappa(table), golden.cohen);
    close(gwetAc1(table), golden.gwet_ac1);
    const rates = binaryAgreement({
      truePositive: 85,
      falseNegative: 5,
      falsePositive: 8,
      trueNegative: 2,
    });
    close(rates.balancedAccuracy, golden.balanced_accuracy);
    const { sensitivity = 0, specificity = 0 } = rates;
    close(roganGladen(0.93, sensitivity, specificity), golden["rogan_gladen(p_obs=.93,sens,spec)"]);
  });

  test("of many raters", () => {
    const { units, ...classic } = goldens.krippendorff_4coders_12units;
    for (const level of ["nominal", "ordinal", "interval", "ratio"] as const) {
      close(krippendorffAlpha(units, level), classic[level]);
    }
    const { coders, ...wikipedia } = goldens.krippendorff_wikipedia;
    const perUnit = coders[0].map((_: unknown, unit: number) =>
      coders.map((ratings: (number | null)[]) => ratings[unit]),
    );
    for (const level of ["nominal", "ordinal", "interval"] as const) {
      close(krippendorffAlpha(perUnit, level), wikipedia[level]);
    }
    close(fleissKappa(goldens.fleiss_wikipedia.counts), goldens.fleiss_wikipedia.kappa);
  });

  test("as intraclass correlations", () => {
    const golden = goldens.icc_shrout_fleiss;
    const { oneWay, twoWayRandom, twoWayMixed } = intraclassCorrelations(golden.data);
    close(oneWay[0], golden["ICC(1,1)"]);
    close(oneWay[1], golden["ICC(1,4)"]);
    close(twoWayRandom[0], golden["ICC(2,1)"]);
    close(twoWayRandom[1], golden["ICC(2,4)"]);
    close(twoWayMixed[0], golden["ICC(3,1)"]);
    close(twoWayMixed[1], golden["ICC(3,4)"]);
  });
});
