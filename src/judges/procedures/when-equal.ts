import { answerOf, canonicalJson, type JsonValue } from "../../core/index.ts";
import type { Procedure } from "../procedure.ts";
import { jsonText, referenceOf } from "../row-texts.ts";

/** Relative difference within which numbers are the same, that of Python's `math.isclose`. */
const RELATIVE_TOLERANCE = 1e-9;

/** Asks nothing where the answer is the expected one: equal numbers, equal values, equal texts. */
export function unlessEqual(value: number, otherwise: Procedure): Procedure {
  return {
    ...otherwise,
    name: `${otherwise.name} unless equal`,
    run: async (asking) => {
      const { outputs, expectations, expected } = asking.sample;
      const reference = referenceOf(expectations, expected);
      if (reference === undefined || !isSame(answerOf(outputs), reference))
        return otherwise.run(asking);
      return [{ kind: "scored", value, rationale: "The answer equals the expected one." }];
    },
  };
}

function isSame(a: JsonValue, b: JsonValue): boolean {
  if (typeof a === "number" && typeof b === "number") {
    return a === b || Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b));
  }
  return canonicalJson(a) === canonicalJson(b) || jsonText(a) === jsonText(b);
}
