import { AssayError } from "../core/errors.ts";
import { defineScorer, type Score, type Scorer } from "../core/score.ts";
import { jsonLeaves, pairedValues } from "./json-leaves.ts";
import { notApplicable } from "./not-applicable.ts";
import { type ReadJsonOptions, readJson } from "./read-json.ts";

export interface JsonF1Options extends ReadJsonOptions {
  /** How far apart two numbers may be and still be equal; default 0. */
  readonly numericTolerance?: number;
  /** Default false. True compares the values of a list without regard to their order. */
  readonly ignoreListOrder?: boolean;
}

/**
 * How much of the expected structure the output has: F1 over the values at its ends, each with the
 * path that leads to it. Precision and recall come as parts. An output that is no JSON scores 0.
 */
export function jsonF1(options: JsonF1Options = {}): Scorer {
  const { numericTolerance = 0, ignoreListOrder = false, fenced = false } = options;
  if (!(numericTolerance >= 0)) {
    throw new AssayError(
      "invalid-argument",
      `Expected \`numericTolerance\` to be a number from 0 and up, got ${numericTolerance}`,
    );
  }
  const flags = [ignoreListOrder ? ":unordered" : "", fenced ? ":fenced" : ""].join("");
  return defineScorer(
    {
      name: "json_f1",
      scale: [0, 1],
      greaterIsBetter: true,
      source: { kind: "code" },
      isImmediate: true,
      requires: ["expected_response"],
      fingerprint: `json_f1:${numericTolerance}${flags}`,
    },
    ({ output, expectations }) => {
      const target = expectations.expected_response;
      if (target === undefined) {
        return notApplicable("json_f1 needs `expectations.expected_response`; the row has none");
      }
      const expected = readJson(target, { fenced: true });
      if ("problem" in expected) {
        return notApplicable(`json_f1 cannot read \`expected_response\`: ${expected.problem}`);
      }
      const read = readJson(output, { fenced });
      if ("problem" in read) return { kind: "scored", value: 0, rationale: read.problem };
      const actual = jsonLeaves(read.value, !ignoreListOrder);
      const wanted = jsonLeaves(expected.value, !ignoreListOrder);
      let paired = 0;
      for (const [path, values] of actual) {
        paired += pairedValues(values, wanted.get(path) ?? [], numericTolerance);
      }
      return scoresOf(paired, sizeOf(actual), sizeOf(wanted));
    },
  );
}

function sizeOf(leaves: ReturnType<typeof jsonLeaves>): number {
  let size = 0;
  for (const values of leaves.values()) size += values.length;
  return size;
}

function scoresOf(paired: number, actual: number, wanted: number): Score[] {
  return [
    { kind: "scored", value: (2 * paired) / (actual + wanted) },
    { kind: "scored", value: paired / actual, part: "precision" },
    { kind: "scored", value: paired / wanted, part: "recall" },
  ];
}
