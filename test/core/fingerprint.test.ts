import { expect, test } from "vitest";
import { checkComparable, fingerprintDifference } from "../../src/core/index.ts";
import { correctness, relevance } from "../../src/judges/index.ts";

const judge = (model: string, options: object = {}) => relevance({ model, ...options }).scorer;

test("judges of one model, parameters and prompt can be compared", () => {
  expect(fingerprintDifference(judge("openai:/a"), judge("openai:/a"))).toBeUndefined();
  expect(() => checkComparable(judge("openai:/a"), judge("openai:/a"))).not.toThrow();
});

test.each([
  ["model", judge("openai:/b"), "its model changed from a to b"],
  ["provider", judge("anthropic:/a"), "its provider changed from openai to anthropic"],
  [
    "parameters",
    judge("openai:/a", { parameters: { temperature: 1 } }),
    'its parameters changed from {"temperature":0} to {"temperature":1}',
  ],
  [
    "votes",
    judge("openai:/a", { samples: 3, parameters: { temperature: 0 } }),
    "its samples changed from not set to 3",
  ],
  [
    "prompt",
    correctness({ model: "openai:/a" }).scorer,
    /its template changed from [0-9a-f]{12} to [0-9a-f]{12}/,
  ],
])("another %s is refused, and named", (_name, other, message) => {
  expect(() => checkComparable(judge("openai:/a"), other)).toThrow(
    expect.objectContaining({ code: "conflict", message: expect.stringMatching(message) }),
  );
  expect(() => checkComparable(judge("openai:/a"), other, true)).not.toThrow();
});

test("scorers without a fingerprint, plain functions, are not in the way", () => {
  expect(() => checkComparable({ name: "words" }, { name: "words" })).not.toThrow();
});
