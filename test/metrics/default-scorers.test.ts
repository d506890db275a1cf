import { expect, test } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { scorerKey } from "../../src/core/score.ts";
import { defaultScorers, MODEL_TYPES } from "../../src/metrics/index.ts";

test("every model type brings its scorers along", () => {
  const keys = MODEL_TYPES.map((type) => [
    type,
    defaultScorers(type).map(({ scorer }) => scorerKey(scorer)),
  ]);
  expect(Object.fromEntries(keys)).toEqual({
    "question-answering": ["exact_match/v1", "token_f1/v1", "rougeL/v1"],
    "text-summarization": ["rouge1/v1", "rouge2/v1", "rougeL/v1", "rougeLsum/v1"],
    retriever: ["precision_at_3", "recall_at_3", "ndcg_at_3"],
    text: [],
  });
});

test.each(["classifier", "toString"])(
  "the unknown model type %s is refused with the known ones",
  (type) => {
    const attempt = () => defaultScorers(type);
    expect(attempt).toThrow(
      `Expected \`modelType\` to be one of question-answering, text-summarization, retriever, text; got "${type}"`,
    );
    expect(attempt).toThrow(
      expect.toSatisfy((error: unknown) => isAssayError(error, "invalid-argument")),
    );
  },
);
