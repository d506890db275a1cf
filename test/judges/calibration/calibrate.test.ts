import { describe, expect, test } from "vitest";
import { defineScorer, type Scorer } from "../../../src/core/index.ts";
import { calibrate, type LabelledRow, makeGenaiMetric } from "../../../src/judges/index.ts";
import { scriptedChatModel } from "../../../src/testing/index.ts";

/** The ratings of the shared reference: κ .482759, quadratic .890511, τ-b .902690, ρ .948911, CCC .890511. */
const PEOPLE = [1, 2, 3, 3, 2, 1, 5, 4, 4, 2, 5, 3];
const JUDGE = [1, 2, 4, 3, 3, 1, 5, 5, 4, 3, 5, 4];

/** A judge whose verdict stands in the row. */
const echo: Scorer = defineScorer(
  { name: "echo", scale: [1, 5] },
  ({ outputs }) => outputs as number,
);

/** The same for yes and no. */
const binary: Scorer = defineScorer(
  { name: "echo", scale: [0, 1] },
  ({ outputs }) => outputs as number,
);

const rated: LabelledRow[] = PEOPLE.map((label, i) => ({
  inputs: { question: `q${i}` },
  outputs: JUDGE[i] ?? 0,
  label,
}));

describe("agreement", () => {
  test("of a judge on a scale has every measure, with an interval around each", async () => {
    const { agreement, counts, confusion } = await calibrate(echo, rated);
    expect(counts).toMatchObject({ labelled: 12, tuned: 0, compared: 12 });
    const wanted = {
      exactAgreement: 0.583333,
      kappa: 0.482759,
      weightedKappa: 0.890511,
      kendallTauB: 0.90269,
      spearman: 0.948911,
      concordance: 0.890511,
      meanAbsoluteError: 0.416667,
    };
    for (const [name, value] of Object.entries(wanted)) {
      const found = agreement[name as keyof typeof wanted];
      expect(found?.estimate, name).toBeCloseTo(value, 6);
      expect(found?.interval?.lower, name).toBeLessThan(value);
      expect(found?.interval?.upper, name).toBeGreaterThanOrEqual(value - 1e-9);
    }
    expect(confusion?.categories).toEqual([1, 2, 3, 4, 5]);
    expect(confusion?.counts[2]).toEqual([0, 0, 1, 2, 0]);
  });

  test("is told of what judge and people differ on, and how lenient the judge is", async () => {
    const { bias, disagreements } = await calibrate(echo, rated);
    // Five of twelve are one point higher.
    expect(bias?.estimate).toBeCloseTo(5 / 12, 12);
    expect(disagreements).toHaveLength(5);
    expect(disagreements[0]).toEqual({ id: "3", person: 3, judge: 4 });
  });

  test("of yes and no has sensitivity and specificity, whichever way they are written", async () => {
    const human = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0];
    const said = [1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0];
    const rows: LabelledRow[] = human.map((label, i) => ({
      inputs: { question: `q${i}` },
      outputs: said[i] ?? 0,
      label: label ? "yes" : "no",
    }));
    const { agreement } = await calibrate(binary, rows);
    // Reference: κ .625, AC1 .7, balanced .8125, TPR .75, TNR .875.
    expect(agreement.kappa?.estimate).toBeCloseTo(0.625, 9);
    expect(agreement.gwetAc1?.estimate).toBeCloseTo(0.7, 9);
    expect(agreement.balancedAccuracy?.estimate).toBeCloseTo(0.8125, 9);
    expect(agreement.sensitivity?.estimate).toBeCloseTo(0.75, 9);
    expect(agreement.specificity?.estimate).toBeCloseTo(0.875, 9);
    expect(agreement.kendallTauB).toBeUndefined();
  });

  test("is not claimed where everything is the same", async () => {
    const rows = rated.map((row) => ({ ...row, outputs: 5, label: 5 }));
    const { agreement } = await calibrate(echo, rows);
    expect(agreement.exactAgreement?.estimate).toBe(1);
    expect(agreement.kappa).toBeUndefined();
    expect(agreement.krippendorffAlpha).toBeUndefined();
  });

  test("of words with numbers is refused with what to do", async () => {
    const rows = rated.map((row) => ({ ...row, label: "good" }));
    await expect(calibrate(echo, rows)).rejects.toThrow(
      /labels are words \(e\.g\. "good"\) and the judge's verdicts numbers .*Write the labels as the judge says them/,
    );
  });
});

describe("rows that the judge was tuned on", () => {
  test("are left out and counted", async () => {
    const rows = rated.map((row, i) => ({ ...row, split: i < 4 ? "train" : "test" }) as const);
    const { counts, notes } = await calibrate(echo, rows);
    expect(counts).toMatchObject({ labelled: 12, tuned: 4, compared: 8 });
    expect(notes[0]).toBe("4 labelled rows served to tune the judge and are left out");
  });

  test("are found by the judge's own examples", async () => {
    const model = scriptedChatModel({ replies: ['{"score":4}', '{"score":2}'] });
    const judge = makeGenaiMetric({
      name: "relevance",
      definition: "d",
      gradingPrompt: "g",
      model,
      examples: [{ input: "What is HTTP?", output: "A protocol.", score: 4, justification: "j" }],
    });
    const row = (question: string, outputs: string, label: number) => ({
      inputs: { question },
      outputs,
      label,
    });
    const { counts, fingerprint } = await calibrate(judge, [
      row("What is HTTP?", "A protocol.", 4),
      row("What is TCP?", "A protocol.", 4),
      row("What is DNS?", "A name.", 2),
    ]);
    expect(counts).toMatchObject({ tuned: 1, compared: 2 });
    expect(model.calls).toHaveLength(2);
    expect(fingerprint).toBe(judge.scorer.fingerprint);
  });

  test("are never all there is", async () => {
    const rows = rated.map((row) => ({ ...row, split: "train" as const }));
    await expect(calibrate(echo, rows)).rejects.toThrow(
      /All 12 labelled rows served to tune the judge .* no calibration: label rows that the judge was not tuned on/,
    );
  });
});

describe("rows without a verdict", () => {
  test("are counted by reason and are in no measure", async () => {
    const rows = rated.map((row, i) => ({ ...row, outputs: i === 0 ? null : (row.outputs ?? 0) }));
    const judge = defineScorer({ name: "j", scale: [1, 5] }, ({ outputs }) =>
      outputs === null
        ? { kind: "unscored", reason: "judge-unparseable", detail: "d" }
        : (outputs as number),
    );
    const { counts } = await calibrate(judge, rows);
    expect(counts).toMatchObject({ compared: 11, unscored: { "judge-unparseable": 1 } });
  });

  test("may be all there is, which is an error", async () => {
    const judge = defineScorer({ name: "j" }, () => null);
    await expect(calibrate(judge, rated)).rejects.toThrow(/got 0 \(not-applicable 12\)/);
  });

  test("need no call where the verdict is known already", async () => {
    const model = scriptedChatModel({ replies: [] });
    const judge = makeGenaiMetric({ name: "r", definition: "d", gradingPrompt: "g", model });
    const rows = rated.map((row, i) => ({ ...row, verdict: JUDGE[i] ?? 0 }));
    expect((await calibrate(judge, rows)).counts.compared).toBe(12);
    expect(model.calls).toHaveLength(0);
  });
});

describe("rows that belong together", () => {
  /** Every row twice, as two rows of one document. */
  const doubled = (cluster: (i: number) => string): LabelledRow[] =>
    [...rated, ...rated].map((row, i) => ({ ...row, cluster: cluster(i % 12) }));

  test("make the interval of the bias as wide as their documents alone would", async () => {
    const { bias } = await calibrate(
      echo,
      doubled((i) => `document ${i}`),
    );
    expect(bias?.estimate).toBeCloseTo(5 / 12, 12);
    // By hand, ends of the scale ±4 as two more documents of two rows: mean 10/28, Σ of squared sums
    // 5·(36/28)² + 7·(20/28)² + (204/28)² + (244/28)² = 140.857, SE √(14/13·140.857)/28 = .439869,
    // t₁₃ = 2.160369: what plus-two makes of the twelve rows once.
    expect(bias?.interval).toMatchObject({ method: "clustered-t" });
    expect(bias?.interval?.lower).toBeCloseTo(10 / 28 - 2.160369 * 0.439869, 4);
    expect(bias?.interval?.upper).toBeCloseTo(10 / 28 + 2.160369 * 0.439869, 4);
  });

  test("need more labels, by their design effect", async () => {
    // Variance of the labels 123/12 − (35/12)² = 1.743056, so 1.959964²·1.743056/.2² = 167.4 rows; two
    // equal rows a document are worth one: design effect 2·12/11, and 365.2 rows.
    const { labelsNeeded: alone } = await calibrate(echo, rated);
    expect(alone).toEqual({ halfWidth: 0.2, labels: 168 });
    const { labelsNeeded } = await calibrate(
      echo,
      doubled((i) => `document ${i}`),
    );
    expect(labelsNeeded).toEqual({ halfWidth: 0.2, labels: 366 });
  });

  test("leave no interval where all are of one document", async () => {
    const { bias, labelsNeeded, notes } = await calibrate(
      echo,
      doubled(() => "one"),
    );
    expect(bias).toEqual({ estimate: 5 / 12 });
    expect(labelsNeeded).toBeUndefined();
    expect(notes).toContainEqual(expect.stringContaining("1 clusters only"));
  });
});

describe("labels off the judge's scale", () => {
  test("are refused with row, label and scale, whoever gave them", async () => {
    const rows = [...rated, { inputs: {}, outputs: 3, label: { ada: 3, ben: 7 } }];
    await expect(calibrate(echo, rows)).rejects.toThrow(
      /^Row 13 has the label 7, which is off the scale 1 to 5 of echo\./,
    );
  });
});

describe("several annotators", () => {
  const rows: LabelledRow[] = Array.from({ length: 60 }, (_, i) => ({
    outputs: i % 2,
    label: { ada: i % 2, ben: i % 2, cyd: i % 4 === 0 ? 1 - (i % 2) : i % 2 },
  }));

  test("are one person by majority, and the judge may or may not replace them", async () => {
    const judge = defineScorer({ name: "j", scale: [0, 1] }, ({ outputs }) => outputs as number);
    const found = await calibrate(judge, rows);
    expect(found.agreement.kappa?.estimate).toBe(1);
    expect(found.people?.annotators).toBe(3);
    expect(found.people?.krippendorffAlpha).toBeGreaterThan(0.5);
    expect(found.altTest?.mayReplace).toBe(true);
    const contrary = defineScorer(
      { name: "c", scale: [0, 1] },
      ({ outputs }) => 1 - Number(outputs),
    );
    expect((await calibrate(contrary, rows)).altTest).toMatchObject({ mayReplace: false });
  });
});

describe("the human-equivalent mean", () => {
  test("equals the reference for its ten labels and thirty other scores", async () => {
    const labels = [1, 0, 1, 1, 0, 1, 0, 1, 1, 0];
    const judge = [1, 0, 1, 1, 1, 1, 0, 0, 1, 0];
    const unlabelled = [..."110110110111010111011011101110"].map(Number);
    const rows = labels.map((label, i) => ({ outputs: judge[i] ?? 0, label }));
    const on01 = defineScorer({ name: "j", scale: [0, 1] }, ({ outputs }) => outputs as number);
    const { humanEquivalent, labelsNeeded } = await calibrate(on01, rows, { unlabelled });
    expect(humanEquivalent?.lambda).toBeCloseTo(0.466666667, 8);
    expect(humanEquivalent?.mean).toBeCloseTo(0.646666667, 8);
    expect(humanEquivalent?.standardError).toBeCloseTo(0.132982873, 8);
    // Forty rows do not make an interval of ±5 points, however many have labels.
    expect(labelsNeeded).toEqual({ halfWidth: 0.05 });
  });
});

describe("consistency", () => {
  test("is the share of verdicts that stay when the sides are exchanged", async () => {
    // Prefers the first of two whatever they are, but for the last four.
    const judge = defineScorer({ name: "pair" }, ({ inputs }) => {
      const { a, b, fair } = inputs as { a: number; b: number; fair: boolean };
      return fair ? (a > b ? "A" : "B") : "A";
    });
    const rows: LabelledRow[] = Array.from({ length: 10 }, (_, i) => ({
      inputs: { a: i, b: 5, fair: i >= 6 },
      outputs: "-",
      label: i > 5 ? "A" : "B",
    }));
    const found = await calibrate(judge, rows, {
      swap: {
        sample: (row) => {
          const { a, b, fair } = row.inputs as { a: number; b: number; fair: boolean };
          return { ...row, inputs: { a: b, b: a, fair } };
        },
        verdict: (value) => (value === "A" ? "B" : "A"),
      },
    });
    expect(found.consistency?.estimate).toBeCloseTo(0.4, 12);
  });
});
