import type { Scorer } from "../core/score.ts";
import { normalizeSquadAnswer } from "./squad-normalization.ts";
import { defineTextScorer } from "./text-scorer.ts";

export interface ExactMatchOptions {
  /** Default `none`: every character counts, as in MLflow. `squad` ignores case, punctuation and articles. */
  readonly normalize?: "none" | "squad";
}

/** Whether the output is exactly (one of) the expected text(s). */
export function exactMatch({ normalize = "none" }: ExactMatchOptions = {}): Scorer {
  const normalForm = normalize === "squad" ? normalizeSquadAnswer : (text: string) => text;
  return defineTextScorer(
    {
      name: "exact_match",
      fingerprint: `exact_match/v1:${normalize}`,
      aggregations: ["mean"],
      bareMean: true,
    },
    (prediction, references) => {
      const answer = normalForm(prediction);
      return references.some((reference) => normalForm(reference) === answer);
    },
  );
}
