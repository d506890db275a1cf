import { defineScorer, type Scorer } from "../core/score.ts";
import { notApplicable } from "./not-applicable.ts";
import { ariGradeLevel as gradeOf } from "./readability.ts";

/** Automated Readability Index of the output text: the US school grade that can read it. No bounds. */
export function ariGradeLevel(): Scorer {
  return defineScorer(
    {
      name: "ari_grade_level",
      version: "v1",
      greaterIsBetter: false,
      source: { kind: "code" },
      isImmediate: true,
      fingerprint: "ari_grade_level/v1",
    },
    ({ output }) =>
      typeof output === "string"
        ? gradeOf(output)
        : notApplicable("ari_grade_level reads a text; the output is none"),
  );
}
