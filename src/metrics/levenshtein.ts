import type { Scorer } from "../core/score.ts";
import { editDistance } from "./edit-distance.ts";
import { bestOf, defineTextScorer } from "./text-scorer.ts";
import { Vocabulary } from "./vocabulary.ts";

/** Similarity 1 − d / (length of the longer text), in code points; 1 when both are empty. */
export function levenshtein(): Scorer {
  return defineTextScorer(
    { name: "levenshtein", fingerprint: "levenshtein/v1" },
    (prediction, references) =>
      bestOf(references, (reference) => similarity(prediction, reference)),
  );
}

/** Insertions, deletions and substitutions of code points that turn one text into the other. */
export function levenshteinDistance(a: string, b: string): number {
  return compare(a, b).distance;
}

function similarity(a: string, b: string): number {
  const { distance, longest } = compare(a, b);
  return longest === 0 ? 1 : 1 - distance / longest;
}

function compare(a: string, b: string): { distance: number; longest: number } {
  const vocabulary = new Vocabulary();
  const first = vocabulary.encode(Array.from(a));
  const second = vocabulary.encode(Array.from(b));
  return {
    distance: editDistance(first, second, vocabulary.size),
    longest: Math.max(first.length, second.length),
  };
}
