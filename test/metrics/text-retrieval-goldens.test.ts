import { describe, expect, test } from "vitest";
import type { Scorer } from "../../src/core/score.ts";
import {
  exactMatch,
  f1AtK,
  hitRateAtK,
  levenshtein,
  levenshteinDistance,
  meanAveragePrecision,
  meanReciprocalRank,
  ndcgAtK,
  normalizeSquadAnswer,
  precisionAtK,
  recallAtK,
  tokenF1,
} from "../../src/metrics/index.ts";
import { goldensMissing, goldensNote, readGoldens } from "../stats/shared-goldens.ts";
import { sampleOf, scoreIds, scoreText } from "./sample.ts";

interface TextRetrievalGoldens {
  readonly retrieval: { readonly "graded ranking": number[] } & { [measure: string]: number };
  readonly mrr: { first_relevant_ranks: (number | null)[]; "MRR (0 = none)": number };
  readonly retrieval_binary: { ranking: number[]; total_relevant: number } & {
    [measure: string]: number;
  };
  readonly squad: {
    pred: string;
    gold: string;
    norm_pred: string;
    norm_gold: string;
    em: number;
    f1: number;
  }[];
  readonly levenshtein: {
    a: string;
    b: string;
    distance: number;
    "similarity(1-d/max)": number;
  }[];
}

const goldens = readGoldens<TextRetrievalGoldens>("agreement-retrieval-text-goldens.json");

describe.skipIf(goldensMissing)(`reference values are met ${goldensNote}`, () => {
  test("by SQuAD's normalisation, exact match and F1", () => {
    expect(goldens.squad.length).toBeGreaterThanOrEqual(12);
    for (const { pred, gold, norm_pred, norm_gold, em, f1 } of goldens.squad) {
      expect(normalizeSquadAnswer(pred)).toBe(norm_pred);
      expect(normalizeSquadAnswer(gold)).toBe(norm_gold);
      expect(scoreText(exactMatch({ normalize: "squad" }), pred, gold), pred).toBe(em === 1);
      expect(scoreText(tokenF1(), pred, gold), pred).toBeCloseTo(f1, 6);
    }
  });

  test("by the Levenshtein distance and similarity", () => {
    expect(goldens.levenshtein.length).toBeGreaterThanOrEqual(8);
    for (const { a, b, distance, "similarity(1-d/max)": similarity } of goldens.levenshtein) {
      expect(levenshteinDistance(a, b)).toBe(distance);
      expect(scoreText(levenshtein(), a, b)).toBeCloseTo(similarity, 6);
    }
  });

  test("by the measures of a ranking of ten", () => {
    const { ranking, total_relevant: total, ...measures } = goldens.retrieval_binary;
    const retrieved = ranking.map((relevant, rank) => `${relevant ? "good" : "bad"}${rank}`);
    const found = retrieved.filter((id) => id.startsWith("good"));
    const missed = Array.from({ length: total - found.length }, (_, index) => `missed${index}`);
    const relevant = [...found, ...missed];
    const scorers = {
      "P@1": precisionAtK(1),
      "P@3": precisionAtK(3, { denominator: "k" }),
      "P@5": precisionAtK(5),
      "P@10": precisionAtK(10, { denominator: "k" }),
      "R@3": recallAtK(3),
      "R@5": recallAtK(5),
      "R@10": recallAtK(10),
      "nDCG@5": ndcgAtK(5, { ideal: "full" }),
      "nDCG@10_binary": ndcgAtK(10, { ideal: "full" }),
      "F1@5": f1AtK(5),
      RR: meanReciprocalRank(),
      "hit@1": hitRateAtK(1),
      "AP(divide by R=5)": meanAveragePrecision(),
      "AP(divide by min(R,10))": meanAveragePrecision(10, { denominator: "attainable" }),
      "AP(divide by retrieved relevant=4; ragas-style context precision)": meanAveragePrecision(
        undefined,
        { denominator: "retrieved" },
      ),
    };
    for (const [measure, scorer] of Object.entries(scorers)) {
      expect(scoreIds(scorer, retrieved, relevant), measure).toBeCloseTo(
        measures[measure] ?? Number.NaN,
        6,
      );
    }
  });

  test("by the nDCG of graded documents, linear and exponential", () => {
    const { "graded ranking": grades, ...measures } = goldens.retrieval;
    const graded = (extra: number[]) =>
      Object.fromEntries([...grades, ...extra].map((grade, rank) => [`d${rank}`, grade]));
    const score = (scorer: Scorer, extra: number[] = []) =>
      scorer(
        sampleOf({
          outputs: grades.map((_, rank) => `d${rank}`),
          expectations: { relevance: graded(extra) },
        }),
      );
    const full = { ideal: "full" } as const;
    expect(score(ndcgAtK(6, full))).toBeCloseTo(measures.nDCG6_linear as number, 6);
    expect(score(ndcgAtK(6, { ...full, gain: "exponential" }))).toBeCloseTo(
      measures.nDCG6_exp as number,
      6,
    );
    expect(score(ndcgAtK(3, full))).toBeCloseTo(measures.nDCG3_linear as number, 6);
    // The pool has a document of grade 3 and one of grade 2 more than were retrieved.
    expect(score(ndcgAtK(6, full), [3, 2])).toBeCloseTo(
      measures["nDCG6_linear(ideal from pool 3,3,3,2,2,2)"] as number,
      6,
    );
  });

  test("by the mean reciprocal rank", () => {
    const { first_relevant_ranks: ranks, "MRR (0 = none)": expected } = goldens.mrr;
    const scores = ranks.map((first) => {
      const ids = [1, 2, 3, 4, 5].map((rank) => (rank === first ? "good" : `bad${rank}`));
      return Number(scoreIds(meanReciprocalRank(), ids, ["good"]));
    });
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    expect(mean).toBeCloseTo(expected, 6);
  });
});
