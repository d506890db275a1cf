import { AssayError } from "../core/errors.ts";
import { defineScorer, type Score, type Scorer } from "../core/score.ts";
import { notApplicable } from "./not-applicable.ts";
import { type ReadNumberOptions, readNumber } from "./read-number.ts";

export interface NumericMatchOptions extends ReadNumberOptions {
  /** In the unit of the numbers; default 0. */
  readonly absoluteTolerance?: number;
  /** As a share of the larger of the two; default 1e-9. */
  readonly relativeTolerance?: number;
}

/**
 * Whether the output is the expected number, within the wider of the two tolerances. What is no
 * number does not match.
 *
 * @see Python's `math.isclose`, whose rule and default this is.
 */
export function numericMatch(options: NumericMatchOptions = {}): Scorer {
  const { absoluteTolerance = 0, relativeTolerance = 1e-9, extract = false } = options;
  if (!(absoluteTolerance >= 0) || !(relativeTolerance >= 0)) {
    throw new AssayError("invalid-argument", "Expected tolerances to be numbers from 0 and up");
  }
  return numericScorer("numeric_match", [absoluteTolerance, relativeTolerance], extract, {
    compare: (actual, expected) =>
      Math.abs(actual - expected) <=
      Math.max(
        relativeTolerance * Math.max(Math.abs(actual), Math.abs(expected)),
        absoluteTolerance,
      ),
    noNumber: false,
  });
}

/**
 * How close the output is to the expected number: 1 − |a − b| / (|a| + |b|), as autoevals'
 * NumericDiff; 1 when equal, 0 for opposite signs and for what is no number.
 */
export function numericCloseness({ extract = false }: ReadNumberOptions = {}): Scorer {
  return numericScorer("numeric_closeness", [], extract, {
    compare: (actual, expected) =>
      actual === expected
        ? 1
        : 1 - Math.abs(actual - expected) / (Math.abs(actual) + Math.abs(expected)),
    noNumber: 0,
  });
}

interface Comparison {
  readonly compare: (actual: number, expected: number) => number | boolean;
  /** What an output that is no number scores. */
  readonly noNumber: number | boolean;
}

function numericScorer(
  name: string,
  settings: readonly number[],
  extract: boolean,
  { compare, noNumber }: Comparison,
): Scorer {
  return defineScorer(
    {
      name,
      scale: [0, 1],
      greaterIsBetter: true,
      source: { kind: "code" },
      isImmediate: true,
      requires: ["expected_response"],
      fingerprint: [name, ...settings, ...(extract ? ["extract"] : [])].join(":"),
    },
    ({ output, expectations }): Score | number | boolean => {
      const expected = readNumber(expectations.expected_response);
      if (expected === undefined) {
        return notApplicable(`${name} needs a number in \`expectations.expected_response\``);
      }
      const actual = readNumber(output, { extract });
      if (actual !== undefined) return compare(actual, expected);
      return { kind: "scored", value: noNumber, rationale: "the output is no number" };
    },
  );
}
