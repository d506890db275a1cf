import { describe, expect, test } from "vitest";
import {
  exactMatch,
  levenshtein,
  levenshteinDistance,
  ndcgAtK,
  normalizeSquadAnswer,
  precisionAtK,
  recallAtK,
  tokenF1,
} from "../../src/metrics/index.ts";
import { goldensMissing, goldensNote, readGoldens } from "../stats/shared-goldens.ts";
import { scoreIds, scoreText } from "./sample.ts";

interface TextRetrievalGoldens {
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

  test("by precision, recall and nDCG of a ranking of ten", () => {
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
    };
    for (const [measure, scorer] of Object.entries(scorers)) {
      expect(scoreIds(scorer, retrieved, relevant), measure).toBeCloseTo(
        measures[measure] ?? Number.NaN,
        6,
      );
    }
  });
});
