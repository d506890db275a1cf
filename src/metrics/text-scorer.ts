import { canonicalJson, type JsonValue } from "../core/json.ts";
import { defineScorer, type Scorer, type ScorerInput, type ScorerOptions } from "../core/score.ts";

/** What sets one text metric apart from the others. */
export type TextMetric = Pick<ScorerOptions, "name" | "fingerprint" | "aggregations" | "bareMean">;

/**
 * A scorer in [0, 1] that compares the text of `outputs` with `expectations.expected_response`,
 * version v1. Where that is an array, its members are acceptable references.
 *
 * @param compare - Receives at least one reference.
 */
export function defineTextScorer(
  metric: TextMetric,
  compare: (prediction: string, references: readonly string[]) => number | boolean,
): Scorer {
  return defineScorer(
    {
      ...metric,
      version: "v1",
      scale: [0, 1],
      greaterIsBetter: true,
      source: { kind: "code" },
      requires: ["expected_response"],
    },
    ({ outputs, expectations }: ScorerInput) => {
      const references = referenceTexts(expectations.expected_response);
      if (references.length === 0) {
        return {
          kind: "unscored",
          reason: "not-applicable",
          detail: `${metric.name} needs \`expectations.expected_response\`, a text or a list of acceptable texts; the row has none`,
        };
      }
      return compare(textOf(outputs), references);
    },
  );
}

/** The score of the reference that fits best. */
export function bestOf(
  references: readonly string[],
  score: (reference: string) => number,
): number {
  return Math.max(...references.map(score));
}

/** The text that is compared: a string as it is, structures as canonical JSON, `null` as no text. */
export function textOf(value: JsonValue): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  return typeof value === "object" ? canonicalJson(value) : String(value);
}

function referenceTexts(expected: JsonValue | undefined): string[] {
  const references = Array.isArray(expected) ? (expected as readonly JsonValue[]) : [expected];
  return references
    .filter((reference) => reference !== undefined && reference !== null)
    .map(textOf);
}
