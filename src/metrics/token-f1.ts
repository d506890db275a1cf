import type { Scorer } from "../core/score.ts";
import { squadTokens } from "./squad-normalization.ts";
import { bestOf, defineTextScorer } from "./text-scorer.ts";

/** SQuAD's F1: words shared by the normalised output and the best fitting reference. */
export function tokenF1(): Scorer {
  return defineTextScorer(
    { name: "token_f1", fingerprint: "token_f1/v1" },
    (prediction, references) =>
      bestOf(references, (reference) => squadF1(squadTokens(prediction), squadTokens(reference))),
  );
}

/** In [0, 1]. Following SQuAD v2.0, an empty side scores 1 when both are empty, else 0. */
function squadF1(prediction: readonly string[], reference: readonly string[]): number {
  if (prediction.length === 0 || reference.length === 0) {
    return prediction.length === reference.length ? 1 : 0;
  }
  const remaining = new Map<string, number>();
  for (const token of reference) remaining.set(token, (remaining.get(token) ?? 0) + 1);
  let shared = 0;
  for (const token of prediction) {
    const left = remaining.get(token) ?? 0;
    if (left === 0) continue;
    remaining.set(token, left - 1);
    shared += 1;
  }
  return (2 * shared) / (prediction.length + reference.length);
}
