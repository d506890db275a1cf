import type { Scorer } from "../core/score.ts";
import { notApplicable } from "./not-applicable.ts";
import { defineLoadingScorer } from "./once-loaded.ts";
import { fleschKincaidGradeLevel as gradeOf } from "./readability.ts";
import { syllableCounter } from "./syllables.ts";

/** Flesch-Kincaid grade level of the output text, which is taken for English. No bounds. */
export function fleschKincaidGradeLevel(): Scorer {
  return defineLoadingScorer(
    {
      name: "flesch_kincaid_grade_level",
      version: "v1",
      greaterIsBetter: false,
      source: { kind: "code" },
      isImmediate: true,
      fingerprint: "flesch_kincaid_grade_level/v1",
    },
    syllableCounter,
    (syllablesOf, { output }) =>
      typeof output === "string"
        ? gradeOf(output, syllablesOf)
        : notApplicable("flesch_kincaid_grade_level reads a text; the output is none"),
  );
}
