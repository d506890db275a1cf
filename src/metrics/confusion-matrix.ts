import type { Label } from "./labelled-output.ts";

/** How often each label was predicted for each target. */
export class ConfusionMatrix {
  readonly #counts = new Map<Label, Map<Label, number>>();
  #total = 0;

  add(target: Label, prediction: Label): void {
    let row = this.#counts.get(target);
    if (row === undefined) {
      row = new Map();
      this.#counts.set(target, row);
    }
    row.set(prediction, (row.get(prediction) ?? 0) + 1);
    this.#total += 1;
  }

  get total(): number {
    return this.#total;
  }

  /** All labels of targets and predictions, numbers by size, texts by code unit. */
  labels(): Label[] {
    const seen = new Set<Label>(this.#counts.keys());
    for (const row of this.#counts.values()) for (const label of row.keys()) seen.add(label);
    return sortLabels([...seen]);
  }

  count(target: Label, prediction: Label): number {
    return this.#counts.get(target)?.get(prediction) ?? 0;
  }

  /** Counts with the given label as the positive class. */
  against(label: Label): BinaryCounts {
    const truePositives = this.count(label, label);
    let predicted = 0;
    for (const row of this.#counts.values()) predicted += row.get(label) ?? 0;
    let support = 0;
    for (const count of this.#counts.get(label)?.values() ?? []) support += count;
    return {
      truePositives,
      falsePositives: predicted - truePositives,
      falseNegatives: support - truePositives,
      trueNegatives: this.#total - predicted - support + truePositives,
    };
  }
}

export interface BinaryCounts {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}

export function sortLabels(labels: readonly Label[]): Label[] {
  const areNumbers = labels.every((label) => label.trim() !== "" && !Number.isNaN(Number(label)));
  return areNumbers
    ? labels.toSorted((a, b) => Number(a) - Number(b))
    : labels.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
