import { sha256 } from "../core/digest.ts";
import type { Scorer } from "../core/score.ts";
import { checkChoice } from "./check-choice.ts";
import { describeNormalization, type TextNormalization, textNormalizer } from "./normalize-text.ts";
import { normalizeSquadAnswer } from "./squad-normalization.ts";
import { defineTextScorer } from "./text-scorer.ts";

export interface ExactMatchOptions {
  /**
   * What is compared. Default `none`: every character counts, as in MLflow. `squad` ignores case,
   * punctuation and articles; an object names what does not count; a function gives the text to compare.
   */
  readonly normalize?: "none" | "squad" | TextNormalization | ((text: string) => string);
}

/** Whether the output is exactly (one of) the expected text(s). */
export function exactMatch({ normalize = "none" }: ExactMatchOptions = {}): Scorer {
  const { name, normalForm } = normalizationOf(normalize);
  return defineTextScorer(
    {
      name: "exact_match",
      fingerprint: `exact_match/v1:${name}`,
      aggregations: ["mean"],
      bareMean: true,
    },
    (prediction, references) => {
      const answer = normalForm(prediction);
      return references.some((reference) => normalForm(reference) === answer);
    },
  );
}

function normalizationOf(normalize: NonNullable<ExactMatchOptions["normalize"]>): {
  name: string;
  normalForm: (text: string) => string;
} {
  if (typeof normalize === "function") {
    // Two functions of the same text count as one: what they close over cannot be seen.
    const name = `function:${sha256(normalize.toString()).slice(0, 16)}`;
    return { name, normalForm: normalize };
  }
  if (typeof normalize === "string") checkChoice("normalize", normalize, ["none", "squad"]);
  if (normalize === "squad") return { name: normalize, normalForm: normalizeSquadAnswer };
  if (normalize === "none") return { name: normalize, normalForm: (text) => text };
  return { name: describeNormalization(normalize), normalForm: textNormalizer(normalize) };
}
