import type { Agreement, Calibration, Estimate } from "../../judges/index.ts";
import { number } from "./format.ts";
import { line, type Output } from "./io.ts";
import { oneLine, renderTable } from "./table.ts";

/** Every measure, with what it says to someone who has never heard of it. */
const MEASURES: { readonly [name in keyof Required<Agreement>]: readonly [string, string] } = {
  exactAgreement: ["exact agreement", "share of rows where both say the same"],
  kappa: ["Cohen's κ", "agreement beyond chance: 0 none, 1 complete"],
  weightedKappa: ["weighted κ", "the same, where near misses count less"],
  gwetAc1: ["Gwet's AC1", "the same, when nearly all verdicts are alike"],
  krippendorffAlpha: ["Krippendorff's α", "agreement beyond chance, as between any two raters"],
  kendallTauB: ["Kendall's τ-b", "whether both put rows in the same order"],
  spearman: ["Spearman's ρ", "the same, by ranks"],
  concordance: ["concordance", "whether the numbers themselves agree, leniency included"],
  meanAbsoluteError: ["mean error", "how far off the judge is, in points of the scale"],
  balancedAccuracy: [
    "balanced accuracy",
    "share found of each verdict, averaged; people are right",
  ],
  sensitivity: ["sensitivity", "share found of what people call 1"],
  specificity: ["specificity", "share found of what people call 0"],
};

/** A calibration for people. */
export function printCalibration(found: Calibration, out: Output): void {
  const { counts } = found;
  const model = found.model === undefined ? "" : ` (${oneLine(found.model)})`;
  line(out, `${found.judge}${model} against people, on ${counts.compared} held-out rows`);
  const cells = Object.entries(MEASURES).flatMap(([name, [title, meaning]]) => {
    const value = found.agreement[name as keyof Agreement];
    return value === undefined ? [] : [[title, ...estimateCells(value), meaning]];
  });
  const columns = [
    { title: "measure" },
    { title: "value", align: "right" as const },
    { title: "95 % interval", align: "right" as const },
    { title: "what it says", flexible: true },
  ];
  line(out);
  for (const row of renderTable(columns, cells, out.columns)) line(out, row);
  printConfusion(found, out);
  line(out);
  for (const sentence of sentencesOf(found)) line(out, sentence);
  const rows = found.disagreements
    .slice(0, 8)
    .map(({ id, person, judge }) => `${oneLine(id)} (people ${person}, judge ${judge})`);
  if (rows.length > 0) line(out, `differ most on: ${rows.join("; ")}`);
  for (const note of found.notes) line(out, `note: ${note}`);
}

function estimateCells({ estimate, interval }: Estimate): [string, string] {
  return [number(estimate), interval ? range(interval) : ""];
}

const range = ({ lower, upper }: { lower: number; upper: number }) =>
  `[${number(lower)}, ${number(upper)}]`;

function printConfusion({ confusion }: Calibration, out: Output): void {
  if (confusion === undefined) return;
  const columns = [
    { title: "people ↓ judge →" },
    ...confusion.categories.map((category) => ({
      title: oneLine(String(category)),
      align: "right" as const,
    })),
  ];
  const cells = confusion.counts.map((row, i) => [
    oneLine(String(confusion.categories[i])),
    ...row.map(String),
  ]);
  line(out);
  for (const row of renderTable(columns, cells, out.columns)) line(out, row);
}

function sentencesOf(found: Calibration): string[] {
  const { bias, people, altTest, consistency, humanEquivalent, labelsNeeded, counts } = found;
  const lost = Object.entries(counts.unscored).map(([reason, n]) => `${n} ${reason}`);
  return [
    bias && biasSentence(bias),
    people?.krippendorffAlpha !== undefined &&
      `people among themselves: Krippendorff's α ${number(people.krippendorffAlpha)}, ${people.annotators} annotators`,
    altTest && altTestSentence(altTest),
    consistency &&
      `with the sides exchanged ${percent(consistency.estimate)} of the verdicts stay the same ${range(consistency.interval)}`,
    humanEquivalent &&
      `people would have given a mean of ${number(humanEquivalent.mean)} ${range(humanEquivalent.interval)} over all rows; the judge gives ${number(humanEquivalent.judge)}`,
    labelsNeeded && labelsSentence(labelsNeeded),
    lost.length > 0 && `without a verdict: ${lost.join(", ")}`,
    counts.tied > 0 && `left out because people are divided: ${counts.tied}`,
  ].filter((sentence) => typeof sentence === "string");
}

function biasSentence({ estimate, interval }: NonNullable<Calibration["bias"]>): string {
  const side = estimate > 0 ? "higher" : "lower";
  const isOpen = interval !== undefined && interval.lower <= 0 && interval.upper >= 0;
  const doubt = isOpen ? ", which may be chance" : "";
  const bounds = interval === undefined ? "" : ` ${range(interval)}`;
  return `bias: the judge scores ${number(Math.abs(estimate))} ${side} than people on average, ${bounds.trim()}${doubt}`;
}

function altTestSentence({
  winningRate,
  mayReplace,
  annotators,
}: NonNullable<Calibration["altTest"]>) {
  const wins = Math.round(winningRate * annotators.length);
  const answer = mayReplace ? "yes" : "not by these labels";
  return `may it replace a person? ${answer}: it does as well as ${wins} of ${annotators.length} annotators (alternative annotator test)`;
}

function labelsSentence({ halfWidth, labels }: NonNullable<Calibration["labelsNeeded"]>): string {
  const wanted = `to know the human mean to ±${number(halfWidth)}`;
  return labels === undefined
    ? `${wanted} these rows are too few, however many have labels`
    : `${wanted}, ${labels} labels are needed`;
}

const percent = (rate: number) => `${Number((100 * rate).toFixed(1))} %`;
