import type { CorpusFold, CorpusResult, CorpusSample } from "../core/corpus.ts";
import type { JsonValue } from "../core/json.ts";
import { ConfusionMatrix, sortLabels } from "./confusion-matrix.ts";
import { type Label, labelOf, readLabelledOutput } from "./labelled-output.ts";
import {
  type Average,
  averagedPrecisionRecall,
  precisionRecall,
  weightedMean,
} from "./precision-recall.ts";
import { ProbabilityColumns } from "./probability-columns.ts";
import { type RankingQuality, rankingQuality } from "./ranking-quality.ts";

export interface ClassificationConfig {
  /** The classes in order. Default: all targets and predictions, numbers by size, texts by code unit. */
  readonly labels?: readonly (string | number | boolean)[];
  /** The class that precision, recall and F1 speak of when there are two. Default 1, true, or else the last. */
  readonly posLabel?: string | number | boolean;
  /** Default `binary` for two classes, `weighted` for more. */
  readonly average?: Average;
}

/** scikit-learn's log loss takes no probability for less than this. */
const SMALLEST = Number.EPSILON;
/** More classes than this make a table that nobody reads. */
const MAX_TABLE_LABELS = 100;

/** Confusion counts of all rows, and the probabilities of each for the measures that rank. */
export class ClassificationFold implements CorpusFold {
  readonly #config: ClassificationConfig;
  readonly #matrix = new ConfusionMatrix();
  readonly #probabilities = new ProbabilityColumns();
  readonly #targets: number[] = [];
  readonly #targetNumbers = new Map<Label, number>();

  constructor(config: ClassificationConfig) {
    this.#config = config;
  }

  add({ outputs, expectations }: CorpusSample): void {
    const target = labelOf(expectations.expected_response);
    const output = readLabelledOutput(outputs);
    if (target === undefined || output === undefined) return;
    this.#matrix.add(target, output.label);
    this.#probabilities.add(output);
    let number = this.#targetNumbers.get(target);
    if (number === undefined) {
      number = this.#targetNumbers.size;
      this.#targetNumbers.set(target, number);
    }
    this.#targets.push(number);
  }

  result(): CorpusResult {
    const matrix = this.#matrix;
    if (matrix.total === 0) return { metrics: {} };
    const labels = this.#labels();
    const positive = this.#positive(labels);
    const isBinary = labels.length <= 2;
    const average = this.#config.average ?? (isBinary ? "binary" : "weighted");
    const notes: string[] = [];
    const isKnown = labels.length !== 2 || labels.includes(positive);
    if (!isKnown) {
      notes.push(`posLabel ${positive} is not among the labels ${labels.join(", ")}`);
    }
    const ranked = this.#ranked(labels, positive, average, notes);
    return {
      metrics: {
        example_count: matrix.total,
        ...(isBinary && isKnown && binaryCounts(matrix, positive)),
        ...((isKnown || average !== "binary") &&
          averagedMetrics(matrix, labels, average, positive, notes)),
        ...ranked.metrics,
      },
      tables:
        labels.length > MAX_TABLE_LABELS
          ? {}
          : {
              confusion_matrix: confusionTable(matrix, labels),
              per_class_metrics: perClassTable(matrix, labels, ranked.perClass),
            },
      notes,
    };
  }

  #labels(): Label[] {
    const given = this.#config.labels?.map(String);
    const seen = this.#matrix.labels();
    if (given === undefined) return seen;
    // A prediction outside the list is a wrong one all the same.
    return [...given, ...sortLabels(seen.filter((label) => !given.includes(label)))];
  }

  #positive(labels: readonly Label[]): Label {
    if (this.#config.posLabel !== undefined) return String(this.#config.posLabel);
    for (const [no, yes] of [
      ["0", "1"],
      ["false", "true"],
    ] as const) {
      if (labels.every((label) => label === no || label === yes)) return yes;
    }
    return labels.at(-1) ?? "";
  }

  #ranked(labels: readonly Label[], positive: Label, average: Average, notes: string[]): Ranked {
    const columns = this.#probabilities.of(labels, positive);
    const { rows, without } = this.#probabilities;
    if (columns === undefined) {
      if (without < rows) {
        notes.push(
          `log_loss, roc_auc and precision_recall_auc need probabilities of all classes in one form: ${without} of ${rows} rows have none, or labels are missing`,
        );
      }
      return { metrics: {}, perClass: new Map() };
    }
    const perClass = new Map<Label, RankingQuality>();
    labels.forEach((label, index) => {
      const number = this.#targetNumbers.get(label);
      const quality = rankingQuality({
        scores: columns[index] as Float64Array,
        isPositive: (row) => this.#targets[row] === number,
      });
      if (quality !== undefined) perClass.set(label, quality);
    });
    const logLoss = this.#logLoss(labels, columns);
    if (labels.length <= 2) {
      const quality = perClass.get(positive);
      const isAbsent = labels.length === 2 && !labels.includes(positive);
      if (quality === undefined && !isAbsent) notes.push("roc_auc needs targets of both classes");
      return {
        perClass,
        metrics: {
          log_loss: logLoss,
          ...(quality && {
            roc_auc: quality.rocAuc,
            precision_recall_auc: quality.averagePrecision,
          }),
        },
      };
    }
    const rocAuc = this.#averageAuc(labels, perClass, average, notes);
    return {
      perClass,
      metrics: { log_loss: logLoss, ...(rocAuc !== undefined && { roc_auc: rocAuc }) },
    };
  }

  /** One class against all others, averaged. */
  #averageAuc(
    labels: readonly Label[],
    perClass: ReadonlyMap<Label, RankingQuality>,
    average: Average,
    notes: string[],
  ): number | undefined {
    if (average !== "macro" && average !== "weighted") return undefined;
    const lacking = labels.filter((label) => !perClass.has(label));
    if (lacking.length > 0) {
      notes.push(`roc_auc needs targets of every class; there is none of ${lacking.join(", ")}`);
      return undefined;
    }
    const supports = labels.map((label) => supportOf(this.#matrix, label));
    return weightedMean(
      labels.map((label) => perClass.get(label)?.rocAuc ?? 0),
      average === "macro" ? labels.map(() => 1) : supports,
    );
  }

  #logLoss(labels: readonly Label[], columns: readonly Float64Array[]): number {
    const columnOf = new Map(
      labels.map((label, index) => [this.#targetNumbers.get(label), columns[index]]),
    );
    let sum = 0;
    this.#targets.forEach((target, row) => {
      const probability = columnOf.get(target)?.[row] ?? 0;
      sum -= Math.log(Math.min(Math.max(probability, SMALLEST), 1 - SMALLEST));
    });
    return sum / this.#targets.length;
  }
}

interface Ranked {
  readonly metrics: { readonly [key: string]: number };
  readonly perClass: ReadonlyMap<Label, RankingQuality>;
}

function binaryCounts(matrix: ConfusionMatrix, positive: Label) {
  const counts = matrix.against(positive);
  return {
    true_negatives: counts.trueNegatives,
    false_positives: counts.falsePositives,
    false_negatives: counts.falseNegatives,
    true_positives: counts.truePositives,
  };
}

function averagedMetrics(
  matrix: ConfusionMatrix,
  labels: readonly Label[],
  average: Average,
  positive: Label,
  notes: string[],
) {
  if (average === "binary" && labels.length > 2) {
    notes.push(`average "binary" speaks of two classes; there are ${labels.length}`);
    return {};
  }
  const { precision, recall, f1 } = averagedPrecisionRecall(matrix, labels, average, positive);
  return { precision_score: precision, recall_score: recall, f1_score: f1 };
}

function supportOf(matrix: ConfusionMatrix, label: Label): number {
  const { truePositives, falseNegatives } = matrix.against(label);
  return truePositives + falseNegatives;
}

/** Counts by target, then by prediction. */
function confusionTable(matrix: ConfusionMatrix, labels: readonly Label[]): JsonValue {
  return {
    labels,
    counts: labels.map((target) => labels.map((prediction) => matrix.count(target, prediction))),
  };
}

function perClassTable(
  matrix: ConfusionMatrix,
  labels: readonly Label[],
  perClass: ReadonlyMap<Label, RankingQuality>,
): JsonValue {
  return labels.map((label) => {
    const { precision, recall, f1 } = precisionRecall(matrix.against(label));
    const quality = perClass.get(label);
    return {
      positive_class: label,
      ...binaryCounts(matrix, label),
      precision_score: precision,
      recall_score: recall,
      f1_score: f1,
      ...(quality && {
        roc_auc: quality.rocAuc,
        precision_recall_auc: quality.averagePrecision,
      }),
    };
  });
}
