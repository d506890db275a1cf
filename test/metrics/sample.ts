import type { JsonValue } from "../../src/core/json.ts";
import type { Score, Scorer, ScorerInput } from "../../src/core/score.ts";

/** What a scorer receives for the given outputs; the rest of the row is of no interest here. */
export function sampleOf(sample: Pick<ScorerInput, "outputs"> & Partial<ScorerInput>): ScorerInput {
  const expectations = sample.expectations ?? {};
  return {
    inputs: {},
    input: {},
    output: sample.outputs,
    row: { rowKey: "r", ordinal: 0, inputs: {}, expectations },
    trial: 0,
    ...sample,
    expectations,
  };
}

/** The score of a text metric for `outputs` against `expected_response`. */
export function scoreText(
  scorer: Scorer,
  outputs: JsonValue,
  expected?: JsonValue,
): ReturnType<Scorer> {
  const expectations = expected === undefined ? {} : { expected_response: expected };
  return scorer(sampleOf({ outputs, expectations }));
}

/** The score of a retrieval metric for a list of ids. */
export function scoreIds(
  scorer: Scorer,
  outputs: readonly (string | number)[],
  relevant: readonly (string | number)[],
): ReturnType<Scorer> {
  return scorer(sampleOf({ outputs: [...outputs], expectations: { relevant_ids: [...relevant] } }));
}

export const notApplicable = (detail: unknown) =>
  ({ kind: "unscored", reason: "not-applicable", detail }) as Score;
