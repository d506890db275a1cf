import type { BinaryCounts, ConfusionMatrix } from "./confusion-matrix.ts";
import type { Label } from "./labelled-output.ts";

/**
 * How the classes become one number: `binary`, the positive class alone; `macro`, their plain mean;
 * `weighted`, their mean by how often each is the target; `micro`, all decisions counted together.
 */
export type Average = "binary" | "macro" | "micro" | "weighted";

export const AVERAGES = ["binary", "macro", "micro", "weighted"] as const;

/** Each in [0, 1]; as in scikit-learn, 0 where there is nothing to divide by. */
export interface PrecisionRecall {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export function precisionRecall(counts: BinaryCounts): PrecisionRecall {
  const { truePositives: hits, falsePositives, falseNegatives } = counts;
  return {
    precision: ratio(hits, hits + falsePositives),
    recall: ratio(hits, hits + falseNegatives),
    f1: ratio(2 * hits, 2 * hits + falsePositives + falseNegatives),
  };
}

/** @param positive - The class that `binary` means. */
export function averagedPrecisionRecall(
  matrix: ConfusionMatrix,
  labels: readonly Label[],
  average: Average,
  positive: Label,
): PrecisionRecall {
  if (average === "binary") return precisionRecall(matrix.against(positive));
  const classes = labels.map((label) => matrix.against(label));
  if (average === "micro") return precisionRecall(classes.reduce(added, NO_COUNTS));
  const weights = classes.map(({ truePositives, falseNegatives }) =>
    average === "macro" ? 1 : truePositives + falseNegatives,
  );
  const scores = classes.map(precisionRecall);
  const mean = (read: (score: PrecisionRecall) => number) =>
    weightedMean(scores.map(read), weights);
  return {
    precision: mean(({ precision }) => precision),
    recall: mean(({ recall }) => recall),
    f1: mean(({ f1 }) => f1),
  };
}

/** 0 where no weight is above 0. */
export function weightedMean(values: readonly number[], weights: readonly number[]): number {
  const sum = values.reduce((total, value, index) => total + value * (weights[index] ?? 0), 0);
  return ratio(
    sum,
    weights.reduce((total, weight) => total + weight, 0),
  );
}

const NO_COUNTS = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 };

function added(a: BinaryCounts, b: BinaryCounts): BinaryCounts {
  return {
    truePositives: a.truePositives + b.truePositives,
    falsePositives: a.falsePositives + b.falsePositives,
    falseNegatives: a.falseNegatives + b.falseNegatives,
    trueNegatives: a.trueNegatives + b.trueNegatives,
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
