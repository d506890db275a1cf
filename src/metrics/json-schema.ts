import { digestOf } from "../core/digest.ts";
import type { JsonObject } from "../core/json.ts";
import { defineScorer, type Scorer } from "../core/score.ts";
import { compileJsonSchema } from "./compile-json-schema.ts";
import { type ReadJsonOptions, readJson } from "./read-json.ts";

export interface JsonSchemaOptions extends ReadJsonOptions {
  /** Draft 7, 2019-09 or 2020-12, as its `$schema` says; 2020-12 without one. */
  readonly schema: JsonObject | boolean;
  /** Default `json_schema`. */
  readonly name?: string;
}

/**
 * Whether the output is JSON that satisfies the schema; the rationale names what does not.
 *
 * @throws {AssayError} `invalid-argument` where the schema itself is not valid.
 */
export function jsonSchema(options: JsonSchemaOptions): Scorer {
  const { schema, name = "json_schema", fenced = false } = options;
  const problemOf = compileJsonSchema(schema);
  return defineScorer(
    {
      name,
      scale: [0, 1],
      greaterIsBetter: true,
      source: { kind: "code" },
      fingerprint: `json_schema:${digestOf(schema)}${fenced ? ":fenced" : ""}`,
    },
    ({ output }) => {
      const read = readJson(output, { fenced });
      const problem = "value" in read ? problemOf(read.value) : read.problem;
      return problem === undefined || { kind: "scored", value: false, rationale: problem };
    },
  );
}
