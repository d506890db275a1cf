import { describe, expect, test } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { Score } from "../../src/core/score.ts";
import { jsonF1, jsonSchema, jsonValidity } from "../../src/metrics/index.ts";
import { notApplicable, scoreText } from "./sample.ts";

const FENCED = 'Here it is:\n```json\n{"a": 1}\n```\nAnything else?';
const wrong = (rationale: unknown) => ({ kind: "scored", value: false, rationale });

describe("json_validity", () => {
  test.each<JsonValue>(['{"a": 1}', "[]", " 12 ", "null", '"text"', { a: 1 }, [1], null, 7])(
    "takes %j for JSON",
    (outputs) => {
      expect(scoreText(jsonValidity(), outputs)).toBe(true);
    },
  );

  test.each(["{'a': 1}", '{"a": 1', "", "yes", '{"a": 1} and more', "[1,]", "NaN"])(
    "takes %j for none, and says where it breaks off without quoting it",
    (outputs) => {
      const score = scoreText(jsonValidity(), outputs);
      expect(score).toEqual(wrong(expect.stringMatching(/^not JSON: [^"]+$/)));
    },
  );

  test("takes JSON in a fence only where that is asked for", () => {
    expect(scoreText(jsonValidity(), FENCED)).toMatchObject({ value: false });
    expect(scoreText(jsonValidity({ fenced: true }), FENCED)).toBe(true);
    expect(scoreText(jsonValidity({ fenced: true }), '{"a": 1}')).toBe(true);
    expect(scoreText(jsonValidity({ fenced: true }), "```\nnope\n```")).toMatchObject({
      value: false,
    });
  });
});

describe("json_schema", () => {
  const person = {
    type: "object",
    properties: { name: { type: "string" }, age: { type: "integer", minimum: 0 } },
    required: ["name"],
    additionalProperties: false,
  };

  test("is satisfied or names what does not satisfy it", () => {
    const scorer = jsonSchema({ schema: person });
    expect(scoreText(scorer, '{"name": "Ada", "age": 36}')).toBe(true);
    expect(scoreText(scorer, { name: "Ada" })).toBe(true);
    expect(scoreText(scorer, '{"age": -1, "x": 0}')).toEqual(
      wrong(expect.stringMatching(/required property 'name'.*\/age must be >= 0|additional/)),
    );
    expect(scoreText(scorer, "Ada")).toEqual(wrong(expect.stringMatching(/^not JSON/)));
    expect(scoreText(jsonSchema({ schema: { type: "object" }, fenced: true }), FENCED)).toBe(true);
  });

  // Each draft has a keyword that the ones before lack or read otherwise (json-schema.org, release notes).
  test.each<[string, JsonObject, JsonValue, JsonValue]>([
    [
      "draft-07",
      {
        $schema: "http://json-schema.org/draft-07/schema#",
        items: [{ type: "string" }, { type: "number" }],
      },
      ["a", 1],
      [1, "a"],
    ],
    [
      "2019-09",
      {
        $schema: "https://json-schema.org/draft/2019-09/schema",
        contains: { type: "number" },
        maxContains: 1,
      },
      [1, "a"],
      [1, 2],
    ],
    [
      "2020-12",
      {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        prefixItems: [{ type: "string" }, { type: "number" }],
      },
      ["a", 1],
      [1, "a"],
    ],
    ["no draft: 2020-12", { prefixItems: [{ type: "string" }] }, ["a"], [1]],
  ])("is read in the terms of %s", (_, schema, right, not) => {
    const scorer = jsonSchema({ schema });
    expect(scoreText(scorer, right)).toBe(true);
    expect(scoreText(scorer, not)).toMatchObject({ value: false });
  });

  test.each<[unknown, RegExp]>([
    [{ type: "strnig" }, /The JSON Schema is not valid: .*type/],
    [{ $ref: "#/definitions/missing" }, /The JSON Schema is not valid: .*missing/],
    [{ $schema: "http://json-schema.org/draft-04/schema#" }, /draft-07, 2019-09 or 2020-12/],
    ["object", /Expected a JSON Schema: an object or a boolean/],
  ])("refuses %j when the scorer is made", (schema, message) => {
    const make = () => jsonSchema({ schema: schema as JsonObject });
    expect(make).toThrow(message);
    expect(make).toThrow(
      expect.toSatisfy((error: unknown) => isAssayError(error, "invalid-argument")),
    );
  });

  test("has a name and a fingerprint of its own for each schema", () => {
    const [a, b] = [jsonSchema({ schema: true }), jsonSchema({ schema: person, name: "person" })];
    expect(b.scorer.name).toBe("person");
    expect(a.scorer.fingerprint).not.toBe(b.scorer.fingerprint);
  });
});

describe("json_f1", () => {
  const parts = (scores: unknown) =>
    (scores as Score[]).map((score) => (score.kind === "scored" ? score.value : score.reason));

  // Leaves paired / leaves of the output, / leaves of the target.
  test.each<[string, JsonValue, JsonValue, number, number]>([
    ["equal", { a: 1, b: "x" }, { b: "x", a: 1 }, 1, 1],
    ["one value wrong", { a: 1, b: "x" }, { a: 1, b: "y" }, 1 / 2, 1 / 2],
    ["one missing", { a: 1 }, { a: 1, b: { c: true, d: null } }, 1, 1 / 3],
    ["one too many", { a: 1, b: 2, c: 3 }, { a: 1 }, 1 / 3, 1],
    ["in another place", { a: { b: 1 } }, { b: 1 }, 0, 0],
    ["a list in another order", [1, 2, 3], [3, 2, 1], 1 / 3, 1 / 3],
    ["an empty object for an empty list", { a: {} }, { a: [] }, 0, 0],
    ["a key with a dot", { "a.b": 1 }, { a: { b: 1 } }, 0, 0],
    ["a number for a text", { a: 1 }, { a: "1" }, 0, 0],
    ["texts of JSON", '{"a": 1}', '{"a": 1}', 1, 1],
    ["scalars", 7, 7, 1, 1],
  ])("of %s", (_, outputs, target, precision, recall) => {
    const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
    const [score, ...rest] = parts(scoreText(jsonF1(), outputs, target)) as number[];
    expect(score).toBeCloseTo(f1, 14);
    expect(rest).toEqual([precision, recall]);
  });

  test("takes numbers within the tolerance for equal", () => {
    const scorer = jsonF1({ numericTolerance: 0.5 });
    expect(parts(scoreText(scorer, { a: 1.5, b: 1.6 }, { a: 1, b: 1 }))[0]).toBe(0.5);
  });

  test("compares lists without order, with repetitions and as many pairs as there can be", () => {
    const scorer = jsonF1({ ignoreListOrder: true, numericTolerance: 1 });
    expect(parts(scoreText(scorer, ["b", "a", "a"], ["a", "b", "b"]))[0]).toBeCloseTo(2 / 3, 14);
    // 2 fits 1 and 3; only with 1 does it leave 3 for 4.
    expect(parts(scoreText(scorer, [4, 2], [3, 1]))[0]).toBe(1);
  });

  test("is 0 with the reason where the output is no JSON, and not applicable without a target", () => {
    expect(scoreText(jsonF1(), "sorry", { a: 1 })).toMatchObject({ value: 0 });
    expect(scoreText(jsonF1(), { a: 1 })).toEqual(notApplicable(expect.any(String)));
    expect(scoreText(jsonF1(), { a: 1 }, "{broken")).toEqual(
      notApplicable(expect.stringContaining("cannot read")),
    );
    expect(() => jsonF1({ numericTolerance: -1 })).toThrow(/numericTolerance/);
  });
});
