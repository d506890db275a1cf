import { overlapF1 } from "../core/overlap-f1.ts";
import type { Scorer } from "../core/score.ts";
import { squadTokens } from "./squad-normalization.ts";
import { bestOf, defineTextScorer } from "./text-scorer.ts";

/** SQuAD's F1: words shared by the normalised output and the best fitting reference. */
export function tokenF1(): Scorer {
  return defineTextScorer(
    { name: "token_f1", fingerprint: "token_f1/v1" },
    (prediction, references) =>
      bestOf(references, (reference) => overlapF1(squadTokens(prediction), squadTokens(reference))),
  );
}
