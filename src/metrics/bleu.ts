import { AssayError } from "../core/errors.ts";
import { type BleuTokenizer, bleuTokens } from "./bleu-tokenizer.ts";
import { ngramCount, ngramMatches } from "./ngram-matches.ts";
import { Vocabulary } from "./vocabulary.ts";

export interface BleuOptions {
  /** What stands for an order without a match. Default `exp`: 1/2 of a match, then 1/4, 1/8 … */
  readonly smoothing?: "none" | "exp" | "floor" | "add-k";
  /** Matches put in by `floor` (default 0.1) or added by `add-k` (default 1). */
  readonly smoothValue?: number;
  /** Leave out the orders for which the prediction is too short. */
  readonly effectiveOrder?: boolean;
  /** Default `13a`. */
  readonly tokenizer?: BleuTokenizer;
  /** Default false. */
  readonly lowercase?: boolean;
  /** Longest n-gram; default 4. */
  readonly maxOrder?: number;
}

export interface BleuScore {
  /** In [0, 100]. */
  readonly score: number;
  /** One for each order, in [0, 100], after smoothing. */
  readonly precisions: readonly number[];
  /** In [0, 1]; below 1 where the predictions are shorter than the references. */
  readonly brevityPenalty: number;
  /** In tokens, as `referenceLength`. */
  readonly predictionLength: number;
  readonly referenceLength: number;
}

/**
 * BLEU of a corpus, as sacrebleu computes it.
 *
 * @param references - For each prediction its references, of which there may be several. (sacrebleu
 *   takes the transpose: one list of all predictions' first references, and so on.)
 * @throws {AssayError} `invalid-argument` where the lists differ in length or a prediction has no
 *   reference.
 * @see Papineni et al. (2002), BLEU; Post (2018), A call for clarity in reporting BLEU scores.
 */
export function corpusBleu(
  predictions: readonly string[],
  references: readonly (readonly string[])[],
  options: BleuOptions = {},
): BleuScore {
  if (predictions.length !== references.length) {
    throw new AssayError(
      "invalid-argument",
      `Expected references for each of ${predictions.length} predictions, got ${references.length}`,
    );
  }
  const total = new BleuTotal(options);
  predictions.forEach((prediction, index) => {
    total.add(prediction, references[index] ?? []);
  });
  return total.score();
}

/** BLEU of one text; unlike for a corpus, `effectiveOrder` is true by default, as in sacrebleu. */
export function sentenceBleu(
  prediction: string,
  references: readonly string[],
  options: BleuOptions = {},
): BleuScore {
  const counts = countMatches(prediction, references, options);
  return bleuOfCounts(counts, { effectiveOrder: true, ...options });
}

/** BLEU of a corpus whose texts come one after the other; keeps counts alone. */
export class BleuTotal {
  readonly #options: BleuOptions;
  #counts: BleuCounts;

  constructor(options: BleuOptions) {
    this.#options = options;
    const zeros: number[] = new Array(options.maxOrder ?? 4).fill(0);
    this.#counts = { matches: zeros, totals: zeros, predictionLength: 0, referenceLength: 0 };
  }

  add(prediction: string, references: readonly string[]): void {
    const { matches, totals, predictionLength, referenceLength } = this.#counts;
    const more = countMatches(prediction, references, this.#options);
    this.#counts = {
      matches: matches.map((count, index) => count + (more.matches[index] ?? 0)),
      totals: totals.map((count, index) => count + (more.totals[index] ?? 0)),
      predictionLength: predictionLength + more.predictionLength,
      referenceLength: referenceLength + more.referenceLength,
    };
  }

  score(): BleuScore {
    return bleuOfCounts(this.#counts, this.#options);
  }
}

interface BleuCounts {
  /** Matched n-grams and n-grams of the predictions, by order from 1. */
  readonly matches: readonly number[];
  readonly totals: readonly number[];
  readonly predictionLength: number;
  readonly referenceLength: number;
}

function countMatches(
  prediction: string,
  references: readonly string[],
  { tokenizer = "13a", lowercase = false, maxOrder = 4 }: BleuOptions,
): BleuCounts {
  if (references.length === 0) {
    throw new AssayError("invalid-argument", "Expected at least one reference, got none");
  }
  const vocabulary = new Vocabulary();
  const encode = (text: string) =>
    vocabulary.encode(bleuTokens(lowercase ? text.toLowerCase() : text, tokenizer));
  const expected = references.map(encode);
  const predicted = encode(prediction);
  return {
    matches: ngramMatches(predicted, expected, maxOrder, vocabulary.size),
    totals: Array.from({ length: maxOrder }, (_, index) => ngramCount(predicted.length, index + 1)),
    predictionLength: predicted.length,
    referenceLength: closestLength(predicted.length, expected),
  };
}

/** Of two lengths that are equally close, the shorter. */
function closestLength(length: number, references: readonly Int32Array[]): number {
  const distance = (reference: number) => Math.abs(reference - length);
  return references
    .map((reference) => reference.length)
    .reduce((best, next) => {
      const difference = distance(next) - distance(best);
      return difference < 0 || (difference === 0 && next < best) ? next : best;
    });
}

function bleuOfCounts(counts: BleuCounts, options: BleuOptions): BleuScore {
  const { matches, totals, predictionLength, referenceLength } = counts;
  const brevityPenalty = brevity(predictionLength, referenceLength);
  const lengths = { brevityPenalty, predictionLength, referenceLength };
  // No smoothing makes a match out of a text that shares nothing.
  if (matches.every((count) => count === 0)) {
    return { score: 0, precisions: totals.map(() => 0), ...lengths };
  }
  const fractions = smoothedPrecisions(matches, totals, options);
  const averaged =
    options.effectiveOrder === true
      ? fractions.filter((_, index) => options.smoothing === "add-k" || (totals[index] ?? 0) > 0)
      : fractions;
  const logMean = averaged.reduce((sum, fraction) => sum + Math.log(fraction), 0) / averaged.length;
  return {
    score: 100 * brevityPenalty * Math.exp(logMean),
    precisions: fractions.map((fraction) => 100 * fraction),
    ...lengths,
  };
}

function smoothedPrecisions(
  matches: readonly number[],
  totals: readonly number[],
  { smoothing = "exp", smoothValue = smoothing === "floor" ? 0.1 : 1 }: BleuOptions,
): number[] {
  let credit = 1;
  return totals.map((total, index) => {
    const matched = matches[index] ?? 0;
    // As in sacrebleu, this reaches orders that the text is too short for as well.
    if (smoothing === "add-k" && index > 0) return (matched + smoothValue) / (total + smoothValue);
    if (total === 0) return 0;
    if (matched > 0) return matched / total;
    if (smoothing === "floor") return smoothValue / total;
    if (smoothing !== "exp") return 0;
    credit /= 2;
    return credit / total;
  });
}

function brevity(predictionLength: number, referenceLength: number): number {
  if (predictionLength >= referenceLength) return 1;
  return predictionLength === 0 ? 0 : Math.exp(1 - referenceLength / predictionLength);
}
