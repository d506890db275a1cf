import { expect, test } from "vitest";
import { isAssayError } from "../../src/core/errors.ts";
import { scorerKey } from "../../src/core/score.ts";
import {
  bleu,
  defaultScorers,
  defaultScorersWithNotes,
  exactMatch,
  f1AtK,
  MODEL_TYPES,
  meanAveragePrecision,
  ndcgAtK,
  precisionAtK,
  rougeL,
  tokenF1,
} from "../../src/metrics/index.ts";

const keysOf = (...given: Parameters<typeof defaultScorers>) =>
  defaultScorers(...given).map(({ scorer }) => scorerKey(scorer));

test("every model type brings its scorers along", () => {
  const text = ["ari_grade_level/v1", "flesch_kincaid_grade_level/v1", "token_count/v1"];
  expect(Object.fromEntries(MODEL_TYPES.map((type) => [type, keysOf(type)]))).toEqual({
    "question-answering": ["exact_match/v1", "token_f1/v1", "rougeL/v1", ...text],
    "text-summarization": ["rouge1/v1", "rouge2/v1", "rougeL/v1", "rougeLsum/v1", ...text],
    text,
    retriever: ["precision_at_3", "recall_at_3", "ndcg_at_3"],
    classifier: ["accuracy_score"],
    regressor: ["mean_absolute_error"],
  });
});

test("a retriever counts as many documents as it is configured to", () => {
  expect(keysOf("retriever", { retrieverK: 6 })).toEqual([
    "precision_at_6",
    "recall_at_6",
    "ndcg_at_6",
  ]);
  expect(() => defaultScorers("retriever", { retrieverK: -1 })).toThrow(/integer from 1 and up/);
});

test("toxicity is left out with a note, unless there is a classifier", () => {
  for (const type of ["question-answering", "text-summarization", "text"]) {
    expect(defaultScorersWithNotes(type).notes).toEqual(["left out: toxicity needs a classifier"]);
    const { scorers, notes } = defaultScorersWithNotes(type, { toxicity: { classify: () => 0 } });
    expect(scorers.map(({ scorer }) => scorer.name)).toContain("toxicity");
    expect(notes).toEqual([]);
  }
  expect(defaultScorersWithNotes("retriever").notes).toEqual([]);
});

test("MLflow's metrics of a classifier and a regressor are all there", () => {
  const all = (type: string) =>
    defaultScorers(type).flatMap(({ scorer }) => [scorer.name, ...(scorer.corpus?.keys ?? [])]);
  expect(all("classifier").sort()).toEqual([
    "accuracy_score",
    "example_count",
    "f1_score",
    "false_negatives",
    "false_positives",
    "log_loss",
    "precision_recall_auc",
    "precision_score",
    "recall_score",
    "roc_auc",
    "true_negatives",
    "true_positives",
  ]);
  expect(all("regressor").sort()).toEqual([
    "example_count",
    "max_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_on_target",
    "mean_squared_error",
    "r2_score",
    "root_mean_squared_error",
    "sum_on_target",
  ]);
});

test.each(["judge", "toString"])(
  "the unknown model type %s is refused with the known ones",
  (type) => {
    const attempt = () => defaultScorers(type);
    expect(attempt).toThrow(
      `Expected \`modelType\` to be one of question-answering, text-summarization, text, retriever, classifier, regressor; got "${type}"`,
    );
    expect(attempt).toThrow(
      expect.toSatisfy((error: unknown) => isAssayError(error, "invalid-argument")),
    );
  },
);

test.each<[string, () => unknown]>([
  ["normalize", () => exactMatch({ normalize: "sqad" as never })],
  ["tokenizer", () => tokenF1({ tokenizer: "words" as never })],
  ["tokenizer", () => rougeL({ tokenizer: "words" as never })],
  ["tokenizer", () => bleu({ tokenizer: "14a" as never })],
  ["smoothing", () => bleu({ smoothing: "some" as never })],
  ["denominator", () => precisionAtK(3, { denominator: "n" as never })],
  ["denominator", () => f1AtK(3, { denominator: "n" as never })],
  ["denominator", () => meanAveragePrecision(3, { denominator: "n" as never })],
  ["ideal", () => ndcgAtK(3, { ideal: "best" as never })],
  ["gain", () => ndcgAtK(3, { gain: "log" as never })],
])("a %s that does not exist is refused when the scorer is made (%#)", (option, make) => {
  expect(make).toThrow(`Expected \`${option}\` to be one of`);
});
