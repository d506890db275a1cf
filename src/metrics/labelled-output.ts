import { isPlainObject, type JsonValue } from "../core/json.ts";

/** A class by its text: data has the same label as number and as text. */
export type Label = string;

/** What a classifier says of one row. */
export interface LabelledOutput {
  readonly label: Label;
  /** Of the positive class, in [0, 1]. */
  readonly probability?: number;
  /** Of each class: by label, or in the order of the label list. */
  readonly probabilities?: { readonly [label: Label]: number } | readonly number[];
}

/** A label given as text, number or boolean; undefined for anything else. */
export function labelOf(value: JsonValue | undefined): Label | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;
}

/**
 * A label alone, or `{ label, probability?, probabilities? }`; `prediction` will do for `label`, and the
 * most probable class where there is none.
 */
export function readLabelledOutput(outputs: JsonValue): LabelledOutput | undefined {
  const alone = labelOf(outputs);
  if (alone !== undefined) return { label: alone };
  if (!isPlainObject(outputs)) return undefined;
  const { probability } = outputs;
  const probabilities = readProbabilities(outputs.probabilities);
  const label =
    labelOf((outputs.label ?? outputs.prediction) as JsonValue | undefined) ??
    mostProbable(probabilities);
  if (label === undefined) return undefined;
  return {
    label,
    ...(isProbability(probability) && { probability }),
    ...(probabilities !== undefined && { probabilities }),
  };
}

function readProbabilities(value: unknown): LabelledOutput["probabilities"] {
  if (Array.isArray(value)) return value.every(isProbability) ? value : undefined;
  if (!isPlainObject(value)) return undefined;
  const isComplete = Object.values(value).every(isProbability);
  return isComplete ? (value as { [label: Label]: number }) : undefined;
}

function mostProbable(probabilities: LabelledOutput["probabilities"]): Label | undefined {
  // A list has no labels to choose from.
  if (probabilities === undefined || Array.isArray(probabilities)) return undefined;
  const [first, ...others] = Object.entries(probabilities);
  return first && others.reduce((best, next) => (next[1] > best[1] ? next : best), first)[0];
}

function isProbability(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}
