import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/core/json.ts";
import type { ScorerInput } from "../../src/core/score.ts";
import {
  f1AtK,
  hitRateAtK,
  meanAveragePrecision,
  meanReciprocalRank,
  ndcgAtK,
  precisionAtK,
  recallAtK,
} from "../../src/metrics/index.ts";
import { aggregate } from "../../src/stats/index.ts";
import { notApplicable, sampleOf, scoreIds } from "./sample.ts";

type Ids = readonly (string | number)[];

describe("MLflow's test_metric_definitions.py", () => {
  test("is met by precision_at_4", () => {
    const rows: [Ids, Ids][] = [
      [
        ["a", "b"],
        ["a", "b"],
      ],
      [
        ["c", "d"],
        ["c", "b"],
      ],
      [["e"], ["e"]],
      [["f", "g"], ["c"]],
    ];
    const scores = rows.map(([outputs, relevant]) =>
      Number(scoreIds(precisionAtK(4), outputs, relevant)),
    );
    expect(scores).toEqual([1, 0.5, 1, 0]);
    expect(aggregate("mean", scores)).toBe(0.625);
    expect(aggregate("p90", scores)).toBe(1);
    expect(aggregate("variance", scores)).toBe(0.171875);
  });

  test("is met by recall_at_4", () => {
    const rows: [Ids, Ids][] = [
      [
        ["a", "b"],
        ["a", "b", "c", "d"],
      ],
      [
        ["c", "d", "e"],
        ["c", "b", "a", "d"],
      ],
      [[], []],
      [["f", "g"], []],
      [
        ["a", "a", "a"],
        ["a", "c"],
      ],
    ];
    const scores = rows.map(([outputs, relevant]) =>
      Number(scoreIds(recallAtK(4), outputs, relevant)),
    );
    expect(scores).toEqual([0.5, 0.5, 1, 0, 0.5]);
    expect(aggregate("p90", scores)).toBeCloseTo(0.8, 14);
    expect(aggregate("variance", scores)).toBeCloseTo(0.1, 14);
  });

  test.each<[number, Ids, Ids, number]>([
    [3, [], [], 1],
    [3, [1, 2], [], 0],
    [3, [], [1], 0],
    [3, [1], [1], 1],
    [3, [2], [1], 0],
    [1, [1, 2], [1], 1],
    [3, [1, 2], [1], 1],
    [4, [2, 1, 3], [1, 2, 3], 1],
    [2, [4, 5, 1], [1, 2, 3], 0],
    [3, [4, 5, 1], [1, 2, 3], 0.2346394],
    [4, [4, 5, 1], [1, 2, 3], 0.2346394],
    [3, ["c", "c", "c"], ["a", "b"], 0],
  ])("is met by ndcg_at_%d of %j against %j", (k, outputs, relevant, expected) => {
    expect(scoreIds(ndcgAtK(k), outputs, relevant)).toBeCloseTo(expected, 6);
  });
});

describe("MLflow's test_default_evaluator.py", () => {
  test.each<[Ids, Ids, number, number, number]>([
    [["doc1", "doc3", "doc2"], ["doc1", "doc2"], 2 / 3, 1, 0.9197207891481877],
    [["doc1", "doc1", "doc3"], ["doc1", "doc3"], 1, 1, 1],
    [["doc1", "doc4", "doc5"], ["doc1", "doc2"], 1 / 3, 0.5, 0.6131471927654585],
    [[], ["doc1", "doc3"], 0, 0, 0],
  ])("is met for %j against %j", (outputs, relevant, precision, recall, ndcg) => {
    expect(scoreIds(precisionAtK(), outputs, relevant)).toBeCloseTo(precision, 14);
    expect(scoreIds(recallAtK(), outputs, relevant)).toBeCloseTo(recall, 14);
    expect(scoreIds(ndcgAtK(), outputs, relevant)).toBeCloseTo(ndcg, 14);
  });

  test("is met by the metric keys: no version, three aggregations", () => {
    for (const { scorer } of [precisionAtK(), recallAtK(), ndcgAtK()]) {
      expect(scorer.version).toBeUndefined();
      expect(scorer.aggregations).toEqual(["mean", "variance", "p90"]);
    }
    expect(precisionAtK().scorer.name).toBe("precision_at_3");
    expect(recallAtK(4).scorer.name).toBe("recall_at_4");
    expect(ndcgAtK(10).scorer.name).toBe("ndcg_at_10");
  });
});

describe("the variants that do not flatter short lists", () => {
  test("divide precision by k and count a repeated document once", () => {
    const precision = precisionAtK(4, { denominator: "k" });
    expect(scoreIds(precision, ["a"], ["a", "b"])).toBe(0.25);
    expect(scoreIds(precision, ["a", "a", "b"], ["a", "b"])).toBe(0.5);
  });

  test("compare nDCG with the ranking of all relevant documents", () => {
    // Gain 1 of 1 + 1/log2(3) = 1.63093.
    const ndcg = ndcgAtK(3, { ideal: "full" });
    expect(scoreIds(ndcg, ["a"], ["a", "b"])).toBeCloseTo(0.6131471927654585, 14);
    expect(scoreIds(ndcgAtK(3), ["a"], ["a", "b"])).toBe(1);
    expect(scoreIds(ndcg, ["a", "a", "b"], ["a", "b"])).toBeCloseTo(0.9197207891481877, 14);
  });

  test("have fingerprints of their own", () => {
    const scorers = [
      precisionAtK(3, { denominator: "k" }),
      ndcgAtK(3, { ideal: "full" }),
      ndcgAtK(3),
      recallAtK(3),
    ];
    expect(scorers.map(({ scorer }) => scorer.fingerprint)).toEqual([
      "precision_at_3:k",
      "ndcg_at_3:full",
      "ndcg_at_3:returned",
      "recall_at_3",
    ]);
  });
});

describe("retrieved ids", () => {
  const score = (sample: Partial<ScorerInput>) =>
    precisionAtK()(
      sampleOf({ outputs: "an answer", expectations: { relevant_ids: ["a", "b"] }, ...sample }),
    );

  test("come from the documents of the context when the output is a text", () => {
    const context = [
      { id: "a", content: "…" },
      { content: "…", metadata: { doc_id: "b" } },
      { content: "…", metadata: { doc_uri: "c", source: "a" } },
    ];
    expect(score({ context })).toBeCloseTo(2 / 3, 14);
  });

  test("come from documents that the model returned", () => {
    expect(score({ outputs: [{ content: "…", metadata: { source: "a" } }] })).toBe(1);
  });

  test("equal relevant ids written as numbers", () => {
    expect(score({ outputs: [1], expectations: { relevant_ids: ["1"] } })).toBe(1);
  });

  test("hold a rank where a document has none", () => {
    expect(score({ context: [{ content: "…" }, { id: "a", content: "…" }] })).toBe(0.5);
  });

  test.each<[string, Partial<ScorerInput>]>([
    ["no context", {}],
    ["a context of plain text", { context: "Paris is the capital of France." }],
    ["documents without ids", { context: [{ content: "…" }] }],
  ])("are not applicable, with the remedy, for %s", (_, sample) => {
    const remedy = expect.stringContaining("give the row a `context` of documents with an `id`");
    expect(score(sample)).toEqual(notApplicable(remedy));
  });
});

describe("relevant ids", () => {
  test.each<[string, JsonValue]>([
    ["relevant_ids", ["a"]],
    ["expected_response", ["a"]],
  ])("are read from %s", (name, ids) => {
    expect(recallAtK()(sampleOf({ outputs: ["a"], expectations: { [name]: ids } }))).toBe(1);
  });

  test("are not taken from an expected answer", () => {
    const sample = sampleOf({ outputs: ["a"], expectations: { expected_response: "Paris" } });
    expect(recallAtK()(sample)).toEqual(
      notApplicable(expect.stringContaining("recall_at_3 needs `expectations.relevant_ids`")),
    );
  });
});

test.each([0, -1, 2.5, Number.NaN])(
  "k = %d is refused at once, where MLflow drops the metric",
  (k) => {
    for (const make of [precisionAtK, recallAtK, ndcgAtK, f1AtK, hitRateAtK, meanReciprocalRank]) {
      expect(() => make(k)).toThrow(`Expected \`k\` to be an integer from 1 and up, got ${k}`);
    }
  },
);

describe("a document that was retrieved twice", () => {
  const repeated = ["a", "a", "b"];

  test("holds two ranks unless duplicates are removed before the first k are counted off", () => {
    const distinct = { removeDuplicates: true };
    expect(scoreIds(recallAtK(2), repeated, ["a", "b"])).toBe(0.5);
    expect(scoreIds(recallAtK(2, distinct), repeated, ["a", "b"])).toBe(1);
    expect(scoreIds(meanReciprocalRank(undefined, distinct), ["x", "x", "b"], ["b"])).toBe(0.5);
    expect(recallAtK(2, distinct).scorer.fingerprint).toBe("recall_at_2:distinct");
  });

  test("earns once in average precision", () => {
    // (1/1 + 2/3) / 2
    expect(scoreIds(meanAveragePrecision(), repeated, ["a", "b"])).toBeCloseTo(5 / 6, 14);
  });
});

describe("graded relevance", () => {
  const score = (relevance: JsonValue, scorer = recallAtK(2)) =>
    scorer(sampleOf({ outputs: ["a", "b"], expectations: { relevance } }));

  test("counts what has a grade above 0 as relevant", () => {
    expect(score({ a: 2, b: 0, c: 1 })).toBe(0.5);
  });

  test("comes before the list of relevant ids", () => {
    const expectations = { relevance: { a: 1 }, relevant_ids: ["x"] };
    expect(recallAtK(1)(sampleOf({ outputs: ["a"], expectations }))).toBe(1);
  });

  test("is worth its grade in nDCG", () => {
    // Gains 1 and 3 at ranks 1 and 2, of which the best order is 3, 1.
    const discounted = 1 / Math.log2(3);
    expect(score({ a: 1, b: 3 }, ndcgAtK(2))).toBeCloseTo(
      (1 + 3 * discounted) / (3 + discounted),
      14,
    );
  });

  test.each([{ a: -1 }, { a: "high" }, { a: null }])("refuses the grades %j", (grades) => {
    expect(() => score(grades as JsonValue)).toThrow(/Expected grades from 0 and up/);
  });
});

test("rows without a relevant document are not applicable where there is nothing to find", () => {
  for (const scorer of [hitRateAtK(), meanReciprocalRank(), meanAveragePrecision()]) {
    expect(scoreIds(scorer, ["a"], [])).toEqual(
      notApplicable(expect.stringContaining("needs a relevant document")),
    );
  }
  expect(scoreIds(f1AtK(), ["a"], [])).toBe(0);
  expect(scoreIds(f1AtK(), [], [])).toBe(1);
});

test("measures without a k are called by their bare name", () => {
  expect(meanReciprocalRank().scorer.name).toBe("mrr");
  expect(meanReciprocalRank(10).scorer.name).toBe("mrr_at_10");
  expect(meanAveragePrecision().scorer.name).toBe("map");
  expect(hitRateAtK(5).scorer.name).toBe("hit_rate_at_5");
});

test("average precision is 0 where no relevant document was retrieved", () => {
  expect(scoreIds(meanAveragePrecision(), ["x"], ["a"])).toBe(0);
  expect(scoreIds(meanAveragePrecision(3, { denominator: "retrieved" }), ["x"], ["a"])).toBe(0);
});

describe("ids in a table", () => {
  test.each<[string, JsonValue, { [name: string]: JsonValue }]>([
    ["relevant ids", ["d1", "d3"], { relevant_ids: '["d1","d2"]' }],
    ["retrieved ids", '["d1","d3"]', { relevant_ids: ["d1", "d2"] }],
    ["the expected response", ' [ "d1", "d3" ]\n', { expected_response: '["d1","d2"]' }],
    ["numbers", "[1, 3]", { relevant_ids: "[1, 2]" }],
    ["documents", '[{"id": "d1"}, {"id": "d3"}]', { relevance: '{"d1": 2, "d2": 1}' }],
    ["an agent's answer", { content: '["d1","d3"]', messages: [] }, { relevant_ids: ["d1"] }],
  ])("are read from JSON text: %s", (_, outputs, expectations) => {
    expect(precisionAtK(2)(sampleOf({ outputs, expectations }))).toBe(0.5);
  });

  test("that are no JSON list are no ids", () => {
    const relevant_ids = ["d1"];
    for (const outputs of ["d1", "[d1", '{"d1": 1}']) {
      const score = precisionAtK(2)(sampleOf({ outputs, expectations: { relevant_ids } }));
      expect(score).toMatchObject({ reason: "not-applicable" });
    }
  });
});
