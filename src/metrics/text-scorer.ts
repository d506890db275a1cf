import { canonicalJson, isPlainObject, type JsonValue } from "../core/json.ts";
import { defineScorer, type Scorer, type ScorerInput, type ScorerOptions } from "../core/score.ts";
import { notApplicable } from "./not-applicable.ts";

/** What sets one text metric apart from the others. */
export type TextMetric = Pick<
  ScorerOptions,
  "name" | "fingerprint" | "aggregations" | "bareMean" | "corpus"
>;

/**
 * A scorer in [0, 1] that compares the text of `outputs` with `expectations.expected_response`,
 * version v1. Where that is an array, its members are acceptable references; so are the answers of SQuAD's
 * `{ text: [...], answer_start: [...] }`, of which an empty list stands for the empty answer.
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
      isImmediate: true,
      requires: ["expected_response"],
    },
    ({ output, expectations }: ScorerInput) => {
      const references = referenceTexts(expectations.expected_response);
      if (references.length === 0) {
        return notApplicable(
          `${metric.name} needs \`expectations.expected_response\`, a text or a list of acceptable texts; the row has none`,
        );
      }
      return compare(textOf(output), references);
    },
  );
}

/** The score of the reference that fits best. */
export function bestOf(
  references: readonly string[],
  score: (reference: string) => number,
): number {
  let best = Number.NEGATIVE_INFINITY;
  for (const reference of references) best = Math.max(best, score(reference));
  return best;
}

/** The text that is compared: a string as it is, structures as canonical JSON, `null` as no text. */
export function textOf(value: JsonValue): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  return typeof value === "object" ? canonicalJson(value) : String(value);
}

/** The acceptable texts of a row; empty where it has none. */
export function referenceTexts(expected: JsonValue | undefined): string[] {
  if (typeof expected === "string") return [expected];
  const references = squadAnswers(expected) ?? (Array.isArray(expected) ? expected : [expected]);
  return (references as readonly (JsonValue | undefined)[])
    .filter((reference) => reference !== undefined && reference !== null)
    .map(textOf);
}

function squadAnswers(expected: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (!isPlainObject(expected) || !("answer_start" in expected)) return undefined;
  const { text } = expected as { text?: JsonValue };
  if (!Array.isArray(text)) return undefined;
  // In SQuAD v2.0 a question without answers is answered by saying nothing.
  return text.length === 0 ? [""] : (text as readonly JsonValue[]);
}
