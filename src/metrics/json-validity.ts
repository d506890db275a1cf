import { defineScorer, type Scorer } from "../core/score.ts";
import { type ReadJsonOptions, readJson } from "./read-json.ts";

/** Whether the output is JSON: a text that parses, or a structure, which is JSON already. */
export function jsonValidity({ fenced = false }: ReadJsonOptions = {}): Scorer {
  return defineScorer(
    {
      name: "json_validity",
      scale: [0, 1],
      greaterIsBetter: true,
      source: { kind: "code" },
      isImmediate: true,
      fingerprint: `json_validity${fenced ? ":fenced" : ""}`,
    },
    ({ output }) => {
      const read = readJson(output, { fenced });
      if ("value" in read) return true;
      return { kind: "scored", value: false, rationale: read.problem };
    },
  );
}
