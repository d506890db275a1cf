import { describe, expect, test } from "vitest";
import { scorerKey } from "../../src/core/score.ts";
import {
  bleu,
  chrf,
  exactMatch,
  levenshtein,
  rouge1,
  rouge2,
  rougeL,
  rougeLsum,
  tokenF1,
} from "../../src/metrics/index.ts";
import { aggregate } from "../../src/stats/index.ts";
import { notApplicable, scoreText } from "./sample.ts";

const everyTextScorer = [
  exactMatch(),
  tokenF1(),
  rouge1(),
  rouge2(),
  rougeL(),
  rougeLsum(),
  bleu(),
  levenshtein(),
  chrf(),
];

describe("every text metric", () => {
  test("keeps its key and fingerprint: stored scores are compared by them", () => {
    expect(everyTextScorer.map(({ scorer }) => [scorerKey(scorer), scorer.fingerprint])).toEqual([
      ["exact_match/v1", "exact_match/v1:none"],
      ["token_f1/v1", "token_f1/v1"],
      ["rouge1/v1", "rouge1/v1:ascii"],
      ["rouge2/v1", "rouge2/v1:ascii"],
      ["rougeL/v1", "rougeL/v1:ascii"],
      ["rougeLsum/v1", "rougeLsum/v1:ascii"],
      ["bleu/v1", "bleu/v1:13a:none:order=4"],
      ["levenshtein/v1", "levenshtein/v1"],
      ["chrf/v1", "chrf/v1:char=6:word=0:beta=2"],
    ]);
  });

  test("shows options that change its values in its fingerprint", () => {
    const fingerprints = [
      exactMatch({ normalize: "squad" }),
      rougeL({ tokenizer: "unicode", stemmer: true }),
      bleu({ smoothing: "floor", smoothValue: 0.2, lowercase: true }),
      chrf({ wordOrder: 2, epsSmoothing: true }),
    ].map(({ scorer }) => scorer.fingerprint);
    expect(fingerprints).toEqual([
      "exact_match/v1:squad",
      "rougeL/v1:unicode:stemmer",
      "bleu/v1:13a:floor=0.2:order=4:effective:lowercase",
      "chrf/v1:char=6:word=2:beta=2:epsSmoothing",
    ]);
  });

  test("is code, in [0, 1], better when greater, and needs an expected response", () => {
    for (const { scorer } of everyTextScorer) {
      expect(scorer).toMatchObject({
        scale: [0, 1],
        greaterIsBetter: true,
        source: { kind: "code" },
        requires: ["expected_response"],
      });
    }
  });

  test("does not apply, instead of scoring 0, where there is no expected response", () => {
    for (const scorer of everyTextScorer) {
      const { name } = scorer.scorer;
      const detail = expect.stringContaining(`${name} needs \`expectations.expected_response\``);
      expect(scoreText(scorer, "an answer"), name).toEqual(notApplicable(detail));
      expect(scoreText(scorer, "an answer", null), name).toEqual(notApplicable(detail));
      expect(scoreText(scorer, "an answer", []), name).toEqual(notApplicable(detail));
    }
  });

  test("gives 1 to the reference that fits best", () => {
    const answer = "Paris is the capital of France";
    for (const scorer of everyTextScorer) {
      const score = scoreText(scorer, answer, ["London", answer, "Rome"]);
      expect(Number(score), scorer.scorer.name).toBeCloseTo(1, 14);
    }
  });

  test("compares structures as canonical JSON and numbers as text", () => {
    expect(scoreText(exactMatch(), { b: 1, a: [true] }, '{"a":[true],"b":1}')).toBe(true);
    expect(scoreText(exactMatch(), { b: 1, a: 2 }, { a: 2, b: 1 })).toBe(true);
    expect(scoreText(exactMatch(), 42, "42")).toBe(true);
    expect(scoreText(exactMatch(), 0, 0)).toBe(true);
    expect(scoreText(exactMatch(), false, "false")).toBe(true);
  });

  test("takes an output of null as no text", () => {
    expect(scoreText(exactMatch(), null, "null")).toBe(false);
    expect(scoreText(levenshtein(), null, "null")).toBe(0);
  });
});

describe("exact_match", () => {
  test("matches MLflow's test_metric_definitions.py: case, space and order count", () => {
    const pairs = [
      ["not sentence", "sentence not"],
      ["random text", "random text"],
      ["b", "a"],
      ["c", "c"],
    ] as const;
    const scores = pairs.map(([output, target]) => scoreText(exactMatch(), output, target));
    expect(scores).toEqual([false, true, false, true]);
    expect(scoreText(exactMatch(), "paris", "Paris")).toBe(false);
  });

  test("is one bare metric, as MLflow writes it", () => {
    expect(exactMatch().scorer).toMatchObject({ bareMean: true, aggregations: ["mean"] });
  });

  test("ignores case, articles and punctuation on request", () => {
    const scorer = exactMatch({ normalize: "squad" });
    expect(scoreText(scorer, "The Eiffel Tower", "Eiffel tower.")).toBe(true);
    expect(scoreText(scorer, "New-York", "New York")).toBe(false);
  });
});

describe("token_f1", () => {
  test.each([
    ["in the year 1969", "1969", 0.5],
    ["Barack Hussein Obama", "Barack Obama", 0.8],
    ["New-York City", "New York City", 0.4],
    ["a the an", "the", 1],
    ["", "no answer", 0],
    ["no answer", "", 0],
  ])("follows the SQuAD v2.0 script for %j against %j", (output, target, expected) => {
    expect(scoreText(tokenF1(), output, target)).toBeCloseTo(expected, 12);
  });

  test("counts a repeated word as often as both texts have it", () => {
    // One "no" of three is shared: P 1/3, R 1/1.
    expect(scoreText(tokenF1(), "no no no", "no")).toBe(0.5);
  });

  test("does not take the a inside another script's word for an article", () => {
    expect(scoreText(tokenF1(), "éa", "é")).toBe(0);
  });
});

describe("MLflow's test_metric_definitions.py", () => {
  const cases = [
    {
      scorer: rouge1(),
      rows: [
        ["a", "d"],
        ["d c", "b c"],
      ],
      scores: [0, 0.5],
      mean: 0.25,
      p90: 0.45,
      variance: 0.0625,
    },
    {
      scorer: rouge2(),
      rows: [
        ["a e", "a e"],
        ["b c e", "b c d"],
      ],
      scores: [1, 0.5],
      mean: 0.75,
      p90: 0.95,
      variance: 0.0625,
    },
    {
      scorer: rougeL(),
      rows: [
        ["a", "d"],
        ["b c", "b c"],
      ],
      scores: [0, 1],
      mean: 0.5,
      p90: 0.9,
      variance: 0.25,
    },
    {
      scorer: rougeLsum(),
      rows: [
        ["a", "d"],
        ["b c", "b c"],
      ],
      scores: [0, 1],
      mean: 0.5,
      p90: 0.9,
      variance: 0.25,
    },
    {
      scorer: bleu(),
      rows: [
        ["hello world", "hello world"],
        ["this is a test", "this is a test sentence"],
      ],
      scores: [0, 0.7788007830714049],
      mean: 0.38940039153570244,
      p90: 0.7009207047642644,
      variance: 0.15163266492815836,
    },
    {
      scorer: bleu(),
      rows: [
        ["hello there general kenobi", "hello there general kenobi"],
        ["foo bar foobar", "hello there !"],
      ],
      scores: [1, 0],
      mean: 0.5,
      p90: 0.9,
      variance: 0.25,
    },
  ] as const;

  test.each(cases)(
    "is met by $scorer.scorer.name, $scores",
    ({ scorer, rows, scores, ...expected }) => {
      const actual = rows.map(([output, target]) => Number(scoreText(scorer, output, target)));
      for (const [index, score] of scores.entries()) expect(actual[index]).toBeCloseTo(score, 14);
      for (const name of ["mean", "p90", "variance"] as const) {
        expect(aggregate(name, actual), name).toBeCloseTo(expected[name], 14);
      }
    },
  );
});

test("bleu with smoothing leaves out orders the output is too short for", () => {
  expect(scoreText(bleu(), "hello world", "hello world")).toBe(0);
  expect(scoreText(bleu({ smoothing: "exp" }), "hello world", "hello world")).toBe(1);
});
